package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Browsing a queue: §4.1.6. */
class QueueBrowserTest extends ConformanceTest {

    private static List<String> browse(QueueBrowser browser) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (Enumeration<?> messages = browser.getEnumeration(); messages.hasMoreElements(); ) {
            texts.add(text((Message) messages.nextElement()));
        }
        return texts;
    }

    @Test
    void allMessagesAreSeenInOrderAndStay() throws JMSException {
        send("a", "b", "c");
        try (QueueBrowser browser = session.createBrowser(queue)) {
            assertThat(browse(browser)).containsExactly("a", "b", "c");
            assertThat(browse(browser)).as("each enumeration begins anew").containsExactly("a", "b", "c");
        }
        assertQueueHolds("a", "b", "c");
    }

    @Test
    void prioritiesAreSeenInOrder() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                QueueBrowser browser = session.createBrowser(queue)) {
            producer.send(session.createTextMessage("low"), DeliveryMode.PERSISTENT, 1, 0);
            producer.send(session.createTextMessage("high"), DeliveryMode.PERSISTENT, 9, 0);
            assertThat(browse(browser)).containsExactly("high", "low");
        }
    }

    @Test
    void persistentAndNonPersistentMessagesAreSeen() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                QueueBrowser browser = session.createBrowser(queue)) {
            producer.send(session.createTextMessage("a"), DeliveryMode.PERSISTENT, 4, 0);
            producer.send(session.createTextMessage("b"), DeliveryMode.NON_PERSISTENT, 4, 0);
            assertThat(browse(browser)).containsExactlyInAnyOrder("a", "b");
        }
    }

    @Test
    void anEmptyQueueHasNoElements() throws JMSException {
        try (QueueBrowser browser = session.createBrowser(queue)) {
            assertThat(browser.getEnumeration().hasMoreElements()).isFalse();
            assertThatThrownBy(() -> browser.getEnumeration().nextElement()).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void aSelectorChooses() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                QueueBrowser browser = session.createBrowser(queue, "n > 1")) {
            for (int i = 0; i < 4; i++) {
                Message message = session.createTextMessage("m" + i);
                message.setIntProperty("n", i);
                producer.send(message);
            }
            assertThat(browser.getMessageSelector()).isEqualTo("n > 1");
            assertThat(browse(browser)).containsExactly("m2", "m3");
        }
    }

    @Test
    void anInvalidSelectorIsRefused() {
        assertThatThrownBy(() -> session.createBrowser(queue, "n >")).isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void gettersTellWhatWasGiven() throws JMSException {
        try (QueueBrowser browser = session.createBrowser(queue);
                QueueBrowser empty = session.createBrowser(queue, "")) {
            assertThat(browser.getQueue()).isEqualTo(queue);
            assertThat(browser.getMessageSelector()).isNull();
            assertThat(empty.getMessageSelector()).isNull();
        }
    }

    @Test
    void browsedMessagesAreWhole() throws JMSException {
        Message sent = session.createTextMessage("m");
        sent.setIntProperty("p", 1);
        sent.setJMSCorrelationID("c");
        session.createProducer(queue).send(sent);
        try (QueueBrowser browser = session.createBrowser(queue)) {
            Message seen = (Message) browser.getEnumeration().nextElement();
            assertThat(seen.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
            assertThat(seen.getIntProperty("p")).isOne();
            assertThat(seen.getJMSCorrelationID()).isEqualTo("c");
            assertThat(seen.getJMSDestination()).isEqualTo(queue);
            assertThat(seen.getJMSRedelivered()).isFalse();
        }
    }

    @Test
    void browsingDoesNotCountAsDelivery() throws JMSException {
        send("m");
        try (QueueBrowser browser = session.createBrowser(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            browse(browser);
            browse(browser);
            assertThat(receive(consumer).getIntProperty("JMSXDeliveryCount")).isOne();
        }
    }

    @Test
    void whatIsConsumedIsGone() throws JMSException {
        send("a", "b");
        try (QueueBrowser browser = session.createBrowser(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            receive(consumer);
            assertThat(browse(browser)).containsExactly("b");
        }
    }

    @Test
    void uncommittedMessagesAreNotSeen() throws JMSException {
        Session transacted = session(Session.SESSION_TRANSACTED);
        transacted.createProducer(queue).send(transacted.createTextMessage("m"));
        try (QueueBrowser browser = session.createBrowser(queue)) {
            assertThat(browse(browser)).isEmpty();
            transacted.commit();
            assertThat(browse(browser)).containsExactly("m");
        }
    }

    @Test
    void aLongQueueIsSeenWhole() throws JMSException {
        String[] texts = IntStream.range(0, 1_000).mapToObj(i -> "m" + i).toArray(String[]::new);
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(queue);
        for (String text : texts) {
            producer.send(transacted.createTextMessage(text));
        }
        transacted.commit();
        try (QueueBrowser browser = session.createBrowser(queue)) {
            assertThat(browse(browser)).containsExactly(texts);
        }
    }
}
