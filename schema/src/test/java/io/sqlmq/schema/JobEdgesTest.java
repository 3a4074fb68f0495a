package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * What the functions of sqlxmq do with NULL and with values at the edge. The same calls were made of sqlxmq's own functions; where those say
 * something else, a comment tells.
 */
@Timeout(60)
class JobEdgesTest {
    private static final String ID = "11111111-1111-4111-8111-111111111111";

    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    private QueueSession client;

    @BeforeEach
    void connect() throws Exception {
        client = schema.outside();
        client.values("mq_unlimit('2')");
    }

    // NULL is an error in sqlxmq where here it is what its builder has. A delay that is NULL is never over there.
    // The greatest intervals and backoffs are out of range there; positions that lapse are returned as not committed.
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            id              | NULL                                      | error 23502
            id              | '00000000-0000-0000-0000-000000000000'    | error 23505
            delay           | NULL                                      | n - - 00:00:01
            delay           | interval '-178000000 years'               | n - - 00:00:01
            delay           | interval '178000000 years'                | waits
            retries         | NULL                                      | n - - 00:00:01
            retry_backoff   | NULL                                      | n - - 00:00:01
            retry_backoff   | interval '0'                              | n - - 00:00:00
            retry_backoff   | interval '-178000000 years'               | n - - 00:00:00
            retry_backoff   | interval '178000000 years'                | n - - 100 years
            channel_name    | NULL                                      | error 23502
            channel_name    | ''                                        | n - - 00:00:01
            channel_name    | 'A b''"{},\\x💡 NULL'                      | n - - 00:00:01
            channel_name    | repeat('x', 255)                          | n - - 00:00:01
            channel_name    | repeat('x', 256)                          | error 22023
            channel_args    | NULL                                      | n - - 00:00:01
            channel_args    | 'A b''"{},\\x💡 NULL'                      | n - - 00:00:01
            channel_args    | repeat('x', 2000)                         | n - - 00:00:01
            channel_args    | repeat('x', 2001)                         | error 22023
            commit_interval | interval '0'                              | gone
            commit_interval | interval '-178000000 years'               | gone
            commit_interval | interval '178000000 years'                | waits
            ordered         | NULL                                      | n - - 00:00:01
            name            | NULL                                      | error 23502
            name            | ''                                        | ` - - 00:00:01`
            payload_json    | 'null'                                    | n null - 00:00:01
            payload_json    | '"x"'                                     | n "x" - 00:00:01
            payload_json    | '{"b": 1.0, "a": 2, "a": 3}'              | n {"a": 3, "b": 1.0} - 00:00:01
            payload_json    | ''                                        | error 22P02
            payload_json    | '"\\u0000"'                               | error 22P05
            payload_bytes   | '\\x'                                     | n - \\x 00:00:01
            payload_bytes   | '\\x00ff'                                 | n - \\x00ff 00:00:01
            """)
    void aJobIsInsertedWith(String column, String value, String expected) {
        assertThat(outcomeOf(() -> insert(job(column, value)))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            NULL                                 | 0
            '{}'                                 | 0
            ARRAY[NULL]::mq_new_t[]              | error 23502
            ARRAY[%s, NULL]                      | error 23502
            ARRAY[%s, %s]                        | error 23505
            ARRAY[[%s], [%s]]                    | error 23505
            """)
    void anArrayIsInserted(String array, String expected) {
        String job =
                "(" + String.join(", ", job("id", "'" + ID + "'").arguments().values()) + ")::mq_new_t";
        assertThat(outcomeOf(() -> client.values("mq_insert(" + array.replace("%s", job) + ")")))
                .isEqualTo(expected.equals("0") ? "gone" : expected);
    }

    // Negative counts are an error in sqlxmq.
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            NULL                                 | 1
            NULL, NULL                           | 3
            NULL, 0                              | 0
            NULL, -1                             | 0
            NULL, 2147483647                     | 3
            '{}'                                 | 0
            '{}', NULL                           | 0
            ARRAY[NULL]::text[], 10              | 0
            ARRAY['c', NULL], 10                 | 1
            ARRAY['c', 'c', 'd'], 10             | 2
            ARRAY['c', 'd'], NULL                | 2
            ARRAY['c'], NULL                     | 1
            ARRAY['c'], 2147483647               | 1
            ARRAY['x'], 2147483647               | 0
            ARRAY[''], 2                         | 1
            ARRAY[['c', 'd'], ['', 'x']], 10     | 3
            channel_names => ARRAY['c', 'd']     | 1
            batch_size => 2, channel_names => NULL | 2
            """)
    void jobsArePolledWith(String arguments, int expected) throws Exception {
        insertThree();
        List<String> ids = client.values("id FROM mq_poll(" + arguments + ")");
        assertThat(ids.stream().filter(id -> id != null)).hasSize(expected);
        assertThat(ids).as("one row also if there is none").hasSize(Math.max(expected, 1));
    }

    @Test
    void withoutACountAllThatMayComeDo() throws Exception {
        client.values(
                "mq_insert(ARRAY(SELECT (gen_random_uuid(), NULL, 0, NULL, (n % 3)::text, (n % 7)::text, NULL, false, 'n', NULL,"
                        + " NULL)::mq_new_t FROM generate_series(1, 1000) n))");
        client.values("mq_limit('2', 5)");
        assertThat(client.values("count(*) FROM mq_poll(NULL, NULL)")).containsExactly("672");
        for (int i = 0; i < 20; i++) { // which of the channels come first is left to chance
            assertThat(client.values("id FROM mq_poll(NULL, 0)")).hasSize(1);
        }
    }

    /** -1 is what sqlxmq's builder makes of 4294967295, and what never comes down to nothing there. */
    @ParameterizedTest
    @CsvSource({"-1, true", "-2147483648, true", "2147483647, true", "0, false"})
    void negativeRetriesDoNotEnd(String retries, boolean again) throws Exception {
        insert(job("retries", retries));
        for (int i = 0; i < 7; i++) {
            assertThat(client.values("count(id) FROM mq_poll(NULL, 1)")).containsExactly(i == 0 || again ? "1" : "0");
            client.execute("UPDATE mq_msgs SET attempt_at = now() - interval '1 s' WHERE attempt_at IS NOT NULL");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            mq_delete(NULL)                                                 | n - - 00:00:01
            mq_delete('{}')                                                 | n - - 00:00:01
            mq_delete(ARRAY[NULL, gen_random_uuid()]::uuid[])               | n - - 00:00:01
            mq_delete(ARRAY[id, NULL, id]::uuid[])                          | gone
            mq_commit(NULL)                                                 | n - - 00:00:01
            mq_commit(ARRAY[id, NULL, gen_random_uuid(), id]::uuid[])       | n - - 00:00:01
            mq_keep_alive(NULL, interval '1 h')                             | n - - 00:00:01
            mq_keep_alive(ARRAY[NULL, gen_random_uuid()]::uuid[], '1 h')    | n - - 00:00:01
            mq_checkpoint(NULL, interval '1 h', '1', NULL, 1)               | n - - 00:00:01
            mq_checkpoint(gen_random_uuid(), interval '1 h', '1', NULL, 1)  | n - - 00:00:01
            mq_checkpoint(id, NULL, NULL, NULL, NULL)                       | n - - 00:00:01
            mq_checkpoint(id, interval '-178000000 years', 'null', '\\x', 0) | n null \\x 00:00:01
            mq_checkpoint(id, interval '1 h', '1', NULL, 0)                 | waits
            mq_checkpoint(id, interval '0', '{', NULL, 0)                   | error 22P02
            mq_clear(NULL)                                                  | n - - 00:00:01
            mq_clear('{}')                                                  | n - - 00:00:01
            mq_clear(ARRAY[NULL, 'x'])                                      | n - - 00:00:01
            mq_clear(ARRAY[NULL, 'c', 'c'])                                 | gone
            mq_clear_all()                                                  | gone
            """)
    void aJobThatIsReadyIsChangedBy(String call, String expected) throws Exception {
        insert(job("id", "'" + ID + "'"));
        assertThat(outcomeOf(() -> client.values(call.replaceAll("\\bid\\b", "'" + ID + "'"))))
                .isEqualTo(expected);
    }

    /** In sqlxmq it is put off; here that is what mq_reschedule is for. */
    @Test
    void aJobThatIsReadyIsNotPutOffByKeepingItAlive() throws Exception {
        insert(job("id", "'" + ID + "'"));
        client.values("mq_keep_alive(ARRAY['" + ID + "']::uuid[], interval '1 h')");
        assertThat(outcome()).isEqualTo("n - - 00:00:01");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            NULL                         | f
            interval '-178000 years'     | f
            interval '0'                 | f
            interval '1 h'               | t
            interval '178000000 years'   | t
            """)
    void aLeaseAReservedPositionAndADelayAreKeptFor(String duration, String longer) throws Exception {
        for (String column : List.of("retries", "commit_interval", "delay")) {
            for (String call : List.of(
                    "mq_keep_alive(ARRAY['" + ID + "']::uuid[], " + duration + ")",
                    "mq_checkpoint('" + ID + "', " + duration + ", NULL, NULL, 0)")) {
                insert(job(column, column.equals("retries") ? "1" : "interval '1 min'")
                        .with("id", "'" + ID + "'"));
                client.values("count(id) FROM mq_poll(NULL, 1)");
                client.values(call);
                assertThat(client.values("attempt_at > now() + interval '59 min' FROM mq_msgs"))
                        .as(call)
                        .containsExactly(longer);
                client.values("mq_delete(ARRAY['" + ID + "']::uuid[])");
            }
        }
    }

    // sqlxmq does not notify when a position is committed, nor of an ordered job that is deleted before its turn.
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            mq_delete(ARRAY[id])              | ordered         | true          | true
            mq_delete(ARRAY[id])              | ordered         | false         | false
            mq_commit(ARRAY[id])              | commit_interval | interval '1 h' | true
            mq_commit(ARRAY[id])              | ordered         | true          | false
            mq_keep_alive(ARRAY[id], '2 h')   | commit_interval | interval '1 h' | false
            mq_clear(ARRAY['c'])              | ordered         | true          | false
            """)
    void whoListensHears(String call, String column, String value, boolean heard) throws Exception {
        insert(job(column, value).with("id", "'" + ID + "'"));
        assertThat(heard("c", call.replaceAll("\\bid\\b", "'" + ID + "'::uuid")))
                .isEqualTo(heard);
    }

    @ParameterizedTest
    @ValueSource(strings = {"A b'{}💡", "", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"})
    void whoListensHearsOfJobsOf(String channel) throws Exception {
        assertThat(heard(channel, insertion(job("channel_name", Call.literal(channel)))))
                .isTrue();
    }

    /** Whether the channel is told of that call, which has to be when it is committed and not before. */
    private static boolean heard(String channel, String call) throws Exception {
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            PGConnection listener = connection.unwrap(PGConnection.class);
            statement.execute("LISTEN mq; LISTEN \"mq_" + channel + "\"");
            QueueSession caller = schema.open();
            caller.values(call);
            statement.execute("SELECT 1");
            assertThat(listener.getNotifications()).isEmpty();
            caller.commit();
            statement.execute("SELECT pg_notify('mq', 'the end')");
            List<String> names = new ArrayList<>();
            while (true) {
                for (PGNotification notification : listener.getNotifications(0)) {
                    if (notification.getParameter().equals("the end")) {
                        assertThat(names)
                                .isIn(List.of(), List.of("mq_" + channel, "mq"), List.of("mq", "mq_" + channel));
                        return !names.isEmpty();
                    }
                    names.add(notification.getName());
                }
            }
        }
    }

    private void insertThree() throws SQLException {
        insert(job("channel_name", "'c'"));
        insert(job("channel_name", "'d'"));
        insert(job("channel_name", "''").with("channel_args", "'x'"));
    }

    private static Call job(String column, String value) {
        return Call.of(
                        "job",
                        "id",
                        "gen_random_uuid()",
                        "delay",
                        "interval '0'",
                        "retries",
                        "4",
                        "retry_backoff",
                        "interval '1 s'",
                        "channel_name",
                        "'c'",
                        "channel_args",
                        "''",
                        "commit_interval",
                        "NULL",
                        "ordered",
                        "false",
                        "name",
                        "'n'",
                        "payload_json",
                        "NULL",
                        "payload_bytes",
                        "NULL")
                .with(column, value);
    }

    private void insert(Call job) throws SQLException {
        client.values(insertion(job));
    }

    private static String insertion(Call job) {
        return "mq_insert(ARRAY[(" + String.join(", ", job.arguments().values()) + ")::mq_new_t])";
    }

    private interface Change {
        void make() throws SQLException;
    }

    private String outcomeOf(Change change) {
        try {
            change.make();
            return outcome();
        } catch (SQLException e) {
            return "error " + e.getSQLState();
        }
    }

    /** What a poll gives then: the job, or when there is one, or that there is none any more. */
    private String outcome() throws SQLException {
        Map<String, String> job = client.rows("SELECT * FROM mq_poll(NULL, 10)").get(0);
        if (job.get("id") != null) {
            assertThat(job).containsEntry("is_committed", "t").containsEntry("wait_time", "00:00:00");
            return job.get("name") + " " + text(job.get("payload_json")) + " " + text(job.get("payload_bytes")) + " "
                    + job.get("retry_backoff");
        }
        return client.values("count(*) FROM mq_msgs").equals(List.of("0")) ? "gone" : "waits";
    }

    private static String text(String value) {
        return value == null ? "-" : value;
    }
}
