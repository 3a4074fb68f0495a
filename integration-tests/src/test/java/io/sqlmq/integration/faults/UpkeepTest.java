package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** What a process does by itself: a step that fails is told of and keeps no other from its work. */
@Tag("slow")
class UpkeepTest extends IntegrationTest {

    private static final String MILLIS = "io.sqlmq.engine.upkeepMillis";

    private static final Duration LONG = Duration.ofSeconds(30);

    @BeforeAll
    static void often(@JdbcUrl String url) throws Exception {
        System.setProperty(MILLIS, "50");
        try (SqlmqConnectionFactory first = new SqlmqConnectionFactory(url)) {
            first.createConnection().close(); // creates the tables
        }
        sqlOn(
                url,
                role("keeper"),
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO keeper",
                "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO keeper");
    }

    @AfterAll
    static void asBefore(@JdbcUrl String url) {
        System.clearProperty(MILLIS);
        sqlOn(url, "DROP OWNED BY keeper", "DROP ROLE keeper");
    }

    /** A process of the role that waits for messages. */
    private Connection work() throws Exception {
        return work("keeper");
    }

    private Connection work(String role) throws Exception {
        Connection connection = closeAfterwards(factory().createConnection(role, "any"));
        connection.start();
        MessageConsumer consumer = consumer(connection.createSession(Session.AUTO_ACKNOWLEDGE), queue);
        consumer.setMessageListener(message -> {});
        return connection;
    }

    private void awaitSweepOfIdentifiers() {
        sql("INSERT INTO mq_dedup VALUES ('" + queue + "', 'x', gen_random_uuid(), now() - interval '1 s')");
        await().atMost(LONG).until(() -> number("SELECT count(*) FROM mq_dedup") == 0);
    }

