package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;

/** Paused channels and those who poll: mq_pause, mq_resume. */
@Timeout(60)
class PauseTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    @AfterEach
    void nothingIsPausedAfterwards() throws Exception {
        schema.outside().execute("DELETE FROM mq_paused");
    }

    @Test
    void nothingIsPolledFromWhatIsPaused() throws Exception {
        for (String channel : new String[] {"a", "b", "c"}) {
            job(channel, "NULL", "false");
            job(channel, "NULL", "true");
            job(channel, "interval '1 ms'", "false");
        }
        Thread.sleep(5);
        assertThat(value("mq_pause('b')")).isEqualTo("t");
        assertThat(value("mq_pause('b', 'again')")).isEqualTo("f");
        assertThat(polled("ARRAY['b']")).isEqualTo("");
        assertThat(polled("ARRAY['b', 'a']")).isEqualTo("a,a,a");
        assertThat(polled("NULL")).isEqualTo("c,c,c");
        assertThat(polled("NULL")).isEqualTo("");
        assertThat(value("mq_resume('b')")).isEqualTo("t");
        assertThat(value("mq_resume('b')")).isEqualTo("f");
        assertThat(polled("NULL")).isEqualTo("b,b,b");
    }

    @Test
    void whoPollsIsWokenWhenItGoesOn() throws Exception {
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("LISTEN \"mq_" + schema.queue() + "\"");
            value("mq_pause(" + Call.literal(schema.queue()) + ")");
            value("mq_resume(" + Call.literal(schema.queue()) + ")");
            assertThat(connection.unwrap(PGConnection.class).getNotifications(10_000))
                    .hasSize(1);
        }
    }

    private static void job(String channel, String delay, String ordered) throws Exception {
        value("mq_insert(ARRAY[(gen_random_uuid(), " + delay + ", 3, NULL, '" + channel + "', 'x', NULL, " + ordered
                + ", 'n', NULL, NULL)::mq_new_t])");
    }

    /** The channels of all that is polled. */
    private static String polled(String channels) throws Exception {
        return value("(SELECT coalesce(string_agg(m.channel_name, ',' ORDER BY m.channel_name), '') FROM mq_poll("
                + channels + ", 100, interval '1 h') p JOIN mq_msgs m ON m.id = p.id)");
    }

    private static String value(String expression) throws Exception {
        return schema.outside().values(expression + " AS value").get(0);
    }
}
