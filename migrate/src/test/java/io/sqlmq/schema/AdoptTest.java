package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.schema.SchemaException.Reason;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database that sqlxmq has used becomes one of sqlmq, with the jobs that are in it. */
@Timeout(120)
class AdoptTest {
    private static final String NIL = "'00000000-0000-0000-0000-000000000000'";

    /** Tables, columns, keys and names as sqlxmq 0.6 makes them; of its functions what an index needs, and two to be replaced. */
    private static final String SQLXMQ = """
            CREATE TYPE mq_new_t AS (id uuid, delay interval, retries int, retry_backoff interval, channel_name text,
              channel_args text, commit_interval interval, ordered boolean, name text, payload_json text, payload_bytes bytea);
            CREATE TABLE mq_msgs (
              id uuid PRIMARY KEY, created_at timestamptz DEFAULT now(), attempt_at timestamptz DEFAULT now(),
              attempts int NOT NULL DEFAULT 5, retry_backoff interval NOT NULL DEFAULT interval '1 second',
              channel_name text NOT NULL, channel_args text NOT NULL, commit_interval interval,
              after_message_id uuid DEFAULT %1$s REFERENCES mq_msgs (id) ON DELETE SET DEFAULT);
            INSERT INTO mq_msgs (id, channel_name, channel_args, after_message_id) VALUES (%1$s, '', '', NULL);
            CREATE FUNCTION mq_uuid_exists(id uuid) RETURNS boolean LANGUAGE sql IMMUTABLE
              AS $$ SELECT id IS NOT NULL AND id <> %1$s $$;
            CREATE INDEX ON mq_msgs (channel_name, channel_args, attempt_at)
              WHERE id <> %1$s AND NOT mq_uuid_exists(after_message_id);
            CREATE UNIQUE INDEX mq_msgs_channel_name_channel_args_after_message_id_idx
              ON mq_msgs (channel_name, channel_args, after_message_id);
            CREATE TABLE mq_payloads (id uuid PRIMARY KEY, name text NOT NULL, payload_json jsonb, payload_bytes bytea);
            CREATE FUNCTION mq_clear_all() RETURNS void LANGUAGE sql AS $$ DELETE FROM mq_msgs $$;
            CREATE FUNCTION mq_poll(channel_names text[], batch_size int DEFAULT 1) RETURNS SETOF uuid LANGUAGE sql
              AS $$ SELECT id FROM mq_msgs $$;""".formatted(NIL);

    private PGSimpleDataSource database = new PGSimpleDataSource();
    private Migrator migrator = new Migrator(database, "public");

    @BeforeEach
    void newDatabase() throws SQLException {
        database = TestServer.newDatabase();
        migrator = new Migrator(database, "public");
        TestServer.execute(database, SQLXMQ);
    }

    private void job(int number, String name, String columns, String values) throws SQLException {
        TestServer.execute(
                database,
                "INSERT INTO mq_msgs (id, channel_name, channel_args, " + columns + ") VALUES ('" + id(number) + "', "
                        + values + ")",
                "INSERT INTO mq_payloads VALUES ('" + id(number) + "', '" + name + "', '{\"n\": " + number + "}', '\\x0"
                        + number + "')");
    }

    private static String id(int number) {
        return "%08d-0000-4000-8000-000000000000".formatted(number);
    }

