package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

@Timeout(180)
class ServerRestartTest {
    private static final int MESSAGES = 200;
    private static final int AWAY_MILLIS = 3_000;

    @TempDir
    Path data;

    @Test
    void routesGoOnAfterTheServerWasAwayAndSayLittleOfIt() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        EmbeddedOptions options =
                EmbeddedOptions.defaults().port(port).dataDirectory(data).setting("synchronous_commit", "on");
        SqlmqEmbedded server = SqlmqEmbedded.start(options);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(server.jdbcUrl());
        config.setConnectionTimeout(2_000);
        Logged logged = new Logged();
        try (HikariDataSource dataSource = new HikariDataSource(config);
                DefaultCamelContext context = new DefaultCamelContext()) {
            JdbcTemplate sql = new JdbcTemplate(dataSource);
            sql.execute("CREATE TABLE worked (body text)");
            AtomicInteger begun = new AtomicInteger();
            context.getRegistry().bind("dataSource", dataSource);
            SqlmqComponent component = context.getComponent("sqlmq", SqlmqComponent.class);
            component.setSchemaManagement("migrate");
            component.setReceiveTimeout(200);
            RouteBuilder.addRoutes(context, routes -> {
                routes.from("sqlmq:in?concurrentConsumers=3")
                        .process(exchange -> {
                            begun.incrementAndGet();
                            Thread.sleep(5);
                        })
                        .to("sql:INSERT INTO worked VALUES (:#${body})")
                        .to("sqlmq:out");
                for (int i = 0; i < 5; i++) {
                    routes.from("sqlmq:idle" + i).to("sqlmq:none");
                    routes.from("sqlmq:topic:idle" + i + "?transacted=false").to("sqlmq:none");
                }
            });
            context.start();
            ProducerTemplate template = context.createProducerTemplate();
            for (int i = 0; i < MESSAGES; i++) {
                template.sendBody("sqlmq:in", "m" + i);
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> begun.get() >= 20);
            server.close();
            Thread.sleep(AWAY_MILLIS);
            server = SqlmqEmbedded.start(options);

            try (SqlmqConnectionFactory outside = new SqlmqConnectionFactory(server.jdbcUrl())) {
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(
                                () -> assertThat(outside.admin().count("out")).isEqualTo(MESSAGES));
                assertThat(outside.admin().count("in") + outside.admin().count("DLQ"))
                        .isZero();
            }
            assertThat(sql.queryForObject("SELECT count(DISTINCT body) FROM worked", Integer.class))
                    .isEqualTo(MESSAGES);
            assertThat(sql.queryForObject("SELECT count(*) FROM worked", Integer.class))
                    .isEqualTo(MESSAGES);
        } finally {
            server.close();
            logged.end();
        }
        // At most what each of the three that worked says of the message in its hands.
        assertThat(logged.text().lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")))
                .as("what is logged")
                .hasSizeLessThanOrEqualTo(15);
    }
}
