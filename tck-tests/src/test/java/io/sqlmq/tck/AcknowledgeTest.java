package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The acknowledge modes and recover: §6.2.10, §6.2.13, §8.8. */
class AcknowledgeTest extends ConformanceTest {

    private static void assertDelivery(Message message, String text, int count) throws JMSException {
        assertThat(text(message)).isEqualTo(text);
        assertThat(message.getJMSRedelivered()).isEqualTo(count > 1);
        assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void whatReceiveReturnedIsAcknowledged(int mode) throws JMSException {
        send("a", "b");
        Session receiving = connection.createSession(mode);
        assertThat(texts(receiving.createConsumer(queue), 1)).containsExactly("a");
        receiving.close();
        assertQueueHolds("b");
    }

    @Test
    void acknowledgeIsIgnoredInOtherModes() throws JMSException { // §6.2.10
        send("a", "b");
        for (int mode : new int[] {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE}) {
            try (MessageConsumer consumer = session(mode).createConsumer(queue)) {
                receive(consumer).acknowledge();
            }
        }
        assertQueueHolds();
    }

    @Test
    void acknowledgeIsIgnoredInTransactedSessions() throws JMSException { // javadoc of acknowledge
        send("a");
        Session transacted = session(Session.SESSION_TRANSACTED);
        receive(transacted.createConsumer(queue)).acknowledge();
        transacted.rollback();
        transacted.close();
        assertQueueHolds("a");
    }

    @Test
    void aClientAcknowledgesAllItHasReceived() throws JMSException { // §6.2.10
        send("a", "b", "c");
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        receive(consumer);
        receive(consumer).acknowledge();
        receive(consumer);
        client.close();
        assertQueueHolds("c");
    }

    @Test
    void acknowledgingAnEarlierMessageCoversLaterOnesToo() throws JMSException { // §6.2.10
        send("a", "b");
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        Message first = receive(consumer);
        receive(consumer);
        first.acknowledge();
        first.acknowledge();
        client.close();
        assertQueueHolds();
    }

    @Test
    void acknowledgeCoversTheMessagesOfAllConsumersOfTheSession() throws JMSException {
        jakarta.jms.Queue other = session.createQueue(uniqueName());
        send("a");
        try (var producer = session.createProducer(other)) {
            producer.send(session.createTextMessage("b"));
        }
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        receive(client.createConsumer(queue));
        receive(client.createConsumer(other)).acknowledge();
        client.close();
        assertQueueHolds();
        try (MessageConsumer consumer = session.createConsumer(other)) {
            assertNothingComes(consumer);
        }
    }

    @Test
    void messagesOfAClosedConsumerCanBeAcknowledged() throws JMSException { // §8.8
        send("a");
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        Message message = receive(consumer);
        consumer.close();
        message.acknowledge();
        client.close();
        assertQueueHolds();
    }

    @Test
    void messagesOfAClosedConsumerStayWithTheSession() throws JMSException { // §8.8
        send("a");
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        receive(consumer);
        consumer.close();
        assertQueueHolds();
        client.close();
        assertQueueHolds("a");
    }

    @Test
    void whatIsNotAcknowledgedComesBackWhenTheSessionCloses() throws JMSException {
        send("a", "b");
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        assertThat(texts(client.createConsumer(queue), 2)).containsExactly("a", "b");
        client.close();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertDelivery(receive(consumer), "a", 2);
            assertDelivery(receive(consumer), "b", 2);
        }
    }

    @Test
    void acknowledgeAfterTheSessionIsClosedIsRefused() throws JMSException {
        send("a");
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Message message = receive(client.createConsumer(queue));
        client.close();
        assertThatThrownBy(message::acknowledge).isInstanceOf(IllegalStateException.class);
        assertQueueHolds("a");
    }

    @Test
    void recoverRedeliversInTheOriginalOrder() throws JMSException { // §6.2.13
        send("a", "b", "c");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        assertThat(texts(consumer, 2)).containsExactly("a", "b");
        client.recover();
        assertDelivery(receive(consumer), "a", 2);
        assertDelivery(receive(consumer), "b", 2);
        assertDelivery(receive(consumer), "c", 1);
        client.recover();
        Message last = receive(consumer);
        assertDelivery(last, "a", 3);
        last.acknowledge();
        assertDelivery(receive(consumer), "b", 3);
    }

    @Test
    void recoverDoesNotRedeliverWhatIsAcknowledged() throws JMSException {
        send("a", "b");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        receive(consumer).acknowledge();
        receive(consumer);
        client.recover();
        assertDelivery(receive(consumer), "b", 2);
    }

    @Test
    void recoverWithNothingReceivedDoesNothing() throws JMSException {
        send("a");
        Session client = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(queue);
        client.recover();
        assertDelivery(receive(consumer), "a", 1);
    }

    @Test
    void recoverInAnAutoAcknowledgeSessionRedeliversNothing() throws JMSException {
        send("a", "b");
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            receive(consumer);
            session.recover();
            assertDelivery(receive(consumer), "b", 1);
        }
    }

    @Test
    void recoverOfATransactedSessionIsRefused() throws JMSException {
        Session transacted = session(Session.SESSION_TRANSACTED);
        assertThatThrownBy(transacted::recover).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aMessageThatWasPassedOverIsNotCounted() throws JMSException {
        send("a", "b");
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        receive(client.createConsumer(queue));
        client.close();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertDelivery(receive(consumer), "a", 2);
            assertDelivery(receive(consumer), "b", 1);
        }
    }
}