    private List<String> poll() throws SQLException {
        List<String> names = new ArrayList<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT name || ' ' || payload_json || ' ' || payload_bytes::text"
                                + " FROM mq_poll(NULL, 100) WHERE id IS NOT NULL ORDER BY 1")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    @Test
    void jobsOfAllKindsAreCarriedOver() throws SQLException {
        String unordered = "after_message_id, attempts, retry_backoff, attempt_at";
        job(1, "waiting", unordered, "'c', '', NULL, 5, '1 min', now()");
        job(2, "delayed", unordered, "'c', '', NULL, 3, '4 s', now() + interval '1 hour'");
        job(3, "used up", unordered, "'c', 'x', NULL, 0, '4 s', NULL");
        // Added in one order, with times in another, as transactions that overlap do.
        job(4, "first", "created_at, after_message_id", "'o', 'x', now(), " + NIL);
        job(5, "second", "created_at, after_message_id", "'o', 'x', now() - interval '1 min', '" + id(4) + "'");
        job(6, "third", "created_at, after_message_id", "'o', 'x', now(), '" + id(5) + "'");
        job(
                7,
                "reserved",
                unordered + ", commit_interval",
                "'r', '', NULL, 5, '1 s', now() + interval '1 hour', '1 hour'");
        job(
                8,
                "lapsed",
                unordered + ", commit_interval",
                "'r', '', NULL, 5, '1 s', now() - interval '1 hour', '1 hour'");

        assertThat(migrator.adopt())
                .containsExactly(
                        "dead letters: 1",
                        "delayed, leased or backing off: 1",
                        "ready: 4",
                        "reserved, not committed yet: 1");
        migrator.validate();
        assertThat(migrator.info().pending()).isEmpty();
        migrator.migrate();

        assertThat(poll()).containsExactly("first {\"n\": 4} \\x04", "waiting {\"n\": 1} \\x01");
        TestServer.execute(database, "SELECT mq_delete(ARRAY['" + id(4) + "']::uuid[])");
        assertThat(poll()).containsExactly("second {\"n\": 5} \\x05");
        TestServer.execute(database, "SELECT mq_delete(ARRAY['" + id(5) + "']::uuid[])");
        assertThat(poll()).containsExactly("third {\"n\": 6} \\x06");
        TestServer.execute(database, "SELECT mq_commit(ARRAY['" + id(7) + "']::uuid[])");
        assertThat(poll()).containsExactly("reserved {\"n\": 7} \\x07");
        assertThat(TestServer.query(
                        database,
                        "SELECT (attempt_at > now() + interval '59 min')::text || max_deliveries || retry_backoff FROM mq_msgs"
                                + " WHERE id = '" + id(2) + "'"))
                .isEqualTo("true300:00:04");
        assertThat(TestServer.query(database, "SELECT origin || ' ' || queue FROM mq_dead_letters"))
                .isEqualTo("c DLQ");
        assertThat(TestServer.query(database, "SELECT count(*) FROM pg_class WHERE relname LIKE 'sqlxmq%'"))
                .isEqualTo("0");
        assertThat(migrator.adopt()).isEmpty();
    }

    @Test
    void whatCannotBeCarriedOverIsNamedAndNothingIsChanged() throws SQLException {
        job(1, "fine", "after_message_id", "'c', '', NULL");
        job(2, "nameless", "after_message_id", "'c', '', NULL");
        job(3, "long", "after_message_id", "repeat('c', 256), '', NULL");
        TestServer.execute(database, "DELETE FROM mq_payloads WHERE name = 'nameless'");
        assertThatThrownBy(migrator::adopt)
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("nothing was changed")
                .hasMessageContaining("no row in mq_payloads, and so no name: 1 (" + id(2) + ")")
                .hasMessageContaining("longer than 255 bytes: 1 (" + id(3) + ")");
        assertThat(TestServer.query(database, "SELECT count(after_message_id) || ' ' || count(*) FROM mq_msgs"))
                .isEqualTo("0 4");
        assertThat(migrator.info().currentVersion()).isNull();
    }

