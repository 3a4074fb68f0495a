package io.sqlmq.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SqlmqTest
@Timeout(60)
class SqlmqMetricsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @JdbcUrl
    String url;

    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
    private SqlmqConnectionFactory factory;

    @BeforeEach
    void makes() {
        factory = new SqlmqConnectionFactory(
                url + "&sqlmq.initialRedeliveryDelay=0&sqlmq.maximumRedeliveries=1&sqlmq.deadLetterQueue=dead");
    }

    @AfterEach
    void closes() throws Exception {
        factory.admin().purge("dead");
        factory.close();
    }

    private double count(SqlmqMeter meter, String... tags) {
        return registry.get(meter.meterName()).tags(tags).counter().count();
    }

    private double gauge(SqlmqMeter meter, String... tags) {
        return registry.get(meter.meterName()).tags(tags).gauge().value();
    }

    private static void send(JMSContext context, Queue queue, int messages) {
        for (int i = 0; i < messages; i++) {
            context.createProducer().send(queue, "text");
        }
    }

    @Test
    void anHourOfWorkIsCounted() {
        new SqlmqMetrics(factory).bindTo(registry);
        assertThat(gauge(SqlmqMeter.WINDOWS)).isZero();
        for (int quarter = 0; quarter < 4; quarter++) {
            try (JMSContext context = factory.createContext(JMSContext.SESSION_TRANSACTED)) {
                Queue queue = context.createQueue("orders");
                send(context, queue, 5);
                context.commit();
                JMSConsumer consumer = context.createConsumer(queue);
                consumer.receive(10_000);
                assertThat(gauge(SqlmqMeter.WINDOWS)).isEqualTo(1);
                assertThat(gauge(SqlmqMeter.POOL_ACTIVE, "pool", "sessions")).isEqualTo(1);
                context.rollback();
                for (int i = 0; i < 4; i++) {
                    consumer.receive(10_000);
                    context.commit();
                }
                consumer.receive(10_000);
                context.rollback();
                consumer.receive(10_000);
                context.rollback();
            }
            clock.add(15, TimeUnit.MINUTES);
        }
        String[] orders = {"destination", "orders"};
        assertThat(count(SqlmqMeter.SENT, orders)).isEqualTo(20);
        assertThat(count(SqlmqMeter.ACKNOWLEDGED, orders)).isEqualTo(16);
        assertThat(count(SqlmqMeter.ROLLED_BACK, orders)).isEqualTo(12);
        assertThat(count(SqlmqMeter.DEAD_LETTERED, orders)).isEqualTo(4);
        assertThat(count(SqlmqMeter.DELIVERED, orders)).isEqualTo(28);
        assertThat(count(SqlmqMeter.REDELIVERED, orders)).isEqualTo(8);
        assertThat(registry.get(SqlmqMeter.PROCESSING.meterName())
                        .tags("destination", "orders", "outcome", "acknowledged")
                        .timer()
                        .count())
                .isEqualTo(16);
        assertThat(registry.get(SqlmqMeter.WAIT.meterName())
                        .tags(orders)
                        .timer()
                        .takeSnapshot()
                        .histogramCounts())
                .isNotEmpty();
        assertThat(gauge(SqlmqMeter.WINDOWS)).isZero();
        assertThat(gauge(SqlmqMeter.OUTAGE)).isZero();
    }

    @Test
    void whoWaitedAndWhatWasCommittedTogether() {
        new SqlmqMetrics(factory).bindTo(registry);
        try (JMSContext context = factory.createContext();
                JMSContext listening = factory.createContext()) {
            listening.createConsumer(listening.createQueue("heard")).setMessageListener(message -> {});
            await().atMost(LONG).until(() -> gauge(SqlmqMeter.WAITING) == 1);
            send(context, context.createQueue("heard"), 1);
            await().atMost(LONG)
                    .until(() ->
                            registry
                                    .find(SqlmqMeter.ACKNOWLEDGED.meterName())
                                    .tags("destination", "heard")
                                    .counters()
                                    .stream()
                                    .anyMatch(counter -> counter.count() == 1));
        }
        assertThat(registry.get(SqlmqMeter.WAKEUP.meterName()).timer().count()).isEqualTo(1);
        assertThat(registry.get(SqlmqMeter.SEND_GROUP.meterName()).summary().totalAmount())
                .isEqualTo(1);
    }

    @Test
    void theNumberOfDestinationsIsBounded() {
        new SqlmqMetrics(factory, Tags.of("factory", "shop")).maxDestinations(2).bindTo(registry);
        try (JMSContext context = factory.createContext()) {
            for (int i = 0; i < 10; i++) {
                send(context, context.createQueue("queue-" + i), 1);
            }
            send(context, context.createTemporaryQueue(), 3);
        }
        assertThat(registry.find(SqlmqMeter.SENT.meterName()).counters()).hasSize(4);
        assertThat(count(SqlmqMeter.SENT, "factory", "shop", "destination", "queue-1"))
                .isEqualTo(1);
        assertThat(count(SqlmqMeter.SENT, "factory", "shop", "destination", "other"))
                .isEqualTo(8);
        assertThat(count(SqlmqMeter.SENT, "factory", "shop", "destination", "temporary"))
                .isEqualTo(3);
    }

    @Test
    void theSizesOfQueuesAreMeasuredIfTheyAreAskedFor() throws Exception {
        try (SqlmqMetrics metrics = new SqlmqMetrics(factory)) {
            assertThatThrownBy(() -> metrics.queueSizes(Duration.ofMillis(10)))
                    .isInstanceOf(IllegalArgumentException.class);
            metrics.queueSizes(Duration.ofSeconds(1)).bindTo(registry);
            try (JMSContext context = factory.createContext()) {
                send(context, context.createQueue("measured"), 3);
            }
            await().atMost(LONG)
                    .until(
                            () -> registry
                                    .find(SqlmqMeter.QUEUE_MESSAGES.meterName())
                                    .tags("destination", "measured")
                                    .gauges()
                                    .stream()
                                    .anyMatch(gauge -> gauge.value() == 3));
            assertThat(gauge(SqlmqMeter.QUEUE_OLDEST, "destination", "measured"))
                    .isNotNegative();
            factory.admin().purge("measured");
            await().atMost(LONG)
                    .until(() -> registry.find(SqlmqMeter.QUEUE_MESSAGES.meterName())
                            .tags("destination", "measured")
                            .gauges()
                            .isEmpty());
        }
        assertThat(Arrays.stream(SqlmqMeter.values()).map(SqlmqMeter::meterName).collect(Collectors.toSet()))
                .containsAll(registry.getMeters().stream()
                        .map(meter -> meter.getId().getName().replace(".histogram", ""))
                        .toList());
    }

    @Test
    void afterItsCloseNothingIsCounted() {
        SqlmqMetrics metrics = new SqlmqMetrics(factory);
        metrics.bindTo(registry);
        metrics.close();
        try (JMSContext context = factory.createContext()) {
            send(context, context.createQueue("uncounted"), 1);
        }
        assertThat(registry.find(SqlmqMeter.SENT.meterName()).counters()).isEmpty();
    }
}
