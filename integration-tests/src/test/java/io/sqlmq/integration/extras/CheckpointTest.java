package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.integration.faults.ChildJvm;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.testing.Async;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What the next delivery of a message learns of the one before: how far that came, and why it failed. */
class CheckpointTest extends IntegrationTest {

    private static String checkpoint(Message message) throws JMSException {
        return message.getStringProperty(SqlmqTransactions.CHECKPOINT);
    }

    private List<String> listen(int mode, Step step) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        consumer(session(mode), queue)
                .setMessageListener(message -> Async.unchecked(() -> {
                    seen.add(String.valueOf(checkpoint(message)));
                    step.run(message, seen.size());
                    return null;
                }));
        return seen;
    }

    private long waiting() {
        return number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'");
    }

    private interface Step {
        void run(Message message, int delivery) throws Exception;
    }

    @Test
    void theNextDeliveryOfAListenerBeginsWhereTheLastCheckpointWas() throws Exception {
        send("import");
        List<String> seen = listen(Session.AUTO_ACKNOWLEDGE, (message, delivery) -> {
            SqlmqTransactions.checkpoint(message, "row " + delivery);
            SqlmqTransactions.checkpoint(message, "row " + (delivery + 1));
            if (delivery < 3) {
                throw new IllegalArgumentException("again");
            }
        });
        await().until(() -> seen.size() == 3 && waiting() == 0);
        assertThat(seen).containsExactly("null", "row 2", "row 3");
    }

    @Test
    void aClientWhoAcknowledgesMayStoreThem() throws Exception {
        send("import");
        Session session = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        SqlmqTransactions.checkpoint(receive(consumer), "{\"page\": 7}");
        session.recover();
        Message again = receive(consumer);
        assertThat(checkpoint(again)).isEqualTo("{\"page\": 7}");
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(text(again)).isEqualTo("import");
        again.acknowledge();
        assertThat(waiting()).isZero();
    }

    @Test
    void insideATransactionOfTheApplicationItIsCommittedAndRolledBackWithThat() throws Exception {
        send("import");
        List<String> seen = listen(Session.AUTO_ACKNOWLEDGE, (message, delivery) -> {
            if (delivery > 1) {
                return;
            }
            for (boolean commit : new boolean[] {true, false}) {
                try (Connection database = DriverManager.getConnection(url)) {
                    database.setAutoCommit(false);
                    try (var scope = SqlmqTransactions.join(database)) {
                        SqlmqTransactions.checkpoint(message, commit ? "committed" : "rolled back");
                    }
                    if (commit) {
                        database.commit();
                    } else {
                        database.rollback();
                    }
                }
            }
            throw new IllegalArgumentException("again");
        });
        await().until(() -> seen.size() == 2);
        assertThat(seen).containsExactly("null", "committed");
    }

    @Test
    void whatWasReceivedInATransactionOrIsAcknowledgedHasNone() throws Exception {
        send("a", "b");
        Session transacted = session(Session.SESSION_TRANSACTED);
        Message inTransaction = receive(consumer(transacted, queue));
        assertThatThrownBy(() -> SqlmqTransactions.checkpoint(inTransaction, "x"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not transacted");
        transacted.rollback();
        Session automatic = session(Session.AUTO_ACKNOWLEDGE);
        Message acknowledged = receive(consumer(automatic, queue));
        assertThatThrownBy(() -> SqlmqTransactions.checkpoint(acknowledged, "x"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("CLIENT_ACKNOWLEDGE");
        assertThatThrownBy(() -> SqlmqTransactions.checkpoint(acknowledged, "\0"))
                .isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> SqlmqTransactions.checkpoint(automatic.createMessage(), "x"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("not delivered");
    }

    @Test
    void itIsNotPassedOnWithTheMessage() throws Exception {
        send("import");
        Session session = session(Session.CLIENT_ACKNOWLEDGE);
        SqlmqTransactions.checkpoint(receive(consumer(session, queue)), "half");
        session.recover();
        Message again = receive(consumer(session, queue));
        assertThat(checkpoint(again)).isEqualTo("half");
        session.createProducer(session.createQueue(queue + ".next")).send(again);
        Message next = receive(consumer(session, queue + ".next"));
        assertThat(text(next)).isEqualTo("import");
        assertThat(next.propertyExists(SqlmqTransactions.CHECKPOINT)).isFalse();
    }

    @Test
    void aDeliveryAfterAFailureTellsWhyTheLastFailed() throws Exception {
        send("import");
        Session session = session(factory("redeliveryDelay=0", "initialRedeliveryDelay=0"), Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        Message first = receive(consumer);
        assertThat(first.propertyExists(SqlmqTransactions.LAST_ERROR)).isFalse();
        SqlmqTransactions.noteFailure(first, new IllegalArgumentException("the partner is away"));
        session.rollback();
        Message again = receive(consumer);
        assertThat(again.getStringProperty(SqlmqTransactions.LAST_ERROR)).contains("the partner is away");
        session.createProducer(session.createQueue(queue + ".next")).send(again);
        session.commit();
        assertThat(receive(consumer(session, queue + ".next")).propertyExists(SqlmqTransactions.LAST_ERROR))
                .isFalse();
        session.commit();
    }

    @Test
    void soDoesOneInATransactionOfTheApplicationAndOneBySelector() throws Exception {
        SqlmqConnectionFactory impatient = factory("redeliveryDelay=0", "initialRedeliveryDelay=0");
        send("import");
        Session session = session(impatient, Session.SESSION_TRANSACTED);
        SqlmqTransactions.noteFailure(receive(consumer(session, queue)), new IllegalArgumentException("first"));
        session.rollback();
        session.close();
        Session selecting = session(impatient, Session.SESSION_TRANSACTED);
        Message selected = receive(
                selecting.createConsumer(selecting.createQueue(queue), "JMSXDeliveryCount > 1 OR JMSPriority = 4"));
        assertThat(selected.getStringProperty(SqlmqTransactions.LAST_ERROR)).contains("first");
        SqlmqTransactions.noteFailure(selected, new IllegalArgumentException("second"));
        selecting.rollback();
        selecting.close();
        try (Connection database = DriverManager.getConnection(url)) {
            database.setAutoCommit(false);
            try (var scope = SqlmqTransactions.join(database)) {
                Session joined = session(impatient, Session.AUTO_ACKNOWLEDGE);
                assertThat(receive(consumer(joined, queue)).getStringProperty(SqlmqTransactions.LAST_ERROR))
                        .contains("second");
            }
            database.commit();
        }
    }

    @Test
    void aKilledListenerIsGoneOnWithElsewhere() throws Exception {
        send("import");
        try (ChildJvm worker = ChildJvm.start(Worker.class, url, queue)) {
            worker.awaitLine("stored");
            worker.kill();
        }
        setPeriod("upkeepMillis", 500);
        List<String> seen = new CopyOnWriteArrayList<>();
        consumer(session(factory(), Session.AUTO_ACKNOWLEDGE), queue)
                .setMessageListener(message -> Async.unchecked(() -> seen.add(checkpoint(message))));
        await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() == 1); // a young server gives owners time
        assertThat(seen).containsExactly("half");
    }

    /** Stores a checkpoint and does not come back. */
    static final class Worker {
        private Worker() {}

        public static void main(String[] arguments) throws Exception {
            try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(arguments[0]);
                    var connection = factory.createConnection()) {
                Session session = connection.createSession();
                session.createConsumer(session.createQueue(arguments[1])).setMessageListener(message -> {
                    Async.unchecked(() -> {
                        SqlmqTransactions.checkpoint(message, "half");
                        System.out.println("stored");
                        Thread.sleep(60_000);
                        return null;
                    });
                });
                connection.start();
                Thread.sleep(60_000);
            }
        }
    }
}
