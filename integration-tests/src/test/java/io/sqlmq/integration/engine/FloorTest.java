package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.testing.Async;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * While a transaction somewhere in the database keeps vacuum from removing what was received, claims begin where messages
 * are left, and what is committed late is still found.
 */
@Timeout(120)
class FloorTest extends IntegrationTest {

    private static final int MESSAGES = 20_000;
    private static final int PER_COMMIT = 500;

    @Test
    void claimsDoNotReadWhatWasReceivedWhileATransactionIsOpenElsewhere() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        try (Connection other = DriverManager.getConnection(url);
                Connection watching = DriverManager.getConnection(url);
                Statement open = other.createStatement();
                Statement sql = watching.createStatement()) {
            other.setAutoCommit(false);
            open.execute("CREATE TABLE unrelated_" + queue.replace('-', '_') + " (n integer)"); // a long writer
            load(sql, MESSAGES);
            receive(session, consumer, MESSAGES);
            // Each claim reads its messages, and from where they begin: not the thousands before. The server counts
            // late.
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                long before = entriesRead(sql);
                load(sql, 100);
                receive(session, consumer, 100);
                await().atMost(Duration.ofSeconds(20)).until(() -> entriesRead(sql) > before);
                assertThat(entriesRead(sql) - before).isLessThan(MESSAGES / 4);
            });
            other.rollback();
        }
    }

    @Test
    void aMessageCommittedAfterLaterOnesWereReceivedIsFound() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        try (Connection slow = DriverManager.getConnection(url);
                Connection fast = DriverManager.getConnection(url);
                Statement early = slow.createStatement();
                Statement sql = fast.createStatement()) {
            slow.setAutoCommit(false);
            early.execute("SELECT mq_send('" + queue + "', 'early')");
            for (int i = 0; i < 3; i++) {
                load(sql, MESSAGES / 4);
                receive(session, consumer, MESSAGES / 4);
            }
            slow.commit();
            Message late = consumer.receive(SOON);
            assertThat(late).isNotNull();
            assertThat(late.getBody(String.class)).isEqualTo("early");
            session.commit();
        }
    }

    /** Others have taken what is gone, or this process before it was started anew; and its consumer never waits. */
    @Test
    void aProcessThatHasJustStartedPaysForItsFirstClaimsOnly() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        try (Connection other = DriverManager.getConnection(url);
                Connection watching = DriverManager.getConnection(url);
                Statement open = other.createStatement();
                Statement sql = watching.createStatement()) {
            other.setAutoCommit(false);
            open.execute("CREATE TABLE unrelated_" + queue.replace('-', '_') + " (n integer)");
            load(sql, MESSAGES);
            sql.execute("DELETE FROM mq_msgs WHERE channel_name = '" + queue + "'");
            load(sql, 900); // not enough to raise floors for their number
            MessageConsumer consumer = consumer(session, queue);
            long[] before = {entriesRead(sql)};
            // The server counts what a connection has read at most once a second.
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(1_100))
                    .untilAsserted(() -> {
                        assertThat(consumer.receiveNoWait()).isNotNull();
                        session.commit();
                        long read = entriesRead(sql) - before[0];
                        before[0] += read;
                        assertThat(read).isBetween(1L, MESSAGES / 4L);
                    });
            other.rollback();
        }
    }

    @Test
    void theFirstMessageOfADatabaseIsReceivedByAConsumerWhoseClaimsWereSlow() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        try (Connection other = DriverManager.getConnection(url);
                Statement sql = other.createStatement()) {
            sql.execute("ALTER SEQUENCE mq_seq RESTART");
            other.setAutoCommit(false);
            sql.execute("LOCK TABLE mq_msgs IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<?> claim =
                    Async.run(() -> assertThat(consumer.receiveNoWait()).isNull());
            await().until(() -> waitsForTheLock(sql));
            other.commit();
            claim.get();
            Thread.sleep(500); // floors are raised meanwhile, which nothing tells
            other.setAutoCommit(true);
            sql.execute("SELECT mq_send('" + queue + "', 'first')");
            Message first = consumer.receive(SOON);
            assertThat(first).isNotNull();
            assertThat(first.getBody(String.class)).isEqualTo("first");
            session.commit();
        }
    }

    @Test
    void aRowThatSomebodyWroteWithANumberOfLongAgoIsFound() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        try (Connection other = DriverManager.getConnection(url);
                Statement sql = other.createStatement()) {
            load(sql, 5 * PER_COMMIT);
            receive(session, consumer, 5 * PER_COMMIT);
            CompletableFuture<Message> received = Async.call(() -> consumer.receive(60_000));
            Thread.sleep(1_000); // floors are raised meanwhile, which nothing tells
            sql.execute("INSERT INTO mq_msgs (id, channel_name, seq, payload_text) VALUES (gen_random_uuid(), '" + queue
                    + "', 1, 'early')");
            assertThat(received.get().getBody(String.class)).isEqualTo("early");
            session.commit();
        }
    }

    /** Each table has floors of its own, with and without a selector. */
    @ParameterizedTest
    @CsvSource({
        "mq_msgs, slot IS NULL, ",
        "mq_msgs_unlogged, slot IS NULL, ",
        "mq_msgs, slot IS NOT NULL, ",
        "mq_msgs, slot IS NULL, wanted",
        "mq_msgs_unlogged, slot IS NULL, wanted",
        "mq_msgs, slot IS NOT NULL, wanted"
    })
    void aMessageThatSomebodyHoldsIsFoundAfterwards(String table, String where, @Nullable String selector)
            throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createConsumer(session.createQueue(queue), selector);
        try (Connection other = DriverManager.getConnection(url);
                Connection filling = DriverManager.getConnection(url);
                Statement held = other.createStatement();
                Statement sql = filling.createStatement()) {
            if (table.equals("mq_msgs")) {
                sql.execute("SELECT mq_send('" + queue + "', 'held', p_properties => '{\"wanted\": true}', p_group => "
                        + (where.contains("NOT") ? "'g'" : "NULL") + ")");
            } else {
                sql.execute("INSERT INTO mq_msgs_unlogged (id, channel_name, payload_text, properties) VALUES ("
                        + "gen_random_uuid(), '" + queue + "', 'held', '{\"wanted\": true}')");
            }
            other.setAutoCommit(false);
            try (ResultSet rows = held.executeQuery(
                    "SELECT FROM " + table + " WHERE channel_name = '" + queue + "' AND " + where + " FOR UPDATE")) {
                assertThat(rows.next()).isTrue();
            }
            for (int i = 0; i < 3; i++) {
                load(sql, 3 * PER_COMMIT);
                receive(session, consumer, 3 * PER_COMMIT);
            }
            Thread.sleep(1_000); // floors are raised meanwhile, which nothing tells
            other.commit();
            Message late = consumer.receive(SOON);
            assertThat(late).isNotNull();
            assertThat(late.getBody(String.class)).isEqualTo("held");
            session.commit();
        }
    }

    private static boolean waitsForTheLock(Statement sql) throws SQLException {
        try (ResultSet rows = sql.executeQuery("SELECT FROM pg_locks WHERE NOT granted")) {
            return rows.next();
        }
    }

    private static void receive(Session session, MessageConsumer consumer, int messages) throws Exception {
        for (int i = 1; i <= messages; i++) {
            assertThat(consumer.receive(SOON)).isNotNull();
            if (i % PER_COMMIT == 0 || i == messages) {
                session.commit();
            }
        }
    }

    private void load(Statement sql, int rows) throws SQLException {
        sql.execute("INSERT INTO mq_msgs (id, channel_name, payload_text, properties) SELECT gen_random_uuid(), '"
                + queue + "', 'x', '{\"wanted\": true}' FROM generate_series(1, " + rows + ")");
    }

    private static long entriesRead(Statement sql) throws SQLException {
        sql.execute("SELECT pg_stat_clear_snapshot()");
        try (ResultSet rows = sql.executeQuery(
                "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelid = 'mq_msgs_ready'::regclass")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
