package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** JMSProducer of the simplified API: §7.1 to 7.9, and its javadoc. */
class ContextProducerTest extends ConformanceTest {

    private JMSContext context;
    private JMSProducer producer;
    private JMSConsumer consumer;

    @BeforeEach
    void createProducer() {
        context = context();
        producer = context.createProducer();
        consumer = context.createConsumer(queue);
    }

    private Message received() {
        Message message = consumer.receive(SOON);
        assertThat(message).isNotNull();
        return message;
    }

    @Test
    void bodiesOfAllKindsAreSent() throws JMSException {
        Map<String, Object> map = new TreeMap<>(Map.of("a", 1, "b", "two"));
        producer.send(queue, "text")
                .send(queue, map)
                .send(queue, new byte[] {1, 2})
                .send(queue, (Serializable) 42L)
                .send(queue, context.createTextMessage("message"));
        assertThat(received().getBody(String.class)).isEqualTo("text");
        assertThat((Object) mapBody(received())).isEqualTo(map);
        assertThat(received().getBody(byte[].class)).containsExactly(1, 2);
        assertThat(((ObjectMessage) received()).getObject()).isEqualTo(42L);
        assertThat(received().getBody(String.class)).isEqualTo("message");
    }

    @Test
    void nullBodiesAreSentAsMessagesWithoutBody() throws JMSException { // javadoc of send
        producer.send(queue, (String) null);
        assertThat(((TextMessage) received()).getText()).isNull();
        producer.send(queue, (Map<String, Object>) null);
        assertThat(mapBody(received())).isNullOrEmpty();
        producer.send(queue, (byte[]) null);
        assertThat(received().getBody(byte[].class)).isNullOrEmpty();
        producer.send(queue, (Serializable) null);
        assertThat(((ObjectMessage) received()).getObject()).isNull();
    }

    @Test
    void nullMessagesAndDestinationsAreRefused() {
        assertThatThrownBy(() -> producer.send(queue, (Message) null))
                .isInstanceOf(MessageFormatRuntimeException.class);
        assertThatThrownBy(() -> producer.send((Destination) null, "m"))
                .isInstanceOf(InvalidDestinationRuntimeException.class);
        assertThatThrownBy(() -> producer.send(null, context.createMessage()))
                .isInstanceOf(InvalidDestinationRuntimeException.class);
    }

