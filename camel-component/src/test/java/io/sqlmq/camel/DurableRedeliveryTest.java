package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With the option a message waits in its row where Camel would repeat a step in memory, and Camel decides after how many deliveries. */
class DurableRedeliveryTest extends CamelTest {
    private static final String FROM = "sqlmq:in?durableRedelivery=true&redelivery.redeliveryDelay=1";

    private final List<Object> deliveries = new CopyOnWriteArrayList<>();

    @BeforeEach
    void clear() {
        deliveries.clear();
    }

    /** Fails, and notes which delivery it was. */
    private final Processor failing = exchange -> {
        deliveries.add(exchange.getMessage().getHeader(SqlmqConstants.DELIVERY_COUNT));
        throw new IOException("disk is full");
    };

    private void deadLetters(int number) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("DLQ")).isEqualTo(number));
    }

    @Test
    void onExceptionHandlesAfterThatManyDeliveriesWhatTheLastOneDid() throws Exception {
        mock("handled").expectedBodiesReceived("a");
        start(routes -> routes.from(FROM)
                .onException(IOException.class)
                .maximumRedeliveries(2)
                .redeliveryDelay(3_600_000)
                .handled(true)
                .to("sqlmq:handled")
                .to("mock:handled")
                .end()
                .to("sqlmq:out")
                .process(failing));
        template.sendBody("sqlmq:in", "a");
        satisfied();
        await().untilAsserted(() -> assertThat(count("handled")).isEqualTo(1));
        assertThat(deliveries).containsExactly(1, 2, 3);
        assertThat(count("out")).isEqualTo(1); // the first two were rolled back
        assertThat(count("in") + count("DLQ")).isZero();
    }

    @Test
    void aDeadLetterChannelTakesTheMessageAfterThatManyDeliveriesAlsoInRoutesThatAreCalled() throws Exception {
        mock("dead").expectedBodiesReceived("a");
        start(routes -> {
            routes.errorHandler(routes.deadLetterChannel("mock:dead").maximumRedeliveries(1));
            routes.from("direct:work").process(failing);
            routes.from(FROM).to("direct:work").to("sqlmq:out");
        });
        template.sendBody("sqlmq:in", "a");
        satisfied();
        await().untilAsserted(() -> assertThat(count("in")).isZero());
        assertThat(deliveries).containsExactly(1, 2);
        assertThat(count("DLQ")).isZero();
    }

    @Test
    void whatCamelDoesNotHandleGoesOnByTheRowsPolicy() throws Exception {
        start(routes -> {
            routes.errorHandler(routes.defaultErrorHandler().maximumRedeliveries(1));
            routes.from(FROM + "&redelivery.maximumRedeliveries=2").process(failing);
        });
        template.sendBody("sqlmq:in", "a");
        deadLetters(1);
        assertThat(deliveries).containsExactly(1, 2, 3);
        assertThat(outside.admin().browse("DLQ", 1).get(0).getStringProperty(SqlmqConstants.DEAD_LETTER_ERROR))
                .isEqualTo("java.io.IOException: disk is full");
    }

    @Test
    void theRowsPolicyEndsCamelsThatHasMore() throws Exception {
        start(routes -> {
            routes.errorHandler(routes.defaultErrorHandler().maximumRedeliveries(-1));
            routes.from(FROM + "&redelivery.maximumRedeliveries=1").process(failing);
        });
        template.sendBody("sqlmq:in", "a");
        deadLetters(1);
        assertThat(deliveries).containsExactly(1, 2);
        assertThat(outside.admin().browse("DLQ", 1).get(0).getStringProperty(SqlmqConstants.DEAD_LETTER_ERROR))
                .isEqualTo("java.io.IOException: disk is full");
    }

    @Test
    void aFailedPartOfASplitMessageFailsTheWhole() throws Exception {
        start(routes -> {
            routes.errorHandler(routes.defaultErrorHandler().maximumRedeliveries(3));
            routes.from(FROM)
                    .split(routes.body().tokenize(","))
                    .process(exchange -> {
                        Object delivery = exchange.getMessage().getHeader(SqlmqConstants.DELIVERY_COUNT);
                        if ("b".equals(exchange.getMessage().getBody())
                                && !Integer.valueOf(3).equals(delivery)) {
                            failing.process(exchange);
                        }
                    })
                    .to("sqlmq:out")
                    .end();
        });
        template.sendBody("sqlmq:in", "a,b,c");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("out")).isEqualTo(3));
        assertThat(deliveries).containsExactly(1, 2);
    }

    @Test
    void batchesToo() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        mock("failed").expectedMessageCount(1);
        start(routes -> {
            routes.errorHandler(routes.deadLetterChannel("mock:failed").maximumRedeliveries(1));
            routes.from(FROM + "&batchSize=10")
                    .routeId("batches")
                    .autoStartup(false)
                    .process(exchange -> {
                        runs.incrementAndGet();
                        if (exchange.getMessage().getBody(List.class).contains("bad")) {
                            throw new IOException("disk is full");
                        }
                    });
        });
        for (String body : List.of("a", "bad", "c")) {
            template.sendBody("sqlmq:in", body);
        }
        context.getRouteController().startRoute("batches");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("in")).isZero());
        satisfied();
        assertThat(mock("failed").getReceivedExchanges().get(0).getMessage().getBody(String.class))
                .isEqualTo("[bad]");
        assertThat(runs).hasValue(4); // three together, then each alone
        assertThat(count("DLQ")).isZero();
    }

    @Test
    void stepsOfOtherThreadsAndOfOtherConsumersAreRepeatedInMemory() throws Exception {
        mock("done").expectedMessageCount(2);
        AtomicInteger other = new AtomicInteger();
        Processor once = exchange -> {
            deliveries.add(exchange.getMessage().getHeader(SqlmqConstants.DELIVERY_COUNT));
            if (other.getAndIncrement() % 2 == 0) {
                throw new IOException("once");
            }
        };
        start(routes -> {
            routes.errorHandler(
                    routes.defaultErrorHandler().maximumRedeliveries(1).redeliveryDelay(1));
            routes.from("direct:work").process(once).to("mock:done");
            routes.from(FROM).routeId("durable").to("direct:work");
            routes.from("sqlmq:plain").to("direct:work");
        });
        // It finds out by its routes, which must not gather more with each start.
        context.getRouteController().stopRoute("durable");
        context.getRouteController().startRoute("durable");
        template.sendBody("sqlmq:plain", "a");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(deliveries).containsExactly(1, 1));
        template.sendBody("sqlmq:in", "b");
        satisfied();
        assertThat(deliveries).containsExactly(1, 1, 1, 2);
    }

    @Test
    void whatAStepOnAnotherThreadThrowsIsCamels() throws Exception {
        mock("done").expectedMessageCount(1);
        start(routes -> {
            routes.errorHandler(
                    routes.defaultErrorHandler().maximumRedeliveries(1).redeliveryDelay(1));
            routes.from("direct:aside")
                    .process((Exchange exchange) -> {
                        deliveries.add(exchange.getMessage().getHeader(SqlmqConstants.DELIVERY_COUNT));
                        if (deliveries.size() == 1) {
                            throw new IOException("once");
                        }
                    })
                    .to("mock:done");
            routes.from(FROM).wireTap("direct:aside").to("sqlmq:out");
        });
        template.sendBody("sqlmq:in", "a");
        satisfied();
        assertThat(deliveries).containsExactly(1, 1);
    }

    @Test
    void withoutATransactionItIsRefused() {
        assertThatThrownBy(() ->
                        start(routes -> routes.from(FROM + "&transacted=false").to("mock:out")))
                .hasMessageContaining("durableRedelivery or transacted=false");
    }
}
