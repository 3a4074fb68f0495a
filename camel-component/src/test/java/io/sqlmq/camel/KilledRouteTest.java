package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A process that dies in the midst of a route leaves nothing of it, and the message comes again elsewhere. */
class KilledRouteTest extends CamelTest {

    /** Halts in the route, after the given step. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws Exception {
            PGSimpleDataSource database = new PGSimpleDataSource();
            database.setUrl(arguments[0]);
            int step = Integer.parseInt(arguments[1]);
            DefaultCamelContext context = new DefaultCamelContext();
            context.getRegistry().bind("dataSource", database);
            RouteBuilder.addRoutes(context, routes -> {
                routes.from("sqlmq:in")
                        .process(exchange -> haltIf(step == 1))
                        .to("sql:INSERT INTO killed VALUES (:#${body})")
                        .process(exchange -> haltIf(step == 2))
                        .to("sqlmq:out")
                        .process(exchange -> haltIf(step == 3));
            });
            context.start();
            Thread.sleep(60_000);
            System.exit(2);
        }

        private static void haltIf(boolean now) {
            if (now) {
                Runtime.getRuntime().halt(9);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void nothingIsLeftOfARouteThatDiedAfterStep(int step) throws Exception {
        sql.execute("CREATE TABLE IF NOT EXISTS killed (body text)");
        sql.execute("TRUNCATE killed");
        start(routes -> routes.from("sqlmq:in")
                .autoStartup(false)
                .routeId("survivor")
                .setHeader("count", routes.header(SqlmqConstants.DELIVERY_COUNT))
                .to("sql:INSERT INTO killed VALUES (:#${body})")
                .to("sqlmq:out")
                .to("mock:done"));
        template.sendBody("sqlmq:in", "a");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1", // it lives for a moment
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        url,
                        Integer.toString(step))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(9);
        } finally {
            process.destroyForcibly();
        }
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("in")).isEqualTo(1));
        assertThat(count("out")).isZero();
        assertThat(sql.queryForObject("SELECT count(*) FROM killed", Integer.class))
                .isZero();

        mock("done").expectedMessageCount(1);
        context.getRouteController().startRoute("survivor");
        satisfied();
        assertThat(mock("done").getReceivedExchanges().get(0).getMessage().getHeader("count"))
                .isEqualTo(2);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(count("out")).isEqualTo(1));
        assertThat(sql.queryForObject("SELECT count(*) FROM killed", Integer.class))
                .isEqualTo(1);
    }
}
