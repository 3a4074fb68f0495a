package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import io.sqlmq.job.CurrentJob;
import io.sqlmq.job.Job;
import io.sqlmq.job.JobId;
import io.sqlmq.job.Jobs;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;

/** Metrics, observations and the log of an application that has asked for nothing but an actuator. */
@Timeout(120)
class ObservingTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private final String url = Databases.create();
    private ConfigurableApplicationContext app;

    /** Notes observations in the place of a tracer, and has its trace carried along. */
    static final class Noted implements ObservationHandler<Observation.Context> {
        final List<String> all = new CopyOnWriteArrayList<>();

        @Override
        public void onStart(Observation.Context context) {
            carry(context);
        }

        // The carrier of a context is of the type of its getter.
        @SuppressWarnings("unchecked")
        private void carry(Observation.Context context) {
            if (context instanceof SenderContext<?> sender) {
                SenderContext<Object> sending = (SenderContext<Object>) sender;
                sending.getSetter().set(sending.getCarrier(), "traceparent", TRACE);
                all.add(context.getName());
            } else if (context instanceof ReceiverContext<?> receiver) {
                ReceiverContext<Object> receiving = (ReceiverContext<Object>) receiver;
                all.add(context.getName() + " " + receiving.getGetter().get(receiving.getCarrier(), "traceparent"));
            }
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Shop {
        private final List<String> logged = new CopyOnWriteArrayList<>();

        // Not a bean, which Boot would add once more.
        private final Noted noted = new Noted();

        @Bean
        ObservationRegistry observationRegistry() {
            ObservationRegistry registry = ObservationRegistry.create();
            registry.observationConfig().observationHandler(noted);
            return registry;
        }

        @JmsListener(destination = "orders")
        void work(String text) {
            log(text);
        }

        @Job(channel = "audits", retries = 1, backoff = "10ms")
        void audit(String text, CurrentJob job) {
            log(text);
            if (job.attempt() == 1) {
                throw new IllegalArgumentException("on purpose");
            }
        }

        private void log(String text) {
            logged.add(text + " " + MDC.get("sqlmq.destination") + " " + MDC.get("sqlmq.messageId"));
        }
    }

    @BeforeEach
    void start() {
        app = App.start(Shop.class, App.url(url), App.NO_JPA, "sqlmq.log-context=true");
    }

    @AfterEach
    void stop() {
        app.close();
    }

    @Test
    void aMessageIsCountedObservedOnceAndNamedInTheLog() {
        app.getBean(JmsTemplate.class).convertAndSend("orders", "one");
        MeterRegistry registry = app.getBean(MeterRegistry.class);
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        registry.find("sqlmq.messages.acknowledged").tag("destination", "orders").counters().stream()
                                .anyMatch(counter -> counter.count() == 1));
        assertThat(app.getBean(Shop.class).noted.all)
                .containsExactly("jms.message.publish", "jms.message.process " + TRACE);
        assertThat(app.getBean(Shop.class).logged)
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith("one orders ID:"));
        assertThat(registry.get("sqlmq.windows.open").gauge().value()).isZero();
    }

    @Test
    void eachAttemptOfAJobIsNamedInTheLog() {
        JobId id = app.getBean(Jobs.class).job("audit").json("two").spawn();
        String line = "two audits ID:" + id;
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(app.getBean(Shop.class).logged).containsExactly(line, line));
    }
}
