package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing is lost and nothing doubled when routes are stopped, suspended, or cut off. */
class LifecycleTest extends CamelTest {
    private static final int MESSAGES = 400;

    private final List<Object> deliveries = new CopyOnWriteArrayList<>();

    @BeforeEach
    void route() throws Exception {
        deliveries.clear();
        sql.execute("DROP TABLE IF EXISTS handled");
        sql.execute("CREATE TABLE handled (body text)");
        start(routes -> routes.from("sqlmq:in?concurrentConsumers=2")
                .routeId("worker")
                .process(exchange -> {
                    deliveries.add(exchange.getMessage().getHeader(SqlmqConstants.DELIVERY_COUNT));
                    Thread.sleep(2);
                })
                .to("sql:INSERT INTO handled VALUES (:#${body})")
                .to("sqlmq:out"));
        for (int i = 0; i < MESSAGES; i++) {
            template.sendBody("sqlmq:in", "m" + i);
        }
    }

    private void allOnce() {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(count("out")).isEqualTo(MESSAGES));
        assertThat(sql.queryForObject("SELECT count(DISTINCT body) FROM handled", Integer.class))
                .isEqualTo(MESSAGES);
        assertThat(sql.queryForObject("SELECT count(*) FROM handled", Integer.class))
                .isEqualTo(MESSAGES);
        assertThat(count()).isZero();
    }

    private long count() {
        return sql.queryForObject("SELECT count(*) FROM mq_msgs WHERE channel_name IN ('in', 'DLQ')", Long.class);
    }

    private void untilHandled(int number) {
        await().atMost(Duration.ofSeconds(60)).until(() -> deliveries.size() >= number);
    }

    @Test
    void suspendedAndResumedUnderLoad() throws Exception {
        for (int i = 1; i <= 3; i++) {
            untilHandled(i * 60);
            context.getRouteController().suspendRoute("worker");
            int received = deliveries.size();
            await().during(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(deliveries).hasSize(received));
            assertThat(received).isLessThan(MESSAGES);
            context.getRouteController().resumeRoute("worker");
        }
        allOnce();
        assertThat(deliveries).containsOnly(1);
    }

    @Test
    void stoppedAndStartedUnderLoad() throws Exception {
        for (int i = 1; i <= 3; i++) {
            untilHandled(i * 60);
            context.getRouteController().stopRoute("worker");
            context.getRouteController().startRoute("worker");
        }
        allOnce();
        assertThat(deliveries).containsOnly(1);
    }

    @Test
    void cutOffUnderLoad() {
        untilHandled(60);
        sql.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
        allOnce();
    }
}
