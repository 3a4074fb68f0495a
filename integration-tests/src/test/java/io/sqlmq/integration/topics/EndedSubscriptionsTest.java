package io.sqlmq.integration.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Subscriptions that have ended stay known for a minute, and cost next to nothing meanwhile. */
class EndedSubscriptionsTest extends IntegrationTest {

    /** Each sweep looks at all of them. */
    @Test
    void manyThatEndAreSweptTogether() throws Exception {
        factory.createConnection().close();
        sql("ALTER DATABASE " + value("SELECT quote_ident(current_database())") + " SET track_functions = 'pl'");
        long began = System.nanoTime();
        try (SqlmqConnectionFactory process = factory()) {
            endSubscriptions(process, 200);
            long left = number("SELECT count(*) FROM mq_gone_channels");
            assertThat(left).isGreaterThanOrEqualTo(200);
        }
        long seconds = (System.nanoTime() - began) / 1_000_000_000;
        await().atMost(Duration.ofSeconds(30)).until(() -> calls("mq_leave_subscription") == 200);
        assertThat(calls("mq_sweep_gone")).isLessThanOrEqualTo(5 + 2 * seconds);
    }

    /** On a server of its own, which counts statements, also those inside of functions. */
    @Test
    void emptyOnesCostNoStatementsOfTheirOwn() throws Exception {
        try (SqlmqEmbedded server = SqlmqEmbedded.start(EmbeddedOptions.defaults()
                .setting("shared_preload_libraries", "pg_stat_statements")
                .setting("pg_stat_statements.track", "all"))) {
            factoryOn(server.jdbcUrl(), "schemaManagement=migrate")
                    .createContext()
                    .close();
            sqlOn(server.jdbcUrl(), "CREATE EXTENSION pg_stat_statements");
            long none = statementsOfASweep(server.jdbcUrl());
            sqlOn(
                    server.jdbcUrl(),
                    "INSERT INTO mq_gone_channels SELECT 's:' || n FROM generate_series(1, 500) n",
                    "INSERT INTO mq_gone_channels SELECT 's:' || n, now() - interval '1 h', '3' FROM generate_series(501, 900) n");
            assertThat(statementsOfASweep(server.jdbcUrl())).isEqualTo(none);
            assertThat(valueOn(server.jdbcUrl(), "SELECT count(*) FROM mq_gone_channels"))
                    .as("those that nothing can be written to any more are forgotten")
                    .isEqualTo("500");
        }
    }

    private static long statementsOfASweep(String url) {
        sqlOn(url, "SELECT pg_stat_statements_reset()", "SELECT mq_sweep_gone(1000)");
        return Long.parseLong(valueOn(url, "SELECT sum(calls) FROM pg_stat_statements WHERE NOT toplevel"));
    }

    private static void endSubscriptions(SqlmqConnectionFactory process, int count) throws JMSException {
        try (Connection connection = process.createConnection()) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            for (int i = 0; i < count; i++) {
                session.createConsumer(session.createTopic("ended-" + i)).close();
            }
        }
    }

    private long calls(String function) {
        return number("SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname = '" + function + "'");
    }

    @Test
    void whatIsInThemGoesWhateverItWaitsFor() throws Exception {
        factory.createConnection().close();
        sql(
                "INSERT INTO mq_gone_channels SELECT 's:' || n, now() - interval '1 h', '3' FROM generate_series(9001, 9007) n",
                "INSERT INTO mq_msgs (id, channel_name, attempt_at, grp, slot, payload_text) VALUES"
                        + " (gen_random_uuid(), 's:9001', NULL, NULL, NULL, 'a'),"
                        + " (gen_random_uuid(), 's:9002', now(), NULL, NULL, 'a'),"
                        + " (gen_random_uuid(), 's:9003', NULL, 'g', mq_slot('g'), 'a'),"
                        + " (gen_random_uuid(), 's:9004', now(), 'g', mq_slot('g'), 'a')",
                "INSERT INTO mq_msgs_unlogged (id, channel_name, attempt_at, payload_text) VALUES"
                        + " (gen_random_uuid(), 's:9005', NULL, 'a'), (gen_random_uuid(), 's:9006', now(), 'a')",
                "SELECT mq_sweep_gone(1000)");
        assertThat(number("SELECT (SELECT count(*) FROM mq_msgs WHERE channel_name LIKE 's:900_')"
                        + " + (SELECT count(*) FROM mq_msgs_unlogged WHERE channel_name LIKE 's:900_')"
                        + " + (SELECT count(*) FROM mq_gone_channels WHERE channel LIKE 's:900_')"))
                .isZero();
    }
}
