package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A claim whose plan was made while the tables were empty must still use its indexes when they are full. */
@Tag("slow")
@Timeout(180)
class ClaimPlanTest extends IntegrationTest {

    private static final int ROWS = 100_000;

    @Test
    void aPlanMadeForAnEmptyTableNeverScansAFullOne() throws Exception {
        factory.createConnection().close(); // creates the tables
        try (Connection connection = DriverManager.getConnection(url);
                Statement sql = connection.createStatement()) {
            for (int i = 0; i < 10; i++) {
                claimAndAcknowledge(sql, 0);
            }
            sql.execute("ALTER TABLE mq_msgs SET (autovacuum_enabled = false)"); // its scans are not the claim's
            load(sql, ROWS);
            connection.setAutoCommit(false);
            for (int i = 0; i < 10; i++) {
                long scans = scansNotYetReported(sql);
                claimAndAcknowledge(sql, 100);
                assertThat(scansNotYetReported(sql)).isEqualTo(scans);
                connection.commit();
            }
            assertThat(number(sql, "SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                    .isEqualTo(ROWS - 1_000);
        }
    }

    /** The statement that receives from a flowing queue is planned by the session's own connection. */
    @Test
    void aSessionThatBeganOnAnEmptyTableNeverScansAFullOne() throws Exception {
        try (jakarta.jms.Connection connection = factory.createConnection();
                Connection other = DriverManager.getConnection(url);
                Statement sql = other.createStatement()) {
            connection.start();
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            sql.execute("ALTER TABLE mq_msgs SET (autovacuum_enabled = false)");
            load(sql, 200);
            receiveAndCommit(session, consumer, 200);
            load(sql, ROWS);
            long scans = scansAfter(200, session, consumer, sql);
            assertThat(scansAfter(1_000, session, consumer, sql)).isEqualTo(scans);
        }
    }

    /** Replies in a queue that all requestors share. */
    @Test
    void aSelectorForOneCorrelationIdDoesNotReadTheOthers() throws Exception {
        try (jakarta.jms.Connection connection = factory.createConnection();
                Connection other = DriverManager.getConnection(url);
                Statement sql = other.createStatement()) {
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            sql.execute("INSERT INTO mq_msgs (id, channel_name, payload_text, correlation_id)"
                    + " SELECT gen_random_uuid(), '" + queue + "', 'reply ' || n, 'request ' || n"
                    + " FROM generate_series(1, 20000) n");
            sql.execute("VACUUM ANALYZE mq_msgs");
            long found = correlated(sql);
            long read = ready(sql);
            for (int n = 19_000; n < 19_010; n++) {
                try (MessageConsumer consumer =
                        session.createConsumer(session.createQueue(queue), "JMSCorrelationID = 'request " + n + "'")) {
                    assertThat(text(receive(consumer))).isEqualTo("reply " + n);
                }
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> correlated(sql) >= found + 10);
            assertThat(ready(sql) - read).isLessThan(5_000);
        }
    }

    private static long correlated(Statement sql) throws SQLException {
        return index(sql, "mq_msgs_correlation", "idx_scan");
    }

    private static long ready(Statement sql) throws SQLException {
        return index(sql, "mq_msgs_ready", "idx_tup_read");
    }

    private static long index(Statement sql, String index, String what) throws SQLException {
        sql.execute("SELECT pg_stat_clear_snapshot()");
        return number(
                sql, "SELECT " + what + " FROM pg_stat_user_indexes WHERE indexrelid = '" + index + "'::regclass");
    }

    private static void receiveAndCommit(Session session, MessageConsumer consumer, int messages) throws Exception {
        for (int i = 0; i < messages; i++) {
            assertThat(consumer.receive(10_000)).isNotNull();
            if (i % 5 == 4) {
                session.commit();
            }
        }
    }

    private void load(Statement sql, int rows) throws SQLException {
        sql.execute("INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                + "', 'x' FROM generate_series(1, " + rows + ")");
    }

    private static long statistic(Statement sql, String name) throws SQLException {
        sql.execute("SELECT pg_stat_clear_snapshot()");
        return number(sql, "SELECT " + name + " FROM pg_stat_user_tables WHERE relid = 'mq_msgs'::regclass");
    }

    private void claimAndAcknowledge(Statement sql, int expected) throws SQLException {
        long acknowledged = number(
                sql,
                "SELECT mq_ack('" + queue + "', coalesce(array_agg(row_tid), '{}'), '{}', false) FROM mq_claim('"
                        + queue + "', 100, '{0}', '{9}', '{0}', '{0}', false, '{}', '{}', false)");
        assertThat(acknowledged).isEqualTo(expected);
    }

    /** Sequential scans so far, once so many messages more are reported as received: before PostgreSQL 15 only who works reports. */
    private static long scansAfter(int messages, Session session, MessageConsumer consumer, Statement sql)
            throws Exception {
        long enough = statistic(sql, "n_tup_del") + messages;
        receiveAndCommit(session, consumer, messages);
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            receiveAndCommit(session, consumer, 5);
            return statistic(sql, "n_tup_del") >= enough;
        });
        return statistic(sql, "seq_scan");
    }

    /** Sequential scans of this connection, in a transaction: none of them is reported before its end. */
    private static long scansNotYetReported(Statement sql) throws SQLException {
        return number(sql, "SELECT pg_stat_get_xact_numscans('mq_msgs'::regclass)");
    }

    private static long number(Statement sql, String query) throws SQLException {
        try (ResultSet rows = sql.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