    @Test
    void timesAndNumbersThatAreOddAreCarriedOver() throws SQLException {
        String columns = "created_at, after_message_id, attempts, retry_backoff, attempt_at";
        job(1, "endless", columns, "'c', '', 'infinity', NULL, -1, '-178000000 years', '4000-01-01 BC'");
        job(2, "nobody knows when", columns, "'c', '', NULL, NULL, 2147483647, '178000000 years', now()");
        job(3, "its own predecessor", columns, "'c', 'x', now(), '" + id(3) + "', 5, '0', now()");
        job(
                4,
                "reserved",
                columns + ", commit_interval",
                "'r', '', now(), NULL, 5, '1 s', now() + interval '1 hour', '178000000 years'");
        job(5, "never committed", columns + ", commit_interval", "'r', '', now(), NULL, 0, '1 s', NULL, '1 s'");
        migrator.adopt();
        TestServer.execute(database, "SELECT mq_commit(ARRAY['" + id(4) + "']::uuid[])");
        assertThat(poll())
                .containsExactly(
                        "endless {\"n\": 1} \\x01",
                        "its own predecessor {\"n\": 3} \\x03",
                        "nobody knows when {\"n\": 2} \\x02",
                        "reserved {\"n\": 4} \\x04");
        assertThat(TestServer.query(database, "SELECT string_agg(max_deliveries::text, ' ' ORDER BY id) FROM mq_msgs"))
                .as("what is tried for ever stays so, and what was never committed is gone")
                .isEqualTo("2147483647 2147483647 5 5");
    }

    /** Each step of a chain is a step in an index. */
    @Test
    @Timeout(60)
    void aLongChainIsCarriedOverInItsOrder() throws SQLException {
        TestServer.execute(
                database,
                "INSERT INTO mq_msgs (id, channel_name, channel_args, after_message_id) SELECT md5(n::text)::uuid, 'c', '',"
                        + " CASE WHEN n = 1 THEN " + NIL
                        + " ELSE md5((n - 1)::text)::uuid END FROM generate_series(1, 20000) n",
                "INSERT INTO mq_payloads SELECT md5(n::text)::uuid, n::text FROM generate_series(1, 20000) n");
        assertThat(migrator.adopt()).containsExactly("ready: 20000");
        assertThat(TestServer.query(
                        database,
                        "SELECT count(*) FROM (SELECT name::integer AS n, row_number() OVER (ORDER BY seq) AS place FROM mq_msgs) m"
                                + " WHERE n = place"))
                .isEqualTo("20000");
    }

    /** As mq_insert does, which has written its payloads when it comes to mq_msgs, and mq_delete, which begins there. */
    @ParameterizedTest
    @CsvSource({"mq_payloads, mq_msgs", "mq_msgs, mq_payloads"})
    void whoHasOneOfTheTablesGetsTheOtherAndIsWaitedFor(String first, String second) throws Exception {
        job(1, "waiting", "after_message_id", "'c', '', NULL");
        try (Connection worker = database.getConnection();
                Statement statement = worker.createStatement()) {
            worker.setAutoCommit(false);
            statement.execute("LOCK TABLE " + first + " IN ROW EXCLUSIVE MODE");
            FutureTask<List<String>> adoption = new FutureTask<>(migrator::adopt);
            new Thread(adoption, "adopt").start();
            while (TestServer.query(
                            database,
                            "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE"
                                    + " datname = current_database())")
                    .equals("0")) {
                Thread.sleep(5);
            }
            statement.execute("LOCK TABLE " + second + " IN ROW EXCLUSIVE MODE");
            worker.commit();
            assertThat(adoption.get()).containsExactly("ready: 1");
        }
    }

