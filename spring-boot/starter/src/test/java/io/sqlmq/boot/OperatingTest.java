package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.DeadLetter;
import io.sqlmq.jms.QueueDepth;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;

/** What the actuator shows, by HTTP. */
@Timeout(120)
class OperatingTest {
    private static String url;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static ConfigurableApplicationContext app;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Failing {
        @JmsListener(destination = "in")
        void fail(String text) {
            throw new IllegalStateException("no " + text);
        }
    }

    @BeforeAll
    static void start() {
        url = Databases.create();
        app = App.start(
                WebApplicationType.SERVLET,
                Failing.class,
                App.url(url),
                App.NO_JPA,
                "server.port=0",
                "spring.datasource.hikari.connection-timeout=500",
                "sqlmq.maximum-redeliveries=0",
                "management.health.sqlmq.queues=true",
                "management.endpoint.health.show-details=always",
                "management.endpoints.web.exposure.include=sqlmq,health",
                "spring.jmx.enabled=true",
                "management.endpoints.jmx.exposure.include=sqlmq");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @BeforeEach
    void empty() throws JMSException {
        SqlmqAdmin admin = app.getBean(SqlmqConnectionFactory.class).admin();
        admin.purge("DLQ");
        admin.purge("waiting");
    }

    private record Answer(int status, String body) {}

    private static Answer get(String path) {
        return answer(request(path).build());
    }

    private static Answer post(String path, String json) {
        return answer(request(path)
                .header("Content-Type", "application/json")
                .POST(json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .build());
    }

    private static HttpRequest.Builder request(String path) {
        String port = app.getEnvironment().getProperty("local.server.port");
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/" + path));
    }

    private static Answer answer(HttpRequest request) {
        try {
            HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void healthFollowsTheDatabaseAndSaysHowItIsReached() {
        app.getBean(JmsTemplate.class).convertAndSend("waiting", "one");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get("health/sqlmq"))
                        .satisfies(health -> assertThat(health.status()).isEqualTo(200))
                        .extracting(Answer::body)
                        .asString()
                        .contains("UP", "version", "\"waiting\":{\"messages\":1")
                        .contains("\"listen\":\"on\"", "\"ownConnections\":true")
                        .doesNotContain("downSince"));
        String name = Databases.query(url, "SELECT current_database()").get(0);
        String server = Databases.server().jdbcUrl();
        Databases.execute(server, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
        Databases.query(
                server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get("health/sqlmq"))
                        .satisfies(health -> assertThat(health.status()).isEqualTo(503))
                        .extracting(Answer::body)
                        .asString()
                        .contains("DOWN", "\"downSince\"", "\"downBecause\"", "\"listen\":\"connecting\""));
        Databases.execute(server, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> get("health/sqlmq").body().contains("UP"));
    }

    private static void kill(String text) {
        app.getBean(JmsTemplate.class).convertAndSend("in", text);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> get("sqlmq/DLQ").body().contains("no " + text));
    }

    @Test
    void theEndpointShowsQueuesAndDeadLettersAndRetriesThem() throws Exception {
        SqlmqEndpoint endpoint = app.getBean(SqlmqEndpoint.class);
        kill("one");
        assertThat(endpoint.contents().queues()).extracting(QueueDepth::queue).containsExactly("DLQ");
        List<DeadLetter> letters = endpoint.contentsOf("DLQ").deadLetters();
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.origin()).isEqualTo("in");
            assertThat(letter.error()).contains("no one");
        });
        assertThat(endpoint.retry("DLQ", null, true).retried()).isEqualTo(1);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(endpoint.contents().deadLetters())
                        .extracting(DeadLetter::messageId)
                        .hasSize(1));
    }

    @Test
    void lettersAreRetriedByHttp() throws Exception {
        SqlmqEndpoint endpoint = app.getBean(SqlmqEndpoint.class);
        kill("two");
        kill("three");
        String first = endpoint.contents().deadLetters().get(0).messageId();
        assertThat(post("sqlmq/DLQ", "{\"messageId\": \"" + first + "\"}"))
                .isEqualTo(new Answer(200, "{\"retried\":1}"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> endpoint.contents().deadLetters().size() == 2);
        assertThat(post("sqlmq/DLQ", "{\"all\": true}")).isEqualTo(new Answer(200, "{\"retried\":2}"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> endpoint.contents().deadLetters().size() == 2);
    }

    @Test
    void whatIsLeftOutOrMisspeltDoesNotMeanAll() throws Exception {
        kill("four");
        String id =
                app.getBean(SqlmqEndpoint.class).contents().deadLetters().get(0).messageId();
        for (String body : List.of("", "{}", "{\"all\": false}", "{\"messageId\": \"" + id + "\", \"all\": true}")) {
            assertThat(post("sqlmq/DLQ", body)).as(body).satisfies(answer -> {
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.body()).contains("messageId of a dead letter, or \\\"all\\\": true");
            });
        }
        for (String body : List.of(
                "{\"messageid\": \"" + id + "\"}",
                "{\"id\": \"" + id + "\", \"all\": true}",
                "{\"messageId\": \"" + id + "\", \"queues\": \"DLQ\"}")) {
            assertThat(post("sqlmq/DLQ", body)).as(body).satisfies(answer -> {
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.body()).contains("known are [all, messageId, queue]");
            });
        }
        assertThat(app.getBean(SqlmqEndpoint.class).contents().deadLetters())
                .extracting(DeadLetter::messageId)
                .containsExactly(id);
    }

    @Test
    void whatCannotBeAnsweredIsRefusedWithAReason() {
        for (String id : List.of("nonsense", "", "ID:", "ID:12", "*")) {
            assertThat(post("sqlmq/DLQ", "{\"messageId\": \"" + id + "\"}"))
                    .as(id)
                    .satisfies(answer -> {
                        assertThat(answer.status()).isEqualTo(400);
                        assertThat(answer.body())
                                .contains("\"message\":\"Not the JMSMessageID of a stored message: " + id);
                    });
        }
        String name = "x".repeat(1_000);
        assertThat(get("sqlmq/" + name)).satisfies(answer -> {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("\"message\":\"");
        });
        assertThat(post("sqlmq/" + name, "{\"all\": true}").status()).isEqualTo(400);
        assertThat(post("sqlmq/DLQ", "{\"messageId\": [1]}").status()).isEqualTo(400);
        assertThat(post("sqlmq/DLQ", "nonsense").status()).isEqualTo(400);
        SqlmqEndpoint endpoint = app.getBean(SqlmqEndpoint.class);
        assertThatThrownBy(() -> endpoint.retry("DLQ", "nonsense", null))
                .isInstanceOf(InvalidEndpointRequestException.class);
    }

    /** Servers, firewalls and frameworks each refuse some of these in paths. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders/failed",
                "/a//b/",
                "..",
                "50%",
                "a%2Fb",
                "a;b=c",
                "a b",
                "a+b",
                "a&queue=b",
                "a?b#c",
                "a\\b",
                "ünï/€",
                "a\"b"
            })
    void anyNameOfAQueueCanBeAskedFor(String name) throws Exception {
        String quoted = name.replaceAll("[\\\\\"]", "\\\\$0");
        kill("named");
        Databases.execute(url, "UPDATE mq_msgs SET channel_name = '" + name + "' WHERE channel_name = 'DLQ'");
        assertThat(get("sqlmq?queue=" + URLEncoder.encode(name, StandardCharsets.UTF_8)))
                .satisfies(answer -> {
                    assertThat(answer.status()).isEqualTo(200);
                    assertThat(answer.body()).contains("no named", "\"" + quoted + "\"");
                });
        ObjectName bean = new ObjectName("org.springframework.boot:type=Endpoint,name=Sqlmq");
        assertThat(ManagementFactory.getPlatformMBeanServer()
                        .invoke(bean, "contentsOf", new Object[] {name}, new String[] {String.class.getName()}))
                .asString()
                .contains("no named");
        String id = app.getBean(SqlmqEndpoint.class)
                .contentsOf(name)
                .deadLetters()
                .get(0)
                .messageId();
        assertThat(post("sqlmq", "{\"queue\": \"" + quoted + "\", \"messageId\": \"" + id + "\"}"))
                .isEqualTo(new Answer(200, "{\"retried\":1}"));
    }

    @Test
    void aQueueThatIsNotGivenOrCannotBeIsRefusedWithAReason() {
        assertThat(post("sqlmq", "{\"all\": true}"))
                .isEqualTo(new Answer(
                        400, "{\"message\":\"Give the \\\"queue\\\" whose dead letters are to be put back.\"}"));
        assertThat(post("sqlmq", "{\"queue\": \"DLQ\", \"messageid\": \"ID:1\"}")
                        .body())
                .contains("known are [all, messageId, queue]");
        assertThat(get("sqlmq?queue=" + "x".repeat(1_000))).satisfies(answer -> {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("\"message\":\"");
        });
        assertThat(get("sqlmq").body()).contains("\"queues\"");
    }

    @Test
    void whatIsNotThereIsNoError() {
        assertThat(get("sqlmq/nothing")).isEqualTo(new Answer(200, "{\"queues\":[],\"deadLetters\":[]}"));
        assertThat(post("sqlmq/nothing", "{\"all\": true}").body()).isEqualTo("{\"retried\":0}");
        assertThat(post("sqlmq/DLQ", "{\"messageId\": \"ID:00000000-0000-0000-0000-000000000000\"}")
                        .body())
                .isEqualTo("{\"retried\":0}");
    }
}
