package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.DeadLetter;
import io.sqlmq.jms.QueueDepth;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.util.ReflectionUtils;

/** What the actuator shows. */
@Timeout(120)
class OperatingTest {
    private final String url = Databases.create();
    private ConfigurableApplicationContext app;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Failing {
        @JmsListener(destination = "in")
        void fail(String text) {
            throw new IllegalStateException("no " + text);
        }
    }

    @BeforeEach
    void start() {
        app = App.start(
                Failing.class,
                App.url(url),
                App.NO_JPA,
                "spring.datasource.hikari.connection-timeout=500",
                "sqlmq.maximum-redeliveries=0",
                "management.health.sqlmq.queues=true",
                "management.endpoints.web.exposure.include=sqlmq");
    }

    @AfterEach
    void stop() {
        app.close();
    }

    /** Its class is in other packages in Boot 4 than in Boot 3. */
    private String health() {
        Object indicator = app.getBean("sqlmqHealthIndicator");
        var health = ReflectionUtils.findMethod(indicator.getClass(), "health");
        health.setAccessible(true);
        return String.valueOf(ReflectionUtils.invokeMethod(health, indicator));
    }

    @Test
    void healthFollowsTheDatabase() {
        app.getBean(JmsTemplate.class).convertAndSend("waiting", "one");
        assertThat(health()).contains("UP").contains("version").contains("waiting={messages=1");
        String name = Databases.query(url, "SELECT current_database()").get(0);
        String server = Databases.server().jdbcUrl();
        Databases.execute(server, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
        Databases.query(
                server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
        assertThat(health()).contains("DOWN");
        Databases.execute(server, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
        await().atMost(Duration.ofSeconds(30)).until(() -> health().contains("UP"));
    }

    @Test
    void theEndpointShowsQueuesAndDeadLettersAndRetriesThem() throws Exception {
        SqlmqEndpoint endpoint = app.getBean(SqlmqEndpoint.class);
        app.getBean(JmsTemplate.class).convertAndSend("in", "one");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !endpoint.contents().deadLetters().isEmpty());
        assertThat(endpoint.contents().queues()).extracting(QueueDepth::queue).containsExactly("DLQ");
        List<DeadLetter> letters = endpoint.contentsOf("DLQ").deadLetters();
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.origin()).isEqualTo("in");
            assertThat(letter.error()).contains("no one");
        });
        assertThat(endpoint.retry("DLQ", null).retried()).isEqualTo(1);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                endpoint.contents().deadLetters().stream().map(DeadLetter::messageId))
                        .hasSize(1));
    }
}