    @ParameterizedTest
    @CsvSource({
        "mq_subscribers, the sweep of what dead processes have registered",
        "mq_gone_channels, the sweep of subscriptions that are gone",
        "mq_payloads, the sweep of shared bodies",
        "mq_failures, the sweep of signatures",
        "mq_schedules, the sending of what schedules say"
    })
    void whatARoleMayNotDoKeepsItFromNothingElse(String table, String step) throws Exception {
        try (LogLines log = new LogLines()) {
            sql("REVOKE ALL ON " + table + " FROM keeper");
            work();
            awaitSweepOfIdentifiers();
            await().atMost(LONG)
                    .until(() ->
                            !log.with("ERROR", step, "permission denied", table).isEmpty());
            awaitSweepOfIdentifiers(); // several rounds later
            assertThat(log.with("ERROR", step)).hasSize(1);

            sql("GRANT SELECT, INSERT, UPDATE, DELETE ON " + table + " TO keeper");
            awaitSweepOfIdentifiers();
            awaitSweepOfIdentifiers();
            assertThat(log.with("ERROR", step)).hasSize(1);
            sql("REVOKE ALL ON " + table + " FROM keeper");
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(log.with("ERROR", step)).as("anew").hasSize(2));
        } finally {
            sql("GRANT SELECT, INSERT, UPDATE, DELETE ON " + table + " TO keeper");
        }
    }

    /** What such a role may not do is left to others, without a word. */
    @ParameterizedTest
    @ValueSource(strings = {"all", "queues", "receive", "administer"})
    void aRoleThatMayConsumeMayDoItsUpkeep(String what) throws Exception {
        String role = "upkeep_" + what;
        sql(
                role(role),
                "SELECT mq_grant('" + role + "', '" + what + "')",
                "INSERT INTO mq_schedules (id, next_at, delay, period, repeats, channel_name, topic, senders, persistent,"
                        + " prio_rank, timestamped, time_to_live, delivery_mode, payload_text) VALUES"
                        + " (gen_random_uuid(), now(), 0, 0, 0, '" + queue
                        + "', false, '{}', true, 5, true, 0, 2, 'due')",
                "INSERT INTO mq_clients VALUES ('gone', 1000001, 1)",
                "INSERT INTO mq_subscribers VALUES ('s:1', 1000001, 1)",
                "INSERT INTO mq_waiters VALUES ('gone', 1000001)",
                "INSERT INTO mq_gone_channels VALUES ('s:1', now() - interval '1 h', '3')");
        try (LogLines log = new LogLines();
                Connection working = work(role)) {
            assertThat(working).isNotNull();
            for (int i = 0; i < 3; i++) {
                awaitSweepOfIdentifiers();
            }
            await().atMost(LONG)
                    .until(() ->
                            number("SELECT (SELECT count(*) FROM mq_clients) + (SELECT count(*) FROM mq_subscribers)"
                                            + " + (SELECT count(*) FROM mq_waiters WHERE owner = 1000001)"
                                            + " + (SELECT count(*) FROM mq_gone_channels)")
                                    == 0);
            if (!what.equals("receive")) {
                await().atMost(LONG).until(() -> number("SELECT count(*) FROM mq_schedules") == 0);
            }
            assertThat(log.with("ERROR ")).isEmpty();
            assertThat(log.with("permission denied")).isEmpty();
        } finally {

            sql("SELECT mq_revoke('" + role + "')", "DROP ROLE " + role, "DELETE FROM mq_schedules");
        }
    }

    /** To send is all that such a process is there for. */
    @Test
    void aRoleThatMayOnlySendLeavesUpkeepToThoseThatReceive() throws Exception {
        sql(role("upkeep_send"), "SELECT mq_grant('upkeep_send', 'send')");
        try (LogLines log = new LogLines();
                Connection connection = factory().createConnection("upkeep_send", "any")) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            session.createProducer(session.createQueue(queue)).send(session.createTextMessage("a"));
            session.commit();
            await().atMost(LONG)
                    .until(() -> !log.with("INFO", "is left to processes whose roles may receive")
                            .isEmpty());
            await().during(Duration.ofSeconds(2))
                    .atMost(LONG)
                    .until(() -> log.with("ERROR ").isEmpty());
            assertThat(log.with("is left to")).hasSize(1);
        } finally {
            sql("SELECT mq_revoke('upkeep_send')", "DROP ROLE upkeep_send");
        }
    }

    /** Advisory locks are for everybody who may connect. */
    @ParameterizedTest
    @ValueSource(strings = {"pg_advisory_lock", "pg_advisory_xact_lock"})
    void whoHoldsTheGroupsThatAConsumerWaitsForIsNamed(String lock) throws Exception {
        try (LogLines log = new LogLines();
                java.sql.Connection holder = DriverManager.getConnection(with(url, "ApplicationName", "greedy"))) {
            holder.setAutoCommit(false);
            int pid = holder.unwrap(PGConnection.class).getBackendPID();
            try (Statement statement = holder.createStatement()) {
                statement.execute(
                        "SELECT " + lock + "(mq_slot_class('" + queue + "'), -1 - s) FROM generate_series(0, 1023) s");
                if (lock.equals("pg_advisory_lock")) {
                    holder.commit();
                }
            }
            sql("SELECT mq_send('" + queue + "', 'text', '{\"JMSXGroupID\": \"g\"}')");
            work();
            await().atMost(LONG)
                    .until(() -> !log.with("WARN", queue, "process " + pid, "greedy", "1024 of the 1024")
                            .isEmpty());
        }
        await().atMost(LONG).until(() -> number("SELECT count(*) FROM mq_msgs") == 0);
    }

    @Test
    void aDeadProcessThatCannotBeBuriedKeepsNoOtherFromBeingBuried() throws Exception {
        sql(
                "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept'; END $$",
                "CREATE TRIGGER keep BEFORE DELETE ON mq_clients FOR EACH ROW WHEN (OLD.client_id = 'kept')"
                        + " EXECUTE FUNCTION keep()",
                "INSERT INTO mq_clients VALUES ('kept', 1000001, 1), ('free', 1000002, 1)");
        try (LogLines log = new LogLines()) {
            work();
            await().atMost(LONG).until(() -> number("SELECT count(*) FROM mq_clients WHERE client_id = 'free'") == 0);
            await().atMost(LONG)
                    .until(() -> log.with("ERROR", "dead processes", "kept").size() == 1);
        } finally {
            sql("DROP FUNCTION keep CASCADE", "DELETE FROM mq_clients");
        }
    }

    /** Rows of other tables, as strange as their constraints allow. */
    @Test
    void noRowOfTheOtherTablesStopsAnything() throws Exception {
        sql(
                "INSERT INTO mq_owners VALUES (2147483647, repeat('\"''%', 10000), true, '294276-01-01'),"
                        + " (-5, '', false, '4000-01-01 BC'), (0, '', true, '4000-01-01 BC')",
                "INSERT INTO mq_waiters VALUES ('', 1), (repeat('ä', 127), -1), (E'\\n\\\\ 5 x', 2147483647)",
                "INSERT INTO mq_signatures VALUES (9223372036854775807, 0), (-1, -1)",
                "INSERT INTO mq_failures VALUES ('18446744073709551615', '294276-01-01'), ('1', '4000-01-01 BC')",
                "INSERT INTO mq_topics VALUES ('', 9223372036854775807), (repeat('x', 2000), 1)",
                "INSERT INTO mq_subscribers VALUES ('', 0, -1), (repeat('x', 2000), 2147483647, 1)",
                "INSERT INTO mq_clients VALUES ('', 0, -1), (repeat('x', 2000), -2147483648, 1)",
                "INSERT INTO mq_gone_channels VALUES ('s:99999999999999999999', '294276-01-01', '18446744073709551615'),"
                        + " ('s:00', '4000-01-01 BC', '3')",
                "INSERT INTO mq_destinations VALUES ('', true), ('a?b=c', true), ('sqlmq-temp:x', true), ('s:1', true),"
                        + " (repeat('x', 255), false)",
                "INSERT INTO mq_dedup VALUES ('', '', gen_random_uuid(), 'infinity'), ('x', 'y', gen_random_uuid(),"
                        + " '-infinity')",
                "INSERT INTO mq_exclusives VALUES ('', 0), (repeat('x', 255), -7)",
                "INSERT INTO mq_payloads VALUES ('ffffffff-ffff-ffff-ffff-ffffffffffff', NULL, NULL, NULL),"
                        + " ('00000000-0000-0000-0000-000000000000', 'null', 'x', 'x')",
                "INSERT INTO mq_msgs (id, channel_name, sent_at, payload_text) SELECT gen_random_uuid(), n, s, 'strange'"
                        + " FROM (VALUES ('sqlmq-temp:99999999999:1:1', 1), ('sqlmq-temp:x', -9223372036854775808),"
                        + " ('sqlmq-temp:1', 9223372036854775807), ('s:7', 1), ('', 0), ('a?b=c', 253402300800000)) AS v (n, s)");
        try (LogLines log = new LogLines()) {
            work();
            MessageConsumer pattern = consumer(session(Session.AUTO_ACKNOWLEDGE), "q.>");
            await().atMost(LONG).until(() -> number("SELECT count(*) FROM mq_dedup") == 1);
            sql("SELECT mq_send('q." + queue + "', 'found')");
            assertThat(text(receive(pattern))).isEqualTo("found");
            awaitNoOldRegistrations();
            sql(
                    "SELECT * FROM mq_messages",
                    "SELECT * FROM mq_messages_logged",
                    "SELECT * FROM mq_queues",
                    "SELECT * FROM mq_queues_logged",
                    "SELECT * FROM mq_dead_letters",
                    "SELECT * FROM mq_scheduled",
                    "SELECT * FROM mq_topic_subscribers",
                    "SELECT * FROM mq_set_aside");
            assertThat(log.with("ERROR ")).isEmpty();
        } finally {
            sql(
                    "DELETE FROM mq_dedup",
                    "DELETE FROM mq_owners WHERE owner IN (0, -5, 2147483647)",
                    "DELETE FROM mq_failures",
                    "DELETE FROM mq_gone_channels",
                    "DELETE FROM mq_destinations",
                    "DELETE FROM mq_msgs",
                    "DELETE FROM mq_exclusives",
                    "DELETE FROM mq_topics");
        }
    }

    private void awaitNoOldRegistrations() {
        await().atMost(LONG)
                .until(() -> number("SELECT (SELECT count(*) FROM mq_clients) + (SELECT count(*) FROM mq_subscribers)"
                                + " + (SELECT count(*) FROM mq_waiters WHERE owner IN (1, -1))")
                        == 0);
    }
}