    @Test
    void deliveryOptionsHaveTheirDefaults() {
        assertThat(producer.getDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(producer.getPriority()).isEqualTo(4);
        assertThat(producer.getTimeToLive()).isZero();
        assertThat(producer.getDeliveryDelay()).isZero();
        assertThat(producer.getDisableMessageID()).isFalse();
        assertThat(producer.getDisableMessageTimestamp()).isFalse();
        assertThat(producer.getAsync()).isNull();
        assertThat(producer.getJMSCorrelationID()).isNull();
        assertThat(producer.getJMSCorrelationIDAsBytes()).isNull();
        assertThat(producer.getJMSReplyTo()).isNull();
        assertThat(producer.getJMSType()).isNull();
        assertThat(producer.getPropertyNames()).isEmpty();
    }

    @Test
    void deliveryOptionsApplyToWhatIsSent() throws JMSException {
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT)
                .setPriority(8)
                .setTimeToLive(60_000)
                .setDisableMessageID(true)
                .setDisableMessageTimestamp(true)
                .send(queue, "m");
        assertThat(producer.getDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(producer.getPriority()).isEqualTo(8);
        assertThat(producer.getTimeToLive()).isEqualTo(60_000);
        assertThat(producer.getDisableMessageID()).isTrue();
        assertThat(producer.getDisableMessageTimestamp()).isTrue();
        Message message = received();
        assertThat(message.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(message.getJMSPriority()).isEqualTo(8);
        assertThat(message.getJMSExpiration()).isCloseTo(System.currentTimeMillis() + 60_000, within(SOON));
    }

    @Test
    void illegalDeliveryOptionsAreRefused() {
        assertThatThrownBy(() -> producer.setDeliveryMode(17)).isInstanceOf(JMSRuntimeException.class);
        assertThatThrownBy(() -> producer.setPriority(-1)).isInstanceOf(JMSRuntimeException.class);
        assertThatThrownBy(() -> producer.setPriority(10)).isInstanceOf(JMSRuntimeException.class);
        assertThat(producer.getPriority()).isEqualTo(4);
    }

    @Test
    void headersAreSetOnWhatIsSent() throws JMSException {
        producer.setJMSCorrelationID("c").setJMSType("t").setJMSReplyTo(queue).send(queue, "m");
        assertThat(producer.getJMSCorrelationID()).isEqualTo("c");
        assertThat(producer.getJMSType()).isEqualTo("t");
        assertThat(producer.getJMSReplyTo()).isEqualTo(queue);
        Message message = received();
        assertThat(message.getJMSCorrelationID()).isEqualTo("c");
        assertThat(message.getJMSType()).isEqualTo("t");
        assertThat(message.getJMSReplyTo()).isEqualTo(queue);
    }

    @Test
    void correlationBytesAreSetOnWhatIsSent() throws JMSException {
        byte[] id = {0, (byte) 0xff, 7};
        producer.setJMSCorrelationIDAsBytes(id).send(queue, "m");
        assertThat(producer.getJMSCorrelationIDAsBytes()).isEqualTo(id);
        assertThat(received().getJMSCorrelationIDAsBytes()).isEqualTo(id);
    }

    @Test
    void propertiesOfEveryTypeAreSetOnWhatIsSent() throws JMSException {
        producer.setProperty("boolean", true)
                .setProperty("byte", (byte) 1)
                .setProperty("short", (short) 2)
                .setProperty("int", 3)
                .setProperty("long", 4L)
                .setProperty("float", 5f)
                .setProperty("double", 6d)
                .setProperty("string", "7")
                .setProperty("object", (Object) 8L)
                .send(queue, "m");
        Message message = received();
        assertThat(message.getObjectProperty("boolean")).isEqualTo(true);
        assertThat(message.getObjectProperty("byte")).isEqualTo((byte) 1);
        assertThat(message.getObjectProperty("short")).isEqualTo((short) 2);
        assertThat(message.getObjectProperty("int")).isEqualTo(3);
        assertThat(message.getObjectProperty("long")).isEqualTo(4L);
        assertThat(message.getObjectProperty("float")).isEqualTo(5f);
        assertThat(message.getObjectProperty("double")).isEqualTo(6d);
        assertThat(message.getObjectProperty("string")).isEqualTo("7");
        assertThat(message.getObjectProperty("object")).isEqualTo(8L);
    }

    @Test
    void propertiesAreReadBack() {
        producer.setProperty("n", (byte) 1)
                .setProperty("s", "2")
                .setProperty("b", true)
                .setProperty("f", 0.5f);
        assertThat(producer.getPropertyNames()).containsExactlyInAnyOrder("n", "s", "b", "f");
        assertThat(producer.propertyExists("n")).isTrue();
        assertThat(producer.propertyExists("absent")).isFalse();
        assertThat(producer.getByteProperty("n")).isEqualTo((byte) 1);
        assertThat(producer.getShortProperty("n")).isEqualTo((short) 1);
        assertThat(producer.getIntProperty("s")).isEqualTo(2);
        assertThat(producer.getLongProperty("n")).isEqualTo(1);
        assertThat(producer.getFloatProperty("f")).isEqualTo(0.5f);
        assertThat(producer.getDoubleProperty("f")).isEqualTo(0.5);
        assertThat(producer.getBooleanProperty("b")).isTrue();
        assertThat(producer.getStringProperty("n")).isEqualTo("1");
        assertThat(producer.getObjectProperty("n")).isEqualTo((byte) 1);
        assertThat(producer.getObjectProperty("absent")).isNull();
        assertThatThrownBy(() -> producer.getIntProperty("b")).isInstanceOf(MessageFormatRuntimeException.class);
        assertThat(producer.clearProperties().getPropertyNames()).isEmpty();
    }

    @Test
    void propertyNamesAreReadOnly() {
        producer.setProperty("n", 1);
        assertThatThrownBy(() -> producer.getPropertyNames().add("x"))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> producer.getPropertyNames().remove("n"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void illegalPropertiesAreRefused() {
        assertThatThrownBy(() -> producer.setProperty("", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> producer.setProperty(null, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> producer.setProperty("o", new Object()))
                .isInstanceOf(MessageFormatRuntimeException.class);
    }

    @Test
    void whatTheProducerSetsOverridesWhatTheMessageHas() throws JMSException { // javadoc of send(Destination, Message)
        Message message = context.createTextMessage("m");
        message.setStringProperty("p", "message");
        message.setStringProperty("q", "message");
        message.setJMSType("message");
        message.setJMSCorrelationID("message");
        producer.setProperty("p", "producer").setJMSType("producer").send(queue, message);
        Message received = received();
        assertThat(received.getStringProperty("p")).isEqualTo("producer");
        assertThat(received.getStringProperty("q")).isEqualTo("message");
        assertThat(received.getJMSType()).isEqualTo("producer");
        assertThat(received.getJMSCorrelationID()).isEqualTo("message");
    }

    @Test
    void aReceivedMessageTakesNoFurtherPropertiesUntilCleared() throws JMSException { // javadoc of send
        producer.setProperty("p", 1).send(queue, "m");
        Message received = received();
        JMSProducer other = context.createProducer().setProperty("q", 2);
        assertThatThrownBy(() -> other.send(queue, received)).isInstanceOf(MessageNotWriteableRuntimeException.class);
        context.createProducer().send(queue, received);
        Message again = received();
        assertThat(again.getIntProperty("p")).isOne();
        again.clearProperties();
        other.send(queue, again);
        assertThat(received().getIntProperty("q")).isEqualTo(2);
    }

    @Test
    void producersOfOneContextAreIndependent() throws JMSException {
        producer.setPriority(9).setProperty("p", 1);
        context.createProducer().send(queue, "m");
        Message message = received();
        assertThat(message.getJMSPriority()).isEqualTo(4);
        assertThat(message.propertyExists("p")).isFalse();
    }
}
