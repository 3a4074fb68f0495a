package io.sqlmq.benchmarks;

import io.sqlmq.benchmarks.boot.Arrivals;
import io.sqlmq.benchmarks.boot.StoringApplication;
import jakarta.jms.ConnectionFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.listener.MessageListenerContainer;

/** The application on a provider of messages. A round is timed from the listener's start until nothing is left in the queue. */
final class SpringApplicationSide implements StoringMessages.Contender {
    private static final long PATIENCE_SECONDS = 120;

    private final ConfigurableApplicationContext application;
    private final MessageListenerContainer container;
    private final Queues queues;

    /**
     * Starts it; its listener waits for a round.
     *
     * @param broker another provider than sqlmq; then it is configured as Boot does by default
     */
    SpringApplicationSide(Tables tables, Queues queues, @Nullable ConnectionFactory broker, int listeners) {
        this.queues = queues;
        List<String> properties = new ArrayList<>(List.of(
                "queue=" + Bench.QUEUE,
                "spring.datasource.url=" + tables.applicationUrl(),
                "spring.jpa.hibernate.ddl-auto=none",
                "spring.jms.listener.auto-startup=false",
                "spring.jms.listener.min-concurrency=" + listeners,
                "spring.jms.listener.max-concurrency=" + listeners,
                "spring.jms.listener.receive-timeout=100ms", // which a round's end waits for
                "sqlmq.schema=" + tables.schema()));
        if (broker != null) {
            properties.add("sqlmq.enabled=false");
        }
        application = new SpringApplicationBuilder(StoringApplication.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .properties(properties.toArray(String[]::new))
                .initializers(context -> {
                    if (broker != null) {
                        ((GenericApplicationContext) context)
                                .registerBean("broker", ConnectionFactory.class, () -> broker);
                    }
                })
                .run();
        MessageListenerContainer listening =
                application.getBean(JmsListenerEndpointRegistry.class).getListenerContainer(StoringApplication.ID);
        if (listening == null) {
            application.close();
            throw new IllegalStateException("There is no listener " + StoringApplication.ID);
        }
        container = listening;
    }

    @Override
    public void prepare(int messages, String body) throws Exception {
        queues.refill(messages, body);
    }

    @Override
    public void run(int messages) throws Exception {
        Arrivals arrivals = application.getBean(Arrivals.class);
        arrivals.expect(messages);
        container.start();
        long missing = arrivals.await(PATIENCE_SECONDS);
        if (missing > 0) {
            throw new IllegalStateException(
                    missing + " of " + messages + " messages did not come within " + PATIENCE_SECONDS + " s");
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (left() > 0 && System.nanoTime() < end) {
            Thread.sleep(1);
        }
    }

    @Override
    public long left() throws Exception {
        return queues.count(Bench.QUEUE);
    }

    @Override
    public void leave() {
        container.stop();
    }

    @Override
    public void close() {
        application.close();
    }
}
