package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a message whose route fails, and who decides. */
class FailureTest extends CamelTest {
    private static final String TWICE = "sqlmq:in?redelivery.maximumRedeliveries=1&redelivery.initialRedeliveryDelay=0";

    private Map<String, Object> deadLetter() throws Exception {
        satisfied();
        return mock("dead").getReceivedExchanges().get(0).getMessage().getHeaders();
    }

    @Test
    void aDeadLetterSaysWhatTheRouteThrew() throws Exception {
        mock("dead").expectedBodiesReceived("a");
        List<Object> counts = new CopyOnWriteArrayList<>();
        List<Object> reasons = new CopyOnWriteArrayList<>();
        start(routes -> {
            routes.from("sqlmq:DLQ").to("mock:dead");
            routes.from(TWICE).process(exchange -> {
                counts.add(exchange.getMessage().getHeader(SqlmqConstants.DELIVERY_COUNT));
                reasons.add(exchange.getMessage().getHeader(SqlmqConstants.LAST_ERROR, "none", String.class));
                throw new IOException("disk is full");
            });
        });
        template.sendBody("sqlmq:in", "a");
        assertThat(deadLetter())
                .containsEntry(SqlmqConstants.DEAD_LETTER_ORIGIN, "in")
                .containsEntry(SqlmqConstants.DEAD_LETTER_ATTEMPTS, 2)
                .containsEntry(SqlmqConstants.DEAD_LETTER_ERROR, "java.io.IOException: disk is full")
                .containsKey(SqlmqConstants.DEAD_LETTER_REASON);
        assertThat(counts).containsExactly(1, 2);
        assertThat(reasons).containsExactly("none", "java.io.IOException: disk is full");
    }

    @ParameterizedTest
    @ValueSource(strings = {"transacted=false&acknowledgementModeName=CLIENT_ACKNOWLEDGE", "consumerType=Simple"})
    void alsoOutsideOfTransactionsOfSpring(String options) throws Exception {
        mock("dead").expectedMessageCount(1);
        start(routes -> {
            routes.from("sqlmq:DLQ").to("mock:dead");
            routes.from(TWICE + "&" + options).process(exchange -> {
                throw new IOException("disk is full");
            });
        });
        template.sendBody("sqlmq:in", "a");
        assertThat(deadLetter()).containsEntry(SqlmqConstants.DEAD_LETTER_ERROR, "java.io.IOException: disk is full");
    }

    @Test
    void andWhatWasCaughtBeforeARollback() throws Exception {
        mock("dead").expectedMessageCount(1);
        start(routes -> {
            routes.from("sqlmq:DLQ").to("mock:dead");
            routes.from(TWICE)
                    .onException(IOException.class)
                    .handled(true)
                    .markRollbackOnly()
                    .end()
                    .process(exchange -> {
                        throw new IOException("disk is full");
                    });
        });
        template.sendBody("sqlmq:in", "a");
        assertThat(deadLetter()).containsEntry(SqlmqConstants.DEAD_LETTER_ERROR, "java.io.IOException: disk is full");
    }

    /** The route's own transaction is the last, unless the route has begun another by transacted(). */
    @ParameterizedTest
    @ValueSource(strings = {"", "&batchSize=5"})
    void soDoesAMarkOfTheLastTransaction(String options) throws Exception {
        mock("dead").expectedMessageCount(1);
        start(routes -> {
            routes.from("sqlmq:DLQ").to("mock:dead");
            routes.from(TWICE + options)
                    .onException(IOException.class)
                    .handled(true)
                    .markRollbackOnlyLast()
                    .end()
                    .to(ExchangePattern.InOnly, "sqlmq:out?jmsMessageType=Text")
                    .process(exchange -> {
                        throw new IOException("disk is full");
                    });
        });
        template.sendBody("sqlmq:in", "a");
        assertThat(deadLetter()).containsEntry(SqlmqConstants.DEAD_LETTER_ERROR, "java.io.IOException: disk is full");
        assertThat(count("out")).isZero();
    }

    @Test
    void whatCamelHandlesIsCommitted() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        mock("handled").expectedBodiesReceived("a");
        start(routes -> routes.from("sqlmq:in")
                .onException(IOException.class)
                .handled(true)
                .to("sqlmq:handled")
                .to("mock:handled")
                .end()
                .process(exchange -> {
                    runs.incrementAndGet();
                    throw new IOException("disk is full");
                }));
        template.sendBody("sqlmq:in", "a");
        satisfied();
        await().untilAsserted(() -> assertThat(count("handled")).isEqualTo(1));
        assertThat(count("in")).isZero();
        assertThat(count("DLQ")).isZero();
        assertThat(runs).hasValue(1);
    }

    @Test
    void camelsRedeliveryComesFirstAndWithinOneDelivery() throws Exception {
        mock("dead").expectedMessageCount(1);
        List<Object> counts = new CopyOnWriteArrayList<>();
        start(routes -> {
            routes.from("sqlmq:DLQ").to("mock:dead");
            routes.from(TWICE)
                    .onException(IOException.class)
                    .maximumRedeliveries(2)
                    .redeliveryDelay(1)
                    .end()
                    .process(exchange -> {
                        counts.add(exchange.getMessage().getHeader(SqlmqConstants.DELIVERY_COUNT));
                        throw new IOException("disk is full");
                    });
        });
        template.sendBody("sqlmq:in", "a");
        assertThat(deadLetter()).containsEntry(SqlmqConstants.DEAD_LETTER_ATTEMPTS, 2);
        assertThat(counts).containsExactly(1, 1, 1, 2, 2, 2);
    }

    @Test
    void camelsDeadLetterChannelTakesTheMessageInTheSameTransaction() throws Exception {
        mock("dead").expectedBodiesReceived("a");
        start(routes -> {
            routes.errorHandler(routes.deadLetterChannel("sqlmq:failed").maximumRedeliveries(0));
            routes.from("sqlmq:failed").to("mock:dead");
            routes.from("sqlmq:in").to("sqlmq:out").process(exchange -> {
                throw new IOException("disk is full");
            });
        });
        template.sendBody("sqlmq:in", "a");
        satisfied();
        assertThat(count("DLQ")).isZero();
        assertThat(count("out")).isEqualTo(1); // handled: what the route had sent before is committed
    }

    @Test
    void aPolicyOfTheMessageHoldsBeforeThatOfTheQueue() throws Exception {
        mock("dead").expectedMessageCount(1);
        AtomicInteger runs = new AtomicInteger();
        start(routes -> {
            routes.from("sqlmq:DLQ").to("mock:dead");
            routes.from("sqlmq:in?redelivery.maximumRedeliveries=5").process(exchange -> {
                runs.incrementAndGet();
                throw new IOException("disk is full");
            });
        });
        template.send(
                "sqlmq:in?redelivery.maximumRedeliveries=0",
                ExchangePattern.InOnly,
                (Exchange exchange) -> exchange.getMessage().setBody("a"));
        satisfied();
        assertThat(runs).hasValue(1);
    }
}
