package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.boot.orders.Orders;
import io.sqlmq.jms.DatabaseReach;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jms.core.JmsTemplate;

/** The application with JPA behind a PgBouncer that pools transactions, where there is one on the path. */
@Timeout(180)
class PgBouncerTest {
    private final String url = Databases.createEmpty();
    private Process bouncer;
    private Path directory;
    private String pooled;

    @BeforeEach
    void start() throws Exception {
        Path program = Stream.of(System.getenv("PATH").split(":", -1))
                .map(path -> Path.of(path, "pgbouncer"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(program != null, "no PgBouncer on the path: nothing is tried through it");
        URI server = URI.create(url.substring("jdbc:".length()));
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        directory = Files.createTempDirectory(
                "pgbouncer", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path configuration =
                Files.writeString(directory.resolve("pgbouncer.ini"), """
                [databases]
                * = host=127.0.0.1 port=%d user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = transaction
                default_pool_size = 6
                ignore_startup_parameters = extra_float_digits
                """.formatted(server.getPort(), port));
        List<String> command = new ArrayList<>(List.of(program.toString(), configuration.toString()));
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(1, List.of("-u", "nobody")); // it refuses to be root
        }
        bouncer = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        pooled = url.replace(":" + server.getPort() + "/", ":" + port + "/");
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(Databases.query(pooled + separator() + "prepareThreshold=0", "SELECT 1"))
                                .containsExactly("1"));
    }

    private String separator() {
        return url.contains("?") ? "&" : "?";
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        if (bouncer != null) {
            bouncer.destroy();
            if (!bouncer.waitFor(10, TimeUnit.SECONDS)) {
                bouncer.destroyForcibly();
            }
            Files.delete(directory.resolve("log"));
            Files.delete(directory.resolve("pgbouncer.ini"));
            Files.delete(directory);
        }
    }

    @Test
    void listenersAndRequestsShareTransactionsWithTheData() throws JMSException {
        Databases.execute(
                url,
                "CREATE TABLE parcels (content varchar(255) PRIMARY KEY);"
                        + "CREATE TABLE labels (content text PRIMARY KEY, writer text);"
                        + "CREATE TABLE packed (content text, writer text); CREATE TABLE placed (content text)");
        try (ConfigurableApplicationContext app = App.start(
                Orders.class,
                App.url(pooled + separator() + "prepareThreshold=0"),
                "spring.jpa.hibernate.ddl-auto=validate",
                "sqlmq.pg-bouncer=true",
                "sqlmq.schema-management=migrate",
                "sqlmq.initial-redelivery-delay=10ms",
                "sqlmq.redelivery-delay=10ms",
                "sqlmq.maximum-redeliveries=2")) {
            JmsTemplate jms = app.getBean(JmsTemplate.class);
            List<String> orders = IntStream.range(10, 60)
                    .mapToObj(i -> (i % 10 == 0 ? "once" : "order") + i)
                    .sorted()
                    .toList();
            orders.forEach(order -> jms.convertAndSend("orders", order));
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(Databases.query(url, "SELECT queue FROM mq_messages"))
                            .hasSize(orders.size())
                            .containsOnly("packed"));
            assertThat(Databases.query(url, "SELECT content FROM parcels ORDER BY content COLLATE \"C\""))
                    .isEqualTo(orders);
            assertThat(Databases.query(url, "SELECT content FROM packed JOIN labels USING (content, writer)"))
                    .hasSize(orders.size());
            assertThat(app.getBean(Orders.class).failed()).hasSize(5);
            jms.setReceiveTimeout(60_000);
            assertThat(jms.sendAndReceive("ask", session -> session.createTextMessage("q"))
                            .getBody(String.class))
                    .isEqualTo("re q");
            assertThat(app.getBean(SqlmqConnectionFactory.class).reach().listening())
                    .isNotEqualTo(DatabaseReach.Listening.ON);
        }
    }
}