    @Test
    void whoKeepsTheTablesForLongIsNamedAsTheReason() throws SQLException {
        try (Connection worker = database.getConnection();
                Statement statement = worker.createStatement()) {
            worker.setAutoCommit(false);
            statement.execute("SELECT * FROM mq_msgs");
            Migrator impatient =
                    new Migrator(database, "public", Migrator.LOCATION, new MigrationRun.LockTimeouts(1_000, 300));
            assertThatThrownBy(impatient::adopt)
                    .isInstanceOfSatisfying(
                            SchemaException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUSY))
                    .hasMessageContaining("run again: ")
                    .hasMessageContaining(" adopt --url");
        }
        assertThat(migrator.adopt()).containsExactly("the tables; there were no jobs");
    }

    @Test
    void whoCouldWorkWithTheJobsCanGoOn() throws SQLException {
        String role = "worker of " + System.nanoTime();
        job(1, "waiting", "after_message_id", "'c', '', NULL");
        TestServer.execute(
                database,
                "CREATE ROLE \"" + role + "\"",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_payloads TO \"" + role + "\"",
                "ALTER TABLE mq_msgs OWNER TO \"" + role + "\"");
        try {
            migrator.adopt();
            TestServer.execute(
                    database,
                    "SET ROLE \"" + role
                            + "\"; SELECT mq_insert(ARRAY[(gen_random_uuid(), NULL, 3, NULL, 'c', '', NULL, false, 'n',"
                            + " NULL, NULL)::mq_new_t]); SELECT mq_delete(ARRAY(SELECT id FROM mq_poll(NULL, 2)))");
            assertThat(poll()).isEmpty();
        } finally {
            TestServer.execute(database, "DROP OWNED BY \"" + role + "\"", "DROP ROLE \"" + role + "\"");
        }
    }

    @Test
    void whatOthersHaveMadeOnTheTablesIsNamedAndNothingIsChanged() throws SQLException {
        TestServer.execute(
                database,
                "CREATE VIEW waiting AS SELECT id FROM mq_msgs",
                "CREATE TABLE notes (job uuid REFERENCES mq_msgs)",
                "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
                "CREATE TRIGGER audit AFTER INSERT ON mq_payloads FOR EACH ROW EXECUTE FUNCTION noted()",
                "CREATE POLICY mine ON mq_msgs");
        assertThatThrownBy(migrator::adopt)
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("nothing was changed")
                .hasMessageContaining("notes_job_fkey on table notes")
                .hasMessageContaining("view waiting")
                .hasMessageContaining("trigger audit on table mq_payloads")
                .hasMessageContaining("policy mine on table mq_msgs");
        TestServer.execute(
                database,
                "DROP VIEW waiting",
                "DROP TABLE notes",
                "DROP FUNCTION noted CASCADE",
                "DROP POLICY mine ON mq_msgs");
        assertThat(migrator.adopt()).containsExactly("the tables; there were no jobs");
    }

    @Test
    void withoutTablesOfSqlxmqThereIsNothingToAdopt() throws SQLException {
        Migrator other = new Migrator(database, "other");
        assertThatThrownBy(other::adopt)
                .isInstanceOfSatisfying(
                        SchemaException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MISSING))
                .hasMessageContaining("migrate");
    }

    @Test
    void functionsThatSqlxmqsMigrationsReplaceAreNoticedAndPutBack() throws SQLException {
        migrator.adopt();
        TestServer.execute(
                database,
                "CREATE OR REPLACE FUNCTION mq_clear_all() RETURNS void LANGUAGE sql AS $$ DELETE FROM mq_msgs $$",
                "CREATE FUNCTION mq_poll(channel_names text[], batch_size int DEFAULT 1) RETURNS SETOF uuid LANGUAGE sql AS $$"
                        + " SELECT id FROM mq_msgs $$");
        assertThatThrownBy(migrator::validate)
                .isInstanceOfSatisfying(
                        SchemaException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REPLACED))
                .hasMessageContaining("mq_clear_all(), mq_poll(text[],integer)")
                .hasMessageContaining(" adopt --url");
        assertThat(migrator.adopt()).hasSize(1);
        migrator.validate();
        assertThat(poll()).isEmpty();
    }

    @Test
    void anySchemaCanBeAdopted() throws SQLException {
        String name = "it's 100% a$b";
        TestServer.execute(
                database,
                "CREATE SCHEMA \"" + name + "\"",
                "SET search_path = \"" + name + "\"; " + SQLXMQ,
                "RESET search_path");
        Migrator other = new Migrator(database, name);
        assertThat(other.adopt()).containsExactly("the tables; there were no jobs");
        other.validate();
        assertThat(migrator.adopt()).containsExactly("the tables; there were no jobs");
    }
}
