package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An administrator ends the connection on which a message is sent, before or while the server works for it. Where the database
 * can tell that nothing was committed, the application hears nothing of it; else it hears what is true.
 */
@Tag("faults")
class TerminatedSendsTest extends IntegrationTest {

    private static final String NAME = "to-be-ended-while-sending";
    private static final String TABLES = "mq_msgs, mq_msgs_unlogged, mq_schedules";

    enum Kind {
        PERSISTENT(1),
        NON_PERSISTENT(1),
        DELAYED(1),
        SCHEDULED(1),
        DEDUPLICATED(1),
        DEDUPLICATED_NON_PERSISTENT(1),
        DURABLE_TOPIC(1),
        TOPIC(1),
        TWO_QUEUES(2),
        QUEUE_AND_TOPIC(2),
        TRANSACTED(1),
        TRANSACTED_NON_PERSISTENT(1);

        private final int rows;

        Kind(int rows) {
            this.rows = rows;
        }
    }

    private SqlmqConnectionFactory ended;
    private Session session;

    @BeforeEach
    void connect() throws JMSException {
        ended = factory("applicationName=" + NAME, "listen=off");
        Session subscribers = session(Session.AUTO_ACKNOWLEDGE);
        subscribers.createSharedDurableConsumer(subscribers.createTopic("durable-" + queue), "durable-" + queue);
        subscribers.createConsumer(subscribers.createTopic("topic-" + queue));
    }

    private void send(Kind kind, String name) throws JMSException {
        String text = name + " of " + queue;
        if (session == null) {
            session = session(ended, kind.name().startsWith("TRANSACTED") ? Session.SESSION_TRANSACTED : 1);
        }
        Destination destination = switch (kind) {
            case TWO_QUEUES -> session.createQueue(queue + "," + queue + "-2");
            case QUEUE_AND_TOPIC -> session.createQueue(queue + ",topic://durable-" + queue);
            case DURABLE_TOPIC -> session.createTopic("durable-" + queue);
            case TOPIC -> session.createTopic("topic-" + queue);
            default -> session.createQueue(queue);
        };
        MessageProducer producer = session.createProducer(destination);
        if (kind.name().endsWith("NON_PERSISTENT")) {
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        }
        TextMessage message = session.createTextMessage(text);
        if (kind == Kind.DELAYED) {
            producer.setDeliveryDelay(60_000);
        } else if (kind == Kind.SCHEDULED) {
            message.setLongProperty("AMQ_SCHEDULED_DELAY", 60_000);
            message.setLongProperty("AMQ_SCHEDULED_PERIOD", 60_000);
            message.setIntProperty("AMQ_SCHEDULED_REPEAT", 2);
        } else if (kind.name().startsWith("DEDUPLICATED")) {
            message.setStringProperty("_AMQ_DUPL_ID", text);
        }
        producer.send(message);
        if (session.getTransacted()) {
            session.commit();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsEndedBeforeItIsBegunIsSentOnAnother(Kind kind) throws Exception {
        send(kind, "warm");
        Ledger.execute(url, "SELECT pg_terminate_backend(pid, 30000) " + backends(""));
        send(kind, "text");
        assertThat(rows("text")).isEqualTo(kind.rows);
        assertThat(rows("warm")).isEqualTo(kind.rows);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsEndedWhileItWaitsIsSentOnAnother(Kind kind) throws Exception {
        send(kind, "warm");
        CompletableFuture<Void> sent;
        try (java.sql.Connection locking = DriverManager.getConnection(url);
                Statement lock = locking.createStatement()) {
            locking.setAutoCommit(false);
            lock.execute("LOCK TABLE " + TABLES + " IN SHARE MODE");
            sent = inBackground(() -> send(kind, "text"));
            endWhoeverWaits();
            locking.rollback();
        }
        sent.get(30, TimeUnit.SECONDS);
        assertThat(rows("text")).isEqualTo(kind.rows);
        assertThat(rows("warm")).isEqualTo(kind.rows);
    }

    private void endWhoeverWaits() throws Exception {
        String waiting = backends(" AND wait_event_type = 'Lock'");
        await().until(() -> !Ledger.value(url, "SELECT pid " + waiting).isEmpty());
        Ledger.execute(url, "SELECT pg_terminate_backend(pid, 30000) " + waiting);
    }

    /** What else the transaction has done is gone: only the application can do it again. */
    @Test
    void aTransactionWithMoreInItIsRolledBackAndSaysSo() throws Exception {
        send(ended, queue + "-in", "in of " + queue);
        Connection connection = connect(ended);
        session = connection.createSession(Session.SESSION_TRANSACTED);
        assertThat(consumer(session, queue + "-in").receive(SOON)).isNotNull();
        CompletableFuture<Void> sent;
        try (java.sql.Connection locking = DriverManager.getConnection(url);
                Statement lock = locking.createStatement()) {
            locking.setAutoCommit(false);
            lock.execute("LOCK TABLE mq_msgs_unlogged IN SHARE MODE");
            sent = inBackground(() -> send(Kind.TRANSACTED_NON_PERSISTENT, "text"));
            endWhoeverWaits();
            locking.rollback();
        }
        assertThat(sent)
                .failsWithin(java.time.Duration.ofSeconds(30))
                .withThrowableThat()
                .havingRootCause()
                .withMessageContaining("terminating connection");
        assertThat(rows("text")).isZero();
        assertThat(rows("in")).isEqualTo(1);
    }

    /** The transaction's number is known by then, so it is known that it was rolled back. */
    @Test
    void workOfTheApplicationIsLostWithItsTransaction() throws Exception {
        session = session(ended, Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.send(session.createTextMessage("text of " + queue));
        try (Statement statement = SqlmqTransactions.connection(session).createStatement()) {
            statement.execute("SELECT 1");
        }
        Ledger.execute(url, "SELECT pg_terminate_backend(pid, 30000) " + backends(""));
        assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
        assertThat(rows("text")).isZero();
    }

    private interface Work {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> inBackground(Work work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        work.run();
                    } catch (Exception e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    private static String backends(String which) {
        return "FROM pg_stat_activity WHERE application_name = '" + NAME + "' AND datname = current_database()" + which;
    }

    private int rows(String name) {
        return Integer.parseInt(Ledger.value(url, """
                SELECT (SELECT count(*) FROM mq_msgs WHERE payload_text = '%1$s')
                     + (SELECT count(*) FROM mq_msgs_unlogged WHERE payload_text = '%1$s')
                     + (SELECT count(*) FROM mq_schedules WHERE payload_text = '%1$s')""".formatted(name + " of " + queue)));
    }
}
