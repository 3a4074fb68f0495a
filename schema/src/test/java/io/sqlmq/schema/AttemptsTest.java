package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The history of failed attempts: mq_note_attempts, mq_sweep_attempts, and what mq_poll notes. */
@Timeout(60)
class AttemptsTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    @BeforeEach
    void noAttempts() throws Exception {
        schema.outside().execute("DELETE FROM mq_attempts");
    }

    @Test
    void onlyWhatTheTransactionHasWrittenIsNoted() throws Exception {
        String id = schema.insert("a");
        value("mq_note_attempts(ARRAY['" + id + "']::uuid[], ARRAY['q'], ARRAY[1], ARRAY[5]::bigint[], 'not mine')");
        assertThat(attempts()).isEmpty();
        note(id, 1);
        assertThat(attempts()).containsExactly("1 00:00:00.005 it broke");
    }

    @Test
    void twentyOfEachMessageAreKept() throws Exception {
        String id = schema.insert("a");
        String other = schema.insertUnlogged("b");
        note(other, 1);
        for (int attempt = 1; attempt <= 23; attempt++) {
            note(id, attempt);
        }
        assertThat(schema.outside()
                        .values("attempt FROM mq_attempts WHERE message_id = '" + id + "' ORDER BY failed_at"))
                .hasSize(20)
                .startsWith("4")
                .endsWith("23");
        assertThat(attempts()).hasSize(21);
    }

    /** They are counted anew for a dead letter that is retried. */
    @Test
    void twentyAreKeptOfAMessageThatIsRetriedAgainAndAgain() throws Exception {
        String id = schema.insert("a");
        for (int attempt = 0; attempt < 30; attempt++) {
            note(id, attempt % 5 + 1);
        }
        assertThat(attempts()).hasSize(20);
        assertThat(schema.outside().values("string_agg(attempt::text, '' ORDER BY failed_at) FROM mq_attempts"))
                .containsExactly("12345123451234512345");
    }

    @Test
    void thoseOfMessagesThatAreThereStayAndOthersGoAfterADay() throws Exception {
        String kept = schema.insert("a", "dead_origin", "'orders'");
        String gone = schema.insert("b");
        note(kept, 1);
        note(gone, 1);
        schema.outside().execute("DELETE FROM mq_msgs WHERE id = '" + gone + "'");
        assertThat(value("mq_sweep_attempts(10)")).isEqualTo("0");
        schema.outside().execute("UPDATE mq_attempts SET failed_at = now() - interval '2 days'");
        // It looks at the oldest, or somewhere.
        for (int i = 0; i < 100 && schema.outside().values("1 FROM mq_attempts").size() > 1; i++) {
            value("mq_sweep_attempts(10)");
        }
        assertThat(schema.outside().values("message_id FROM mq_attempts")).containsExactly(kept);
    }

    @Test
    void whoPollsLeavesAnAttemptBehindWhenItsLeaseRunsOut() throws Exception {
        value("mq_insert(ARRAY[(gen_random_uuid(), NULL, 1, interval '1 h', " + Call.literal(schema.queue())
                + ", NULL, NULL, false, 'n', NULL, NULL)::mq_new_t])");
        for (int attempt = 1; attempt <= 3; attempt++) {
            schema.outside().values("id FROM mq_poll(ARRAY[" + Call.literal(schema.queue()) + "])");
            schema.outside().execute("UPDATE mq_msgs SET attempt_at = now() WHERE lease_owner = -1");
        }
        assertThat(schema.outside()
                        .values("attempt || ' ' || a.channel_name || ' ' || (m.dead_origin IS NOT NULL)"
                                + " FROM mq_attempts a JOIN mq_msgs m ON m.id = a.message_id ORDER BY failed_at"))
                .containsExactly("1 " + schema.queue() + " true", "2 " + schema.queue() + " true");
    }

    /** As a receiver does after what it has given back. */
    private static void note(String id, int attempt) throws Exception {
        schema.outside()
                .values("1 FROM (SELECT 1) x, LATERAL mq_give_back(ARRAY[" + Call.literal(schema.queue()) + "], ARRAY['"
                        + id
                        + "']::uuid[], ARRAY[EXISTS (SELECT FROM mq_msgs_unlogged WHERE id = '" + id
                        + "')], ARRAY[NULL]::bigint[], 0, ARRAY[1], ARRAY[1], ARRAY[1000]::bigint[], ARRAY[NULL], ARRAY[NULL],"
                        + " NULL) g, LATERAL (SELECT mq_note_attempts(ARRAY['" + id + "']::uuid[], ARRAY['q'], ARRAY["
                        + attempt + "], ARRAY[5]::bigint[], 'it broke') WHERE g IS NOT NULL) n");
    }

    private static List<String> attempts() throws Exception {
        return schema.outside()
                .values("attempt || ' ' || duration || ' ' || error FROM mq_attempts ORDER BY failed_at");
    }

    private static String value(String expression) throws Exception {
        return schema.outside().values(expression + " AS value").get(0);
    }
}
