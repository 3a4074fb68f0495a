package io.sqlmq.camel;

import static org.apache.camel.builder.Builder.body;
import static org.apache.camel.builder.Builder.constant;
import static org.apache.camel.builder.Builder.simple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.util.concurrent.SynchronousExecutorService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever patterns a route is made of: what they write and send is in the one transaction of the route. */
class StepsInTransactionTest extends CamelTest {
    private static final Duration IN_TIME = Duration.ofSeconds(30);
    private static final String EACH = "direct:each";

    private final AtomicInteger runs = new AtomicInteger();

    /** What a route does with the body "a,b", so that both letters are written and sent once. */
    static Stream<Arguments> steps() {
        return Stream.of(
                steps("split", route -> route.split(body().tokenize(",")).to(EACH)),
                steps(
                        "split streaming",
                        route -> route.split(body().tokenize(",")).streaming().to(EACH)),
                steps("multicast", route -> route.multicast().to("direct:a", "direct:b")),
                steps("recipient list", route -> route.recipientList(constant("direct:a,direct:b"))),
                steps("routing slip", route -> route.routingSlip(constant("direct:a,direct:b"))),
                steps(
                        "loop",
                        route -> route.setBody(constant(""))
                                .loop(2)
                                .transform(simple("letter ${exchangeProperty.CamelLoopIndex}"))
                                .to(EACH)),
                steps("enrich", route -> route.enrich("direct:a").to("direct:b")),
                steps(
                        "dynamic",
                        route -> route.setBody(constant("a"))
                                .toD("direct:${body}")
                                .setBody(constant("b"))
                                .toD("direct:${body}")),
                steps(
                        "caught",
                        route -> route.doTry()
                                .throwException(new IllegalStateException("caught"))
                                .doCatch(IllegalStateException.class)
                                .to("direct:a", "direct:b")
                                .end()),
                steps(
                        "delayed",
                        route -> route.delay(20).to("direct:a").delay(20).to("direct:b")),
                steps(
                        "asynchronous",
                        route -> route.process(new Elsewhere())
                                .to("direct:a")
                                .process(new Elsewhere())
                                .to("direct:b")),
                steps(
                        "aggregated",
                        route -> route.split(body().tokenize(","))
                                .aggregate(constant(true), (old, exchange) -> exchange)
                                .completionSize(1)
                                .executorService(
                                        new SynchronousExecutorService()) // by itself it would go on by another thread
                                .to(EACH)));
    }

    private static Arguments steps(String name, Consumer<RouteDefinition> steps) {
        return Arguments.of(Named.of(name, steps));
    }

    /** Goes on by another thread. */
    private static final class Elsewhere extends AsyncProcessorSupport {
        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> callback.done(false));
            return false;
        }
    }

    @BeforeEach
    void letters() {
        sql.execute("CREATE TABLE IF NOT EXISTS letters (letter text PRIMARY KEY)");
        sql.execute("TRUNCATE letters");
        runs.set(0);
    }

    private int stored() {
        return sql.queryForObject("SELECT count(*) FROM letters", Integer.class);
    }

    private void failsOnce(Exchange exchange) throws Exception {
        assertThat(stored()).isZero();
        assertThat(count("out")).isZero();
        if (runs.getAndIncrement() == 0) {
            throw new IllegalStateException("once");
        }
    }

    @ParameterizedTest
    @MethodSource("steps")
    void whatStepsDoIsPartOfTheTransaction(Consumer<RouteDefinition> steps) throws Exception {
        start(routes -> {
            routes.from("direct:a").setBody(routes.constant("a")).to(EACH);
            routes.from("direct:b").setBody(routes.constant("b")).to(EACH);
            routes.from(EACH)
                    .to("sql:INSERT INTO letters (letter) VALUES (:#${body})")
                    .to(ExchangePattern.InOnly, "sqlmq:out"); // to enrich is to ask
            routes.from("sqlmq:in?redelivery.initialRedeliveryDelay=10")
                    .to("direct:steps")
                    .process(this::failsOnce);
            steps.accept(routes.from("direct:steps"));
        });
        template.sendBody("sqlmq:in", "a,b");
        await().atMost(IN_TIME).untilAsserted(() -> assertThat(count("out")).isEqualTo(2));
        assertThat(stored()).isEqualTo(2);
        assertThat(runs).hasValue(2);
        assertThat(count("in")).isZero();
        assertThat(count("DLQ")).isZero();
    }

    @Test
    void whatARoutePollsIsPartOfTheTransaction() throws Exception {
        start(routes -> routes.from("sqlmq:in?redelivery.initialRedeliveryDelay=10")
                .pollEnrich("sqlmq:more", 5_000)
                .to("sql:INSERT INTO letters (letter) VALUES (:#${body})")
                .to("sqlmq:out")
                .process(this::failsOnce));
        template.sendBody("sqlmq:more", "a");
        template.sendBody("sqlmq:in", "in");
        await().atMost(IN_TIME).untilAsserted(() -> assertThat(count("out")).isEqualTo(1));
        assertThat(sql.queryForList("SELECT letter FROM letters", String.class)).containsExactly("a");
        assertThat(count("more")).isZero();
        assertThat(count("DLQ")).isZero();
    }
}
