package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A delivery counts as failed when the transaction that held the message was rolled back or died, and only if it was a
 * consumer's: an operator's locks leave the same trace on a row.
 */
@Tag("faults")
class SuspectsTest extends IntegrationTest {

    private static final String[] TEXTS = {"one", "two", "three", "four", "five"};

    private List<String> countsOf(SqlmqConnectionFactory from) throws Exception {
        List<String> received = new ArrayList<>();
        try (MessageConsumer consumer = consumer(session(from, Session.AUTO_ACKNOWLEDGE), queue)) {
            for (Message message = consumer.receive(500); message != null; message = consumer.receive(NOTHING)) {
                received.add(text(message) + " " + deliveryCount(message) + " " + message.getJMSRedelivered());
            }
        }
        return received;
    }

    private void assertThatNothingCounts() throws Exception {
        SqlmqConnectionFactory strict = factory("maximumRedeliveries=0", "deadLetterQueue=DLQ-" + queue);
        assertThat(countsOf(strict))
                .containsExactly("one 1 false", "two 1 false", "three 1 false", "four 1 false", "five 1 false");
        assertThat(number("SELECT count(*) FROM mq_msgs WHERE channel_name = 'DLQ-" + queue + "'"))
                .isZero();
    }

    /** What anybody may do to the rows of a queue, and not go through with. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM mq_msgs WHERE channel_name = '%s'; ROLLBACK",
                "UPDATE mq_msgs SET prio_rank = 0 WHERE channel_name = '%s'; ROLLBACK",
                "SELECT FROM mq_msgs WHERE channel_name = '%s' FOR UPDATE; ROLLBACK",
                "SELECT FROM mq_msgs WHERE channel_name = '%s' FOR KEY SHARE; ROLLBACK",
                "SAVEPOINT s; DELETE FROM mq_msgs WHERE channel_name = '%s'; ROLLBACK TO s; COMMIT",
                "SAVEPOINT s; DELETE FROM mq_msgs WHERE channel_name = '%s'; RELEASE s; ROLLBACK",
                "SELECT * FROM mq_claim('%s', 3, '{0}', '{9}', '{0}', '{0}', false, '{}', '{}', false); ROLLBACK",
                "SELECT mq_move(id, channel_name, false, 'elsewhere', NULL, NULL, NULL) FROM mq_msgs"
                        + " WHERE channel_name = '%s'; ROLLBACK",
                "DELETE FROM mq_msgs WHERE channel_name = '%s'; SELECT pg_terminate_backend(pg_backend_pid())",
                "DELETE FROM mq_msgs WHERE channel_name = '%s'; SET statement_timeout = 10; SELECT pg_sleep(5)"
            })
    void aRollbackOfSomebodyElseIsNoFailedDelivery(String statements) throws Exception {
        send(TEXTS);
        try (Connection operator = DriverManager.getConnection(url);
                Statement statement = operator.createStatement()) {
            statement.execute("BEGIN; " + statements.formatted(queue));
        } catch (SQLException expected) {
            assertThat(expected.getSQLState()).as(expected.getMessage()).isIn("57P01", "57014");
        }
        assertThatNothingCounts();
    }

    /** Consumers of the same queue were killed before, and others live on. */
    @Test
    void aRollbackOfSomebodyElseIsNoFailedDeliveryWhereConsumersDied() throws Exception {
        send("poison");
        ChildJvm child = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class, url, queue, Integer.toString(Session.SESSION_TRANSACTED), "hold", "1"));
        child.awaitLine("holding");
        child.kill();
        await().until(() -> factory.admin().purge(queue) == 1);
        send(TEXTS);
        sql("BEGIN; DELETE FROM mq_msgs; ROLLBACK");
        assertThatNothingCounts();
    }

    @ParameterizedTest
    @ValueSource(strings = {"purge", "move"})
    void aCallOfTheAdministrationThatIsCancelledIsNoFailedDelivery(String call) throws Exception {
        send(TEXTS);
        sql(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN PERFORM pg_sleep(CASE WHEN OLD.payload_text = 'four' THEN 60 ELSE 0 END);"
                        + " RETURN OLD; END $$",
                "CREATE TRIGGER slow BEFORE DELETE ON mq_msgs FOR EACH ROW EXECUTE FUNCTION slow()");
        try {
            CompletableFuture<Long> work = CompletableFuture.supplyAsync(() -> {
                try {
                    return call.equals("purge")
                            ? factory.admin().purge(queue)
                            : factory.admin().move(queue, "elsewhere");
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            });
            await().until(() -> number("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity"
                            + " WHERE wait_event = 'PgSleep' AND datname = current_database()")
                    == 1);
            assertThatThrownBy(work::get).rootCause().hasMessageContaining("canceling statement");
        } finally {
            sql("DROP TRIGGER slow ON mq_msgs", "DROP FUNCTION slow");
        }
        assertThatNothingCounts();
    }

    /** However the consumer is connected: its death is read from what it leaves behind, not from its silence. */
    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void theTransactionOfAKilledProcessCountsAtOnce(String listen) throws Exception {
        send("one", "two", "three");
        ChildJvm child = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class,
                urlOn(url, "listen=" + listen),
                queue,
                Integer.toString(Session.SESSION_TRANSACTED),
                "hold",
                "2"));
        child.awaitLine("holding");
        child.kill();
        await().until(() -> number("SELECT count(*) FROM pg_locks WHERE relation = 'mq_msgs'::regclass") == 0);
        assertThat(countsOf(factory("listen=" + listen, "redeliveryDelay=0")))
                .containsExactlyInAnyOrder("one 2 true", "two 2 true", "three 1 false");
    }

    /** Messages may wait for a consumer long after their last one has died, and has been forgotten. */
    @Test
    void theTransactionOfAKilledProcessCountsAlsoWhenTheProcessIsForgotten() throws Exception {
        send("one", "two");
        ChildJvm child = closeAfterwards(ChildJvm.start(
                ReceivingProgram.class, url, queue, Integer.toString(Session.SESSION_TRANSACTED), "hold", "2"));
        child.awaitLine("holding");
        String owner = value("SELECT max(owner) FROM mq_signatures");
        child.kill();
        await().until(() -> number("SELECT count(*) FROM pg_locks WHERE relation = 'mq_msgs'::regclass") == 0);
        sql("DELETE FROM mq_owners WHERE owner = " + owner);
        sql("SELECT mq_sweep_signatures(0)", "SELECT mq_sweep_signatures(0)");
        assertThat(number("SELECT count(*) FROM mq_signatures WHERE owner = " + owner))
                .isZero();
        assertThat(countsOf(factory)).containsExactlyInAnyOrder("one 2 true", "two 2 true");
    }

    /** Claims behind a savepoint have locked their rows as subtransactions, with numbers of their own. */
    @Test
    void aSessionWhoseConnectionIsTerminatedHasItsDeliveriesCountedAllOfThem() throws Exception {
        send(TEXTS);
        Session session = session(factory("redeliveryDelay=0"), Session.SESSION_TRANSACTED);
        try (MessageConsumer consumer = consumer(session, queue)) {
            receive(consumer);
            receive(consumer);
            try (Statement own = SqlmqTransactions.connection(session).createStatement()) {
                own.execute("SAVEPOINT mine");
            }
            receive(consumer);
            receive(consumer);
            sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'mq_msgs'::regclass"
                    + " AND pid <> pg_backend_pid()");
            assertThatThrownBy(session::commit).isInstanceOf(JMSException.class);
        }
        await().until(() -> number("SELECT count(*) FROM pg_locks WHERE relation = 'mq_msgs'::regclass") == 0);
        assertThat(countsOf(factory))
                .containsExactlyInAnyOrder("one 2 true", "two 2 true", "three 2 true", "four 2 true", "five 1 false");
    }

    /** Whoever gets the message next, and although nobody tells the provider how such a transaction has ended. */
    @Test
    void aTransactionOfTheApplicationCountsWhicheverProcessIsNext() throws Exception {
        send("poison");
        List<SqlmqConnectionFactory> processes =
                List.of(factory("redeliveryDelay=0"), factory("redeliveryDelay=0", "listen=off"));
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            try (Connection application = DriverManager.getConnection(url)) {
                application.setAutoCommit(false);
                Session session = session(processes.get(i % 2), Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = consumer(session, queue);
                try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(application)) {
                    assertThat(joined).isNotNull();
                    counts.add(deliveryCount(receive(consumer)));
                }
                application.rollback();
            }
        }
        assertThat(counts).containsExactly(1, 2, 3, 4, 5);
    }

    /**
     * Two subtransactions of one transaction share a lock as a multixact: a claim may lock a message that it does not bring,
     * because it is not due any more when it comes to it, and the next claim of the same transaction brings it.
     */
    @ParameterizedTest
    @CsvSource({"1, false", "1, true", "2, false", "2, true"})
    void aTransactionThatLockedTheMessageBeforeItTookItCounts(int deliveryMode, boolean selective) throws Exception {
        SqlmqConnectionFactory from = factory("redeliveryDelay=0");
        Session session = session(from, Session.AUTO_ACKNOWLEDGE);
        Message sent = session.createTextMessage("poison");
        sent.setIntProperty("x", 1);
        session.createProducer(session.createQueue(queue)).send(sent, deliveryMode, 4, 0);
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue), selective ? "x = 1" : null);
                Connection application = DriverManager.getConnection(url);
                Statement own = application.createStatement()) {
            application.setAutoCommit(false);
            // What such a claim leaves behind.
            own.execute("SAVEPOINT take; SELECT FROM mq_msgs FOR UPDATE; SELECT FROM mq_msgs_unlogged FOR UPDATE;"
                    + " RELEASE take");
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(application)) {
                assertThat(joined).isNotNull();
                assertThat(deliveryCount(receive(consumer))).isEqualTo(1);
            }
            application.rollback();
            assertThat(deliveryCount(receive(consumer))).isEqualTo(2);
        }
    }

    @Test
    void transactionsOfTheApplicationLeaveNoSignaturesBehind() throws Exception {
        String[] many = new String[300];
        Arrays.fill(many, "text");
        send(many);
        Session session = session(factory(), Session.AUTO_ACKNOWLEDGE);
        try (Connection application = DriverManager.getConnection(url);
                MessageConsumer consumer = consumer(session, queue)) {
            application.setAutoCommit(false);
            long before = number("SELECT count(*) FROM mq_signatures");
            for (int i = 0; i < many.length; i++) {
                try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(application)) {
                    assertThat(joined).isNotNull();
                    receive(consumer);
                }
                application.commit();
            }
            assertThat(number("SELECT count(*) FROM mq_signatures") - before).isLessThan(150);
        }
    }

    /** A consumer may lock and let go of a message between the snapshot of somebody's claim and its look at the message. */
    @Test
    void aTransactionThatIsYoungerThanTheSnapshotOfAClaimIsKnown() throws Exception {
        session(factory(), Session.AUTO_ACKNOWLEDGE);
        try (Connection older = DriverManager.getConnection(url);
                Connection younger = DriverManager.getConnection(url)) {
            older.setAutoCommit(false);
            older.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            single(older, "SELECT pg_current_snapshot()");
            younger.setAutoCommit(false);
            String xact = single(younger, "SELECT pg_current_xact_id()");
            younger.rollback();
            assertThat(single(older, "SELECT mq_locker('" + xact + "'::xid8::xid)"))
                    .isEqualTo(xact);
        }
    }

    private static String single(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
