package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.processor.aggregate.jdbc.JdbcAggregationRepository;
import org.apache.camel.processor.aggregate.jdbc.PostgresAggregationRepository;
import org.apache.camel.processor.idempotent.jdbc.JdbcMessageIdRepository;
import org.apache.camel.util.concurrent.SynchronousExecutorService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** Camel's repositories in the database of the messages are part of the route's transaction: a rollback undoes what they keep. */
class RepositoriesTest extends CamelTest {
    private static final String FAST = "?redelivery.redeliveryDelay=1&redelivery.maximumRedeliveries=20";

    @BeforeEach
    void tables() {
        sql.execute("DROP TABLE IF EXISTS camel_messageprocessed, totals, totals_completed");
        sql.execute("CREATE TABLE totals (id varchar(255) PRIMARY KEY, exchange bytea, version bigint)");
        sql.execute("CREATE TABLE totals_completed (id varchar(255) PRIMARY KEY, exchange bytea, version bigint)");
    }

    private int rows(String table) {
        return sql.queryForObject("SELECT count(*) FROM " + table, Integer.class);
    }

    @Test
    void aRollbackUndoesTheKeyAndADuplicateIsLeftOut() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        start(routes -> routes.from("sqlmq:in" + FAST)
                .idempotentConsumer(routes.header("orderId"), new JdbcMessageIdRepository(dataSource, "orders"))
                .removeOnFailure(false)
                .to("sqlmq:out")
                .process(exchange -> {
                    assertThat(rows("camel_messageprocessed")).isZero();
                    if (runs.incrementAndGet() == 1) {
                        throw new IllegalStateException("once");
                    }
                }));
        template.sendBodyAndHeader("sqlmq:in", "a", "orderId", "1");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(rows("camel_messageprocessed")).isEqualTo(1));
        template.sendBodyAndHeader("sqlmq:in", "again", "orderId", "1");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("in")).isZero());
        assertThat(count("out")).isEqualTo(1);
        assertThat(count("DLQ")).isZero();
        assertThat(runs).hasValue(2);
    }

    @Test
    void ofTwoThatComeAtTheSameTimeOneIsLeftOutQuietly() throws Exception {
        Logged logged = new Logged();
        CyclicBarrier both = new CyclicBarrier(2);
        start(routes -> routes.from("sqlmq:in" + FAST + "&concurrentConsumers=2")
                .process(exchange -> {
                    if (exchange.getMessage().getHeader(SqlmqConstants.DELIVERY_COUNT, Integer.class) == 1) {
                        both.await(30, TimeUnit.SECONDS);
                    }
                })
                .idempotentConsumer(routes.header("orderId"), new JdbcMessageIdRepository(dataSource, "orders"))
                .removeOnFailure(false)
                .to("sqlmq:out"));
        template.sendBodyAndHeader("sqlmq:in", "a", "orderId", "1");
        template.sendBodyAndHeader("sqlmq:in", "b", "orderId", "1");
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(count("in")).isZero();
            assertThat(count("out")).isEqualTo(1);
        });
        assertThat(count("DLQ")).isZero();
        assertThat(rows("camel_messageprocessed")).isEqualTo(1);
        assertThat(logged.end()).isEmpty();
    }

    private static final AggregationStrategy JOINED = (before, next) -> {
        if (before == null) {
            return next;
        }
        before.getMessage()
                .setBody(before.getMessage().getBody(String.class)
                        + next.getMessage().getBody(String.class));
        return before;
    };

    private JdbcAggregationRepository totals() {
        JdbcAggregationRepository repository =
                new PostgresAggregationRepository(new DataSourceTransactionManager(dataSource), "totals", dataSource);
        repository.setUseRecovery(false);
        return repository;
    }

    @Test
    void aRollbackUndoesWhatWasAggregated() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        start(routes -> routes.from("sqlmq:in" + FAST)
                .aggregate(routes.header("customer"), JOINED)
                .completionSize(3)
                .aggregationRepository(totals())
                .executorService(new SynchronousExecutorService())
                .to("sqlmq:out")
                .end()
                .process(exchange -> {
                    // The second and, with what came of the whole, the third fail once.
                    int run = runs.incrementAndGet();
                    if (run == 2 || run == 4) {
                        throw new IllegalStateException("run " + run);
                    }
                }));
        for (String body : List.of("a", "b", "c")) {
            template.sendBodyAndHeader("sqlmq:in", body, "customer", "1");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(count("in")).isZero());
        }
        assertThat(runs).hasValue(5);
        assertThat(outside.admin().browse("out", 9)).hasSize(1);
        assertThat(outside.admin().browse("out", 9).get(0).getBody(String.class))
                .isEqualTo("abc");
        assertThat(rows("totals")).isZero();
        assertThat(rows("totals_completed")).isZero();
    }

    @Test
    void whatIsIncompleteWaitsForTheNextProcess() throws Exception {
        start(routes -> routes.from("sqlmq:in" + FAST)
                .aggregate(routes.header("customer"), JOINED)
                .completionSize(2)
                .aggregationRepository(totals())
                .to("mock:out"));
        template.sendBodyAndHeader("sqlmq:in", "a", "customer", "1");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(rows("totals")).isEqualTo(1));
        stop();
        context();
        start(routes -> routes.from("sqlmq:in" + FAST)
                .aggregate(routes.header("customer"), JOINED)
                .completionSize(2)
                .aggregationRepository(totals())
                .to("mock:out"));
        mock("out").expectedBodiesReceived("ab");
        template.sendBodyAndHeader("sqlmq:in", "b", "customer", "1");
        satisfied();
    }
}
