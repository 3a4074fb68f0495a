package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import java.time.Duration;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** On a server of its own, which counts statements. */
@Timeout(180)
class IdleRoutesTest {
    private static final int ROUTES = 100;
    private static final Duration WINDOW = Duration.ofSeconds(4);

    @Test
    void aHundredIdleRoutesHoldFewConnectionsAndAskFewerThanFiveTimesASecondAlsoAfterTraffic() throws Exception {
        HikariConfig config = new HikariConfig();
        config.setMaximumPoolSize(20);
        try (SqlmqEmbedded server = SqlmqEmbedded.start(
                EmbeddedOptions.defaults().setting("shared_preload_libraries", "pg_stat_statements"))) {
            config.setJdbcUrl(server.jdbcUrl());
            JdbcTemplate counting = new JdbcTemplate(new DriverManagerDataSource(server.jdbcUrl()));
            counting.execute("CREATE EXTENSION pg_stat_statements");
            try (HikariDataSource dataSource = new HikariDataSource(config);
                    DefaultCamelContext context = new DefaultCamelContext()) {
                context.getRegistry().bind("dataSource", dataSource);
                context.getComponent("sqlmq", SqlmqComponent.class).setSchemaManagement("migrate");
                RouteBuilder.addRoutes(context, routes -> {
                    for (int i = 0; i < ROUTES; i++) {
                        routes.from("sqlmq:idle" + i + (i % 2 == 0 ? "" : "?transacted=false"))
                                .to("sql:SELECT 1")
                                .to("mock:out");
                    }
                });
                requireFewToCheck(counting, context, "sqlmq:checked");
                requireFewToCheck(counting, context, "sqlmq:topic:checked");
                context.start();
                requireQuiet(counting, dataSource);

                MockEndpoint out = context.getEndpoint("mock:out", MockEndpoint.class);
                out.setResultWaitTime(60_000);
                out.expectedMessageCount(5 * ROUTES);
                ProducerTemplate template = context.createProducerTemplate();
                for (int i = 0; i < 5 * ROUTES; i++) {
                    template.sendBody("sqlmq:idle" + i % ROUTES, "x");
                }
                out.assertIsSatisfied();
                requireQuiet(counting, dataSource);
            }
        }
    }

    /** Whether the role may receive is asked once for all of them. */
    private static void requireFewToCheck(JdbcTemplate counting, DefaultCamelContext context, String prefix)
            throws Exception {
        SqlmqComponent component = context.getComponent("sqlmq", SqlmqComponent.class);
        context.getEndpoint(prefix, SqlmqEndpoint.class)
                .getConnectionFactory()
                .createConnection()
                .close(); // creates the tables
        long before = statements(counting);
        for (int i = 0; i < ROUTES; i++) {
            SqlmqEndpoint endpoint = context.getEndpoint(prefix + i, SqlmqEndpoint.class);
            SqlmqConsumer consumer = (SqlmqConsumer) endpoint.createConsumer(exchange -> {});
            component
                    .startCheck()
                    .requireReceiving(
                            endpoint,
                            ConnectionFactories.own(endpoint.getConnectionFactory()),
                            consumer.getListenerContainer());
        }
        assertThat(statements(counting) - before).isLessThan(ROUTES / 2);
    }

    /** The first looks of all take a moment. Later each consumer knows that its queue is empty. */
    private static void requireQuiet(JdbcTemplate counting, HikariDataSource dataSource) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(statementsWithin(counting, WINDOW)).isLessThan(5 * WINDOW.toSeconds()));
        assertThat(dataSource.getHikariPoolMXBean().getActiveConnections()).isLessThanOrEqualTo(5);
    }

    private static long statementsWithin(JdbcTemplate counting, Duration time) throws InterruptedException {
        long before = statements(counting);
        Thread.sleep(time.toMillis());
        return statements(counting) - before;
    }

    /** Those of applications; inside functions none are counted. */
    private static long statements(JdbcTemplate counting) {
        return counting.queryForObject(
                "SELECT sum(calls) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'", Long.class);
    }
}
