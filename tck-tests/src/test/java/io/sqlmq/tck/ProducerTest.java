package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Message producers: §7.1 to 7.9, and the javadoc of MessageProducer. */
class ProducerTest extends ConformanceTest {

    private static final CompletionListener IGNORED = new CompletionListener() {
        @Override
        public void onCompletion(Message message) {
            throw new AssertionError("must not be called");
        }

        @Override
        public void onException(Message message, Exception exception) {
            throw new AssertionError("must not be called");
        }
    };

    @Test
    void everyKindOfSendToTheProducersQueue() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.send(session.createTextMessage("1"));
            producer.send(session.createTextMessage("2"), DeliveryMode.PERSISTENT, 4, 0);
        }
        assertQueueHolds("1", "2");
    }

    @Test
    void everyKindOfSendToAGivenQueue() throws JMSException {
        try (MessageProducer producer = session.createProducer(null)) {
            assertThat(producer.getDestination()).isNull();
            producer.send(queue, session.createTextMessage("1"));
            producer.send(queue, session.createTextMessage("2"), DeliveryMode.PERSISTENT, 4, 0);
        }
        assertQueueHolds("1", "2");
    }

    @Test
    void aProducerWithoutDestinationCannotSendWithoutOne() throws JMSException {
        Message message = session.createMessage();
        try (MessageProducer producer = session.createProducer(null)) {
            assertThatThrownBy(() -> producer.send(message)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> producer.send(message, DeliveryMode.PERSISTENT, 4, 0))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> producer.send(message, IGNORED)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> producer.send(message, DeliveryMode.PERSISTENT, 4, 0, IGNORED))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void aProducerWithDestinationCannotSendToAnother() throws JMSException {
        Message message = session.createMessage();
        Queue other = session.createQueue(uniqueName());
        try (MessageProducer producer = session.createProducer(queue)) {
            assertThatThrownBy(() -> producer.send(other, message)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> producer.send(queue, message)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> producer.send(other, message, DeliveryMode.PERSISTENT, 4, 0))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> producer.send(other, message, IGNORED))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> producer.send(other, message, DeliveryMode.PERSISTENT, 4, 0, IGNORED))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void sendToNoDestinationIsRefused() throws JMSException {
        Message message = session.createMessage();
        try (MessageProducer producer = session.createProducer(null)) {
            assertThatThrownBy(() -> producer.send((Destination) null, message))
                    .isInstanceOf(InvalidDestinationException.class);
            assertThatThrownBy(() -> producer.send(null, message, DeliveryMode.PERSISTENT, 4, 0))
                    .isInstanceOf(InvalidDestinationException.class);
        }
    }

    @Test
    void aNullMessageIsRefused() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                MessageProducer anonymous = session.createProducer(null)) {
            assertThatThrownBy(() -> producer.send(null)).isInstanceOf(MessageFormatException.class);
            assertThatThrownBy(() -> anonymous.send(queue, (Message) null)).isInstanceOf(MessageFormatException.class);
        }
    }

    @Test
    void aNullCompletionListenerIsRefused() throws JMSException {
        Message message = session.createMessage();
        try (MessageProducer producer = session.createProducer(queue)) {
            assertThatThrownBy(() -> producer.send(message, (CompletionListener) null))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void defaultsAreThoseOfTheSpecification() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            assertThat(producer.getDestination()).isEqualTo(queue);
            assertThat(producer.getDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
            assertThat(producer.getPriority()).isEqualTo(4);
            assertThat(producer.getTimeToLive()).isZero();
            assertThat(producer.getDisableMessageID()).isFalse();
            assertThat(producer.getDisableMessageTimestamp()).isFalse();
        }
    }

    @Test
    void settingsAreKept() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            producer.setPriority(9);
            producer.setTimeToLive(1_000);
            producer.setDisableMessageID(true);
            producer.setDisableMessageTimestamp(true);
            assertThat(producer.getDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
            assertThat(producer.getPriority()).isEqualTo(9);
            assertThat(producer.getTimeToLive()).isEqualTo(1_000);
            assertThat(producer.getDisableMessageID()).isTrue();
            assertThat(producer.getDisableMessageTimestamp()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, -1})
    void otherDeliveryModesAreRefused(int mode) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            assertThatThrownBy(() -> producer.setDeliveryMode(mode)).isInstanceOf(JMSException.class);
            assertThatThrownBy(() -> producer.send(session.createMessage(), mode, 4, 0))
                    .isInstanceOf(JMSException.class);
        }
    }

    @Test
    void settingsApplyToWhatIsSentAfterwards() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            producer.send(session.createTextMessage("persistent"));
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            producer.setTimeToLive(60_000);
            producer.send(session.createTextMessage("not persistent"));
            Message first = receive(consumer);
            assertThat(first.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
            assertThat(first.getJMSExpiration()).isZero();
            Message second = receive(consumer);
            assertThat(second.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
            assertThat(second.getJMSExpiration()).isPositive();
        }
    }

    @Test
    void persistentAndNonPersistentMessagesOfOneProducerBothArrive() throws JMSException { // §3.4.2
        try (MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue)) {
            for (int i = 0; i < 10; i++) {
                producer.send(
                        session.createTextMessage("m" + i),
                        i % 2 == 0 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT,
                        4,
                        0);
            }
            assertThat(texts(consumer, 10))
                    .containsExactlyInAnyOrder("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
        }
    }

    @Test
    void nonPersistentMessagesKeepTheirOrder() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            for (String text : new String[] {"a", "b", "c"}) {
                producer.send(session.createTextMessage(text));
            }
        }
        assertQueueHolds("a", "b", "c");
    }

    @Test
    void closeIsIdempotent() throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        producer.close();
        producer.close();
    }
}
