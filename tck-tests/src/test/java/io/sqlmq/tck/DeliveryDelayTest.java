package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** Delivery delay: §3.4.13, §7.9. */
class DeliveryDelayTest extends ConformanceTest {

    private static final long DELAY = 300;

    private Message sendDelayed(String text, long delay) throws JMSException {
        Message message = session.createTextMessage(text);
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.setDeliveryDelay(delay);
            producer.send(message);
        }
        return message;
    }

    @Test
    void aDelayedMessageIsNotDeliveredEarly() throws JMSException {
        Message sent = sendDelayed("later", DELAY);
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(consumer.receiveNoWait()).isNull();
            Message received = receive(consumer);
            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(sent.getJMSDeliveryTime());
            assertThat(received.getJMSDeliveryTime()).isEqualTo(sent.getJMSDeliveryTime());
        }
    }

    @Test
    void theDeliveryTimeIsTheTimestampPlusTheDelay() throws JMSException {
        Message sent = sendDelayed("later", 60_000);
        assertThat(sent.getJMSDeliveryTime() - sent.getJMSTimestamp()).isBetween(60_000L, 60_020L);
    }

    @Test
    void laterMessagesOvertakeADelayedOne() throws JMSException { // §6.2.9.2
        sendDelayed("later", DELAY);
        send("at once");
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(texts(consumer, 2)).containsExactly("at once", "later");
        }
    }

    @Test
    void delayedMessagesComeInTheOrderOfTheirDeliveryTimes() throws JMSException {
        sendDelayed("third", 450);
        sendDelayed("second", 300);
        sendDelayed("first", 150);
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(texts(consumer, 3)).containsExactly("first", "second", "third");
        }
    }

    @Test
    void theDelayRunsFromSendNotFromCommit() throws JMSException { // §7.9
        Session transacted = session(Session.SESSION_TRANSACTED);
        try (MessageProducer producer = transacted.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            producer.setDeliveryDelay(DELAY);
            Message sent = transacted.createTextMessage("later");
            producer.send(sent);
            assertNothingComes(consumer);
            transacted.commit();
            receive(consumer);
            assertThat(System.currentTimeMillis())
                    .isBetween(sent.getJMSDeliveryTime(), sent.getJMSDeliveryTime() + SOON);
        }
    }

    @Test
    void aDelayAndAnExpirationMayBothBeSet() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            producer.setTimeToLive(60_000);
            producer.setDeliveryDelay(100);
            producer.send(session.createTextMessage("m"));
            assertThat(text(receive(consumer))).isEqualTo("m");
        }
    }

    @Test
    void aBrowserDoesNotSeeWhatIsNotYetDue() throws JMSException { // §4.1.6
        sendDelayed("later", 60_000);
        send("now");
        try (QueueBrowser browser = session.createBrowser(queue)) {
            assertThat(Collections.list((java.util.Enumeration<?>) browser.getEnumeration()))
                    .hasSize(1);
        }
    }

    @Test
    void theDelayOfAProducerIsZeroUnlessSet() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            assertThat(producer.getDeliveryDelay()).isZero();
            producer.setDeliveryDelay(17);
            assertThat(producer.getDeliveryDelay()).isEqualTo(17);
        }
    }

    @Test
    void aJmsProducerDelaysToo() {
        try (JMSContext context = factory.createContext()) {
            var consumer = context.createConsumer(queue);
            context.createProducer().setDeliveryDelay(DELAY).send(queue, "later");
            assertThat(consumer.receiveNoWait()).isNull();
            assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("later");
        }
    }
}
