package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class IdleRoutesTest extends CamelTest {
    private static final int ROUTES = 100;

    @Test
    void aHundredIdleRoutesHoldFewConnectionsAndAskFewerThanFiveTimesASecond() throws Exception {
        context.getComponent("sqlmq", SqlmqComponent.class).setReceiveTimeout(1000);
        start(routes -> {
            for (int i = 0; i < ROUTES; i++) {
                routes.from("sqlmq:idle" + i + (i % 2 == 0 ? "" : "?transacted=false"))
                        .to("sql:SELECT 1")
                        .to("mock:out");
            }
        });
        // The first looks of all take a moment. Later each consumer knows that its queue is empty.
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(transactionsWithin(Duration.ofSeconds(4))).isLessThan(20));
        assertThat(dataSource.getHikariPoolMXBean().getActiveConnections()).isLessThanOrEqualTo(5);
    }

    private long transactionsWithin(Duration time) throws InterruptedException {
        long before = transactions();
        Thread.sleep(time.toMillis());
        return transactions() - before - 1;
    }

    private long transactions() {
        return sql.queryForObject(
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()",
                Long.class);
    }
}
