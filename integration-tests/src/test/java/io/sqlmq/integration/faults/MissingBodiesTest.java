package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.testing.TestXid;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.sql.DriverManager;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody has deleted bodies that messages of several subscriptions share: those are dead letters, not empty messages. */
class MissingBodiesTest extends IntegrationTest {

    private static final String LARGE = "x".repeat(10_000);

    private Session session;
    private Topic topic;

    @BeforeEach
    void subscribe() throws JMSException {
        session = session(Session.AUTO_ACKNOWLEDGE);
        topic = session.createTopic("topic-" + queue);
        sql("DELETE FROM mq_msgs");
    }

    private MessageConsumer subscriber(Session within, String name) throws JMSException {
        return within.createSharedDurableConsumer(topic, name + "-" + queue);
    }

    private void publish(String text) throws JMSException {
        session.createProducer(topic).send(session.createTextMessage(text));
    }

    /** Two subscriptions have a message that lost its body, and one after it. */
    private void publishAndLoseTheFirst() throws JMSException {
        publish("lost " + LARGE);
        sql("DELETE FROM mq_payloads");
        publish("kept " + LARGE);
    }

    private void assertDeadLettered(long count) {
        await().untilAsserted(() ->
                assertThat(number("SELECT count(*) FROM mq_dead_letters")).isEqualTo(count));
        assertThat(number("SELECT count(*) FROM mq_dead_letters WHERE queue = 'DLQ' AND attempts = 0"
                        + " AND reason LIKE 'its body is missing: there is no %-%-%-%-% in mq_payloads'"))
                .isEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Session.AUTO_ACKNOWLEDGE,
                Session.CLIENT_ACKNOWLEDGE,
                Session.DUPS_OK_ACKNOWLEDGE,
                Session.SESSION_TRANSACTED
            })
    void theMessageIsDeadLetteredAndTheNextIsReceived(int mode) throws Exception {
        Session receiving = session(mode);
        MessageConsumer first = subscriber(receiving, "first");
        subscriber(session, "second");
        publishAndLoseTheFirst();
        Message received = receive(first);
        assertThat(text(received)).isEqualTo("kept " + LARGE);
        assertThat(received.getJMSRedelivered()).isFalse();
        if (mode == Session.SESSION_TRANSACTED) {
            receiving.commit();
        } else {
            received.acknowledge();
        }
        assertDeadLettered(1);
        assertThat(first.receiveNoWait()).isNull();
        receiving.close();
    }

    @Test
    void aMessageThatIsAloneIsDeadLettered() throws Exception {
        MessageConsumer first = subscriber(session, "first");
        subscriber(session, "second");
        publish(LARGE);
        sql("DELETE FROM mq_payloads");
        assertNothingComes(first);
        assertDeadLettered(1);
    }

    @Test
    void aListenerDoesNotSeeIt() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        subscriber(session, "second");
        MessageConsumer first = subscriber(session(Session.AUTO_ACKNOWLEDGE), "first");
        first.close();
        publishAndLoseTheFirst();
        subscriber(session(Session.AUTO_ACKNOWLEDGE), "first").setMessageListener(message -> {
            try {
                seen.add(text(message));
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        await().untilAsserted(() -> assertThat(seen).containsExactly("kept " + LARGE));
        assertDeadLettered(1);
    }

    @Test
    void theOtherSubscriptionsMessageIsADeadLetterOfItsOwn() throws Exception {
        MessageConsumer first = subscriber(session, "first");
        MessageConsumer second = subscriber(session, "second");
        publishAndLoseTheFirst();
        assertThat(text(receive(first))).isEqualTo("kept " + LARGE);
        assertThat(text(receive(second))).isEqualTo("kept " + LARGE);
        assertDeadLettered(2);
    }

    @Test
    void theDeadLetterTellsWhyItHasNoBody() throws Exception {
        MessageConsumer first = subscriber(session, "first");
        subscriber(session, "second");
        publishAndLoseTheFirst();
        receive(first);
        assertDeadLettered(1);
        Message letter = receive(consumer(session, "DLQ"));
        assertThat(letter.getBody(String.class)).isNull();
        assertThat(letter.getStringProperty("JMS_SQLMQ_DeadLetterReason")).startsWith("its body is missing");
    }

    @Test
    void aTransactionOfTheApplicationTakesTheNext() throws Exception {
        MessageConsumer first = subscriber(session, "first");
        subscriber(session, "second");
        publishAndLoseTheFirst();
        try (java.sql.Connection database = DriverManager.getConnection(url)) {
            database.setAutoCommit(false);
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(database)) {
                assertThat(joined).isNotNull();
                assertThat(text(receive(first))).isEqualTo("kept " + LARGE);
            }
            database.commit();
        }
        assertDeadLettered(1);
        assertThat(first.receiveNoWait()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "colour = 'red'"})
    void aGlobalTransactionTakesTheNext(String selector) throws Exception {
        XAConnection connection = closeAfterwards(factory.createXAConnection());
        connection.start();
        XASession branch = connection.createXASession();
        MessageConsumer first = branch.createSharedDurableConsumer(topic, "first-" + queue);
        subscriber(session, "second");
        publishAndLoseTheFirst();
        first.close();
        if (!selector.isEmpty()) {
            // What a subscription holds is consumed by the name of its channel, here by a selector.
            sql("UPDATE mq_msgs SET properties = '{\"colour\": \"red\"}'");
        }
        String channel = value("SELECT DISTINCT channel_name FROM mq_msgs ORDER BY 1 LIMIT 1");
        XAResource resource = branch.getXAResource();
        TestXid xid = TestXid.next();
        Message received;
        resource.start(xid, XAResource.TMNOFLAGS);
        try (MessageConsumer selecting =
                branch.createConsumer(branch.createQueue(channel), selector.isEmpty() ? null : selector)) {
            received = selecting.receive(SOON);
        }
        resource.end(xid, XAResource.TMSUCCESS);
        resource.commit(xid, true);
        assertThat(text(received)).isEqualTo("kept " + LARGE);
        assertDeadLettered(1);
    }

    @Test
    void aMessageOfTheUnloggedTableIsDeadLetteredToo() throws Exception {
        MessageConsumer first = session.createConsumer(topic);
        MessageConsumer second = session.createConsumer(topic);
        try (MessageProducer producer = session.createProducer(topic)) {
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            producer.send(session.createTextMessage(LARGE));
            sql("DELETE FROM mq_payloads_unlogged");
            producer.send(session.createTextMessage("kept " + LARGE));
        }
        assertThat(text(receive(first))).isEqualTo("kept " + LARGE);
        assertThat(text(receive(second))).isEqualTo("kept " + LARGE);
        assertThat(number("SELECT count(*) FROM mq_dead_letters WHERE reason LIKE '% in mq_payloads_unlogged'"))
                .isEqualTo(2);
    }

    @Test
    void aLargeBodyThatIsThereIsLeftAlone() throws Exception {
        MessageConsumer first = subscriber(session, "first");
        MessageConsumer second = subscriber(session, "second");
        publish(LARGE);
        assertThatCode(() -> {
                    assertThat(text(receive(first))).isEqualTo(LARGE);
                    assertThat(text(receive(second))).isEqualTo(LARGE);
                })
                .doesNotThrowAnyException();
        assertThat(number("SELECT count(*) FROM mq_dead_letters")).isZero();
    }
}
