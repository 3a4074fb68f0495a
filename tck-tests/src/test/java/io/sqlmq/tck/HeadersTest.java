package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Message header fields, who sets them and how they arrive: §3.4. */
class HeadersTest extends ConformanceTest {

    @Test
    void sendSetsTheHeadersThatTheProviderOwns() throws JMSException { // §3.4.11
        Message message = session.createTextMessage("m");
        long before = System.currentTimeMillis();
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.send(message, DeliveryMode.NON_PERSISTENT, 7, 60_000);
        }
        long after = System.currentTimeMillis();
        assertThat(message.getJMSDestination()).isEqualTo(queue);
        assertThat(message.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(message.getJMSPriority()).isEqualTo(7);
        assertThat(message.getJMSMessageID()).startsWith("ID:");
        assertThat(message.getJMSTimestamp()).isBetween(before, after);
        assertThat(message.getJMSExpiration()).isBetween(before + 60_000, after + 60_000);
        assertThat(message.getJMSDeliveryTime()).isEqualTo(message.getJMSTimestamp());
    }

    @Test
    void receivedHeadersEqualThoseOfTheSentMessage() throws JMSException { // §3.4
        Message sent = session.createTextMessage("m");
        sent.setJMSCorrelationID("correlation");
        sent.setJMSType("type");
        sent.setJMSReplyTo(session.createQueue("reply"));
        Message received;
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            producer.send(sent, DeliveryMode.NON_PERSISTENT, 3, 60_000);
            received = receive(consumer);
        }
        assertThat(received.getJMSDestination()).isEqualTo(queue);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(3);
        assertThat(received.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
        assertThat(received.getJMSTimestamp()).isEqualTo(sent.getJMSTimestamp());
        assertThat(received.getJMSExpiration()).isEqualTo(sent.getJMSExpiration());
        assertThat(received.getJMSDeliveryTime()).isEqualTo(sent.getJMSDeliveryTime());
        assertThat(received.getJMSCorrelationID()).isEqualTo("correlation");
        assertThat(received.getJMSType()).isEqualTo("type");
        assertThat(received.getJMSReplyTo()).isEqualTo(session.createQueue("reply"));
        assertThat(received.getJMSRedelivered()).isFalse();
    }

    @Test
    void valuesThatTheClientSetInTheProvidersHeadersAreIgnored() throws JMSException { // §3.4.1-3.4.13
        Message message = session.createTextMessage("m");
        message.setJMSDestination(session.createQueue(uniqueName()));
        message.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
        message.setJMSMessageID("ID:mine");
        message.setJMSTimestamp(1);
        message.setJMSExpiration(1);
        message.setJMSPriority(9);
        message.setJMSDeliveryTime(Long.MAX_VALUE);
        message.setJMSRedelivered(true);
        Message received = exchange(message);
        assertThat(received.getJMSDestination()).isEqualTo(queue);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(received.getJMSMessageID()).isNotEqualTo("ID:mine").startsWith("ID:");
        assertThat(received.getJMSTimestamp()).isCloseTo(System.currentTimeMillis(), within(SOON));
        assertThat(received.getJMSExpiration()).isZero();
        assertThat(received.getJMSPriority()).isEqualTo(Message.DEFAULT_PRIORITY);
        assertThat(received.getJMSDeliveryTime()).isEqualTo(received.getJMSTimestamp());
        assertThat(received.getJMSRedelivered()).isFalse();
    }

    @Test
    void headersThatNobodySetAreNull() throws JMSException {
        Message received = exchange(session.createMessage());
        assertThat(received.getJMSCorrelationID()).isNull();
        assertThat(received.getJMSCorrelationIDAsBytes()).isNull();
        assertThat(received.getJMSReplyTo()).isNull();
        assertThat(received.getJMSType()).isNull();
        assertThat(received.getJMSExpiration()).isZero();
    }

