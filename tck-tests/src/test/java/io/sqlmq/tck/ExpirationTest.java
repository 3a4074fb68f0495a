package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import org.junit.jupiter.api.Test;

/** Time to live: §3.4.9, §7.8. */
class ExpirationTest extends ConformanceTest {

    private void sendExpiring(String text, long timeToLive) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.setTimeToLive(timeToLive);
            producer.send(session.createTextMessage(text));
        }
    }

    private static void passes(long millis) {
        long until = System.nanoTime() + millis * 1_000_000;
        await().until(() -> System.nanoTime() >= until);
    }

    @Test
    void anExpiredMessageIsNotDelivered() throws JMSException {
        sendExpiring("expires", 50);
        send("stays");
        passes(100);
        assertQueueHolds("stays");
    }

    @Test
    void aMessageThatHasTimeLeftIsDelivered() throws JMSException {
        sendExpiring("in time", 60_000);
        assertQueueHolds("in time");
    }

    @Test
    void aWaitingConsumerGetsAMessageThatExpiresSoon() throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(consumer.receiveNoWait()).isNull();
            sendExpiring("soon gone", 1_000);
            assertThat(text(receive(consumer))).isEqualTo("soon gone");
        }
    }

    @Test
    void zeroTimeToLiveNeverExpires() throws JMSException {
        sendExpiring("m", 0);
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(receive(consumer).getJMSExpiration()).isZero();
        }
    }

    @Test
    void theLongestTimeToLiveNeverExpiresEither() throws JMSException {
        sendExpiring("m", Long.MAX_VALUE);
        assertQueueHolds("m");
    }

    @Test
    void expirationIsTimestampPlusTimeToLive() throws JMSException {
        Message message = session.createMessage();
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.setTimeToLive(5_000);
            producer.send(message);
        }
        assertThat(message.getJMSExpiration() - message.getJMSTimestamp()).isBetween(5_000L, 5_020L);
    }

    @Test
    void expirationRunsFromSendNotFromCommit() throws JMSException { // §3.4.9
        Session transacted = session(Session.SESSION_TRANSACTED);
        try (MessageProducer producer = transacted.createProducer(queue)) {
            producer.setTimeToLive(50);
            producer.send(transacted.createTextMessage("expires before the commit"));
            passes(100);
            transacted.commit();
        }
        assertQueueHolds();
    }

    @Test
    void aMessageThatExpiresIsNotRedelivered() throws JMSException {
        sendExpiring("m", 400);
        Session transacted = session(Session.SESSION_TRANSACTED);
        try (MessageConsumer consumer = transacted.createConsumer(queue)) {
            assertThat(text(receive(consumer))).isEqualTo("m");
            passes(450);
            transacted.rollback();
            assertNothingComes(consumer);
        }
    }
}
