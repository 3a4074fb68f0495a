package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest extends CamelTest {
    private static final String BATCHES = "sqlmq:in?batchSize=10";

    private final List<List<?>> batches = new CopyOnWriteArrayList<>();

    @BeforeEach
    void table() {
        batches.clear();
        sql.execute("CREATE TABLE IF NOT EXISTS bodies (body text)");
        sql.execute("TRUNCATE bodies");
    }

    private static List<?> bodies(Exchange exchange) {
        return exchange.getMessage().getBody(List.class);
    }

    private void send(int number) {
        for (int i = 0; i < number; i++) {
            template.sendBody("sqlmq:in", "m" + i);
        }
    }

    private void untilStored(int number) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(sql.queryForObject("SELECT count(*) FROM bodies", Integer.class))
                        .isEqualTo(number));
    }

    @Test
    void messagesComeTogetherInOrderAndAreStoredByOneStatement() throws Exception {
        start(routes -> routes.from(BATCHES)
                .autoStartup(false)
                .routeId("batches")
                .process(exchange -> batches.add(bodies(exchange)))
                .to("sql:INSERT INTO bodies VALUES (#)?batch=true"));
        send(25);
        context.getRouteController().startRoute("batches");
        untilStored(25);
        List<Object> all = new ArrayList<>();
        batches.forEach(all::addAll);
        assertThat(all).startsWith("m0", "m1", "m2").endsWith("m24").hasSize(25);
        assertThat(batches).hasSize(3).allSatisfy(batch -> assertThat(batch).hasSizeLessThanOrEqualTo(10));
        assertThat(count("in")).isZero();
    }

    @Test
    void fewerAreNotWaitedForLongAndTheirHeadersCome() throws Exception {
        mock("out").expectedMessageCount(1);
        start(routes -> routes.from(BATCHES).to("mock:out"));
        template.sendBodyAndHeader("sqlmq:in", "alone", "colour", "red");
        satisfied();
        assertThat((Object) bodies(mock("out").getReceivedExchanges().get(0))).isEqualTo(List.of("alone"));
        List<?> headers = mock("out")
                .getReceivedExchanges()
                .get(0)
                .getMessage()
                .getHeader(SqlmqConstants.BATCH_HEADERS, List.class);
        assertThat((Object) ((Map<?, ?>) headers.get(0)).get("colour")).isEqualTo("red");
    }

    @Test
    void ofAFailedBatchOnlyTheMessageThatFailsAgainBecomesADeadLetter() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        start(routes -> routes.from(BATCHES + "&redelivery.maximumRedeliveries=1")
                .autoStartup(false)
                .routeId("batches")
                .to("sql:INSERT INTO bodies VALUES (#)?batch=true")
                .process(exchange -> {
                    runs.incrementAndGet();
                    if (bodies(exchange).contains("m3")) {
                        throw new IllegalStateException("m3 is bad");
                    }
                }));
        send(6);
        context.getRouteController().startRoute("batches");
        untilStored(5);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("DLQ")).isEqualTo(1));
        assertThat(outside.admin().browse("DLQ", 1).get(0).getStringProperty(SqlmqConstants.DEAD_LETTER_ERROR))
                .endsWith("m3 is bad");
        assertThat(runs).hasValue(7);
    }

    @Test
    void concurrentBatchesKeepTheOrderOfGroups() throws Exception {
        List<Object> seen = new CopyOnWriteArrayList<>();
        start(routes -> routes.from(BATCHES + "&concurrentConsumers=3&batchTimeout=20")
                .process(exchange -> seen.addAll(bodies(exchange)))
                .to("sql:INSERT INTO bodies VALUES (#)?batch=true"));
        for (int i = 0; i < 30; i++) {
            template.sendBodyAndHeader(
                    "sqlmq:in", (i % 2 == 0 ? "a" : "b") + (char) ('A' + i), "JMSXGroupID", i % 2 == 0 ? "a" : "b");
        }
        untilStored(30);
        assertThat(seen.stream()
                        .map(Object::toString)
                        .filter(body -> body.startsWith("a"))
                        .toList())
                .isSorted()
                .hasSize(15);
        assertThat(seen.stream()
                        .map(Object::toString)
                        .filter(body -> body.startsWith("b"))
                        .toList())
                .isSorted()
                .hasSize(15);
    }

    @Test
    void withoutATransactionTheyAreRefused() {
        assertThatThrownBy(() -> start(
                        routes -> routes.from(BATCHES + "&transacted=false").to("mock:out")))
                .hasMessageContaining("batchSize or transacted=false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"batchSize", "batchTimeout"})
    void lessThanNothingIsRefused(String option) {
        assertThatThrownBy(() -> start(
                        routes -> routes.from("sqlmq:in?" + option + "=-1").to("mock:out")))
                .hasStackTraceContaining(option + " is 0 or more: -1");
    }

    @Test
    void withAnotherKindOfConsumerTheyAreRefused() {
        assertThatThrownBy(() -> start(
                        routes -> routes.from(BATCHES + "&consumerType=Simple").to("mock:out")))
                .hasMessageContaining("batchSize or consumerType");
    }
}