    @Test
    void aSentMessageIsACopy() throws JMSException { // §3.9
        Message message = session.createTextMessage("m");
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            message.setStringProperty("p", "first");
            producer.send(message);
            String first = message.getJMSMessageID();
            message.setStringProperty("p", "second");
            producer.send(message);
            String second = message.getJMSMessageID();
            assertThat(second).isNotEqualTo(first);
            Message received = receive(consumer);
            assertThat(received.getStringProperty("p")).isEqualTo("first");
            assertThat(received.getJMSMessageID()).isEqualTo(first);
            received = receive(consumer);
            assertThat(received.getStringProperty("p")).isEqualTo("second");
            assertThat(received.getJMSMessageID()).isEqualTo(second);
        }
    }

    @Test
    void aReceivedMessageCanBeSentAgainAndIsNew() throws JMSException { // §3.4.11, §3.12
        Message received = exchange(session.createTextMessage("m"));
        String first = received.getJMSMessageID();
        Message again = exchange(received);
        assertThat(again.getJMSMessageID()).startsWith("ID:").isNotEqualTo(first);
        assertThat(received.getJMSMessageID()).isEqualTo(again.getJMSMessageID());
        assertThat(text(again)).isEqualTo("m");
        assertThat(again.getJMSRedelivered()).isFalse();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isOne();
    }

    @Test
    void aReceivedMessageCanBeSentToAnotherQueue() throws JMSException {
        Message received = exchange(session.createTextMessage("m"));
        Queue other = session.createQueue(uniqueName());
        try (MessageProducer producer = session.createProducer(other);
                MessageConsumer consumer = session.createConsumer(other)) {
            producer.send(received);
            assertThat(receive(consumer).getJMSDestination()).isEqualTo(other);
        }
    }

    @Test
    void aMessageIdIsAbsentOrRightWhenDisabled() throws JMSException { // §7.7
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            producer.setDisableMessageID(true);
            producer.send(session.createMessage());
            String id = receive(consumer).getJMSMessageID();
            assertThat(id == null || id.startsWith("ID:"))
                    .as("message id %s", id)
                    .isTrue();
            producer.setDisableMessageID(false);
            producer.send(session.createMessage());
            assertThat(receive(consumer).getJMSMessageID()).startsWith("ID:");
        }
    }

    @Test
    void aTimestampIsZeroOrRightWhenDisabled() throws JMSException { // §7.7
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            producer.setDisableMessageTimestamp(true);
            producer.send(session.createMessage());
            long timestamp = receive(consumer).getJMSTimestamp();
            if (timestamp != 0) {
                assertThat(timestamp).isCloseTo(System.currentTimeMillis(), within(SOON));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "c", "ID:looks-like-an-id", "\u00e4\u20ac\ud83d\ude00", "a\u0000b", "\ud800"})
    void correlationIdsArriveAsSent(String id) throws JMSException { // §3.4.5
        Message message = session.createMessage();
        message.setJMSCorrelationID(id);
        assertThat(exchange(message).getJMSCorrelationID()).isEqualTo(id);
    }

    @Test
    void correlationIdsMayBeBytes() throws JMSException { // §3.4.5
        byte[] id = {0, 1, 2, (byte) 0xff, (byte) 0x80, 0};
        Message message = session.createMessage();
        message.setJMSCorrelationIDAsBytes(id);
        assertThat(exchange(message).getJMSCorrelationIDAsBytes()).isEqualTo(id);
    }

    @Test
    void aMessageIdServesAsCorrelationId() throws JMSException { // §3.4.5
        Message request = exchange(session.createMessage());
        Message reply = session.createMessage();
        reply.setJMSCorrelationID(request.getJMSMessageID());
        assertThat(exchange(reply).getJMSCorrelationID()).isEqualTo(request.getJMSMessageID());
    }

    @Test
    void correlationBytesOfAnAsciiStringAreItsCharacters() throws JMSException {
        Message message = session.createMessage();
        message.setJMSCorrelationIDAsBytes("plain".getBytes(StandardCharsets.UTF_8));
        assertThat(exchange(message).getJMSCorrelationIDAsBytes()).isEqualTo("plain".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void replyToLeadsBack() throws JMSException { // §3.4.6
        Queue replies = session.createQueue(uniqueName());
        Message request = session.createMessage();
        request.setJMSReplyTo(replies);
        Message received = exchange(request);
        try (MessageProducer producer = session.createProducer(null);
                MessageConsumer consumer = session.createConsumer(replies)) {
            producer.send(received.getJMSReplyTo(), session.createTextMessage("reply"));
            assertThat(text(receive(consumer))).isEqualTo("reply");
        }
    }

    @Test
    void replyToATopicStaysATopic() throws JMSException { // §3.4.6
        Message request = session.createMessage();
        request.setJMSReplyTo(session.createTopic("answers"));
        Topic received = (Topic) exchange(request).getJMSReplyTo();
        assertThat(received.getTopicName()).isEqualTo("answers");
    }
}
