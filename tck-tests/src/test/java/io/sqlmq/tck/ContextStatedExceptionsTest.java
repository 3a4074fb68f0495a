package io.sqlmq.tck;

import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.Topic;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The exceptions that the javadoc of the simplified API states, one by one. */
class ContextStatedExceptionsTest extends ConformanceTest {
    private static final String BAD = "a = 'unfinished";

    private JMSContext context;
    private Topic topic;
    private String name;

    @BeforeEach
    void prepare() {
        context = context();
        topic = context.createTopic(uniqueName());
        name = uniqueName();
    }

    @TestFactory
    Stream<DynamicTest> contexts() {
        JMSContext transacted = context(JMSContext.SESSION_TRANSACTED);
        JMSContext closed = context(JMSContext.CLIENT_ACKNOWLEDGE);
        closed.close();
        JMSContext used = context();
        used.createProducer();
        return new StatedExceptions("JMSContext")
                .refused("createContext(unknown mode)", JMSRuntimeException.class, () -> context.createContext(99))
                .refused("setClientID(after use)", IllegalStateRuntimeException.class, () -> used.setClientID(name))
                .refused(
                        "setClientID(invalid)",
                        InvalidClientIDRuntimeException.class,
                        () -> context().setClientID(""))
                .refused("commit", IllegalStateRuntimeException.class, context::commit)
                .refused("rollback", IllegalStateRuntimeException.class, context::rollback)
                .refused("recover(transacted)", IllegalStateRuntimeException.class, transacted::recover)
                .refused("acknowledge(closed)", IllegalStateRuntimeException.class, closed::acknowledge)
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> consumers() {
        Class<InvalidDestinationRuntimeException> destination = InvalidDestinationRuntimeException.class;
        Class<InvalidSelectorRuntimeException> selector = InvalidSelectorRuntimeException.class;
        return new StatedExceptions("JMSContext")
                .refused("createConsumer(null)", destination, () -> context.createConsumer(null))
                .refused("createConsumer(null, s)", destination, () -> context.createConsumer(null, null))
                .refused("createConsumer(null, s, b)", destination, () -> context.createConsumer(null, null, false))
                .refused("createConsumer(q, bad)", selector, () -> context.createConsumer(queue, BAD))
                .refused("createConsumer(t, bad, b)", selector, () -> context.createConsumer(topic, BAD, true))
                .refused("createSharedConsumer(null, n)", destination, () -> context.createSharedConsumer(null, name))
                .refused(
                        "createSharedConsumer(null, n, s)",
                        destination,
                        () -> context.createSharedConsumer(null, name, null))
                .refused(
                        "createSharedConsumer(t, n, bad)",
                        selector,
                        () -> context.createSharedConsumer(topic, name, BAD))
                .refused(
                        "createSharedDurableConsumer(null, n)",
                        destination,
                        () -> context.createSharedDurableConsumer(null, name))
                .refused(
                        "createSharedDurableConsumer(t, n, bad)",
                        selector,
                        () -> context.createSharedDurableConsumer(topic, name, BAD))
                .refused(
                        "createDurableConsumer(no client id)",
                        IllegalStateRuntimeException.class,
                        () -> context.createDurableConsumer(topic, name))
                .refused(
                        "createDurableConsumer(no client id, s, b)",
                        IllegalStateRuntimeException.class,
                        () -> context.createDurableConsumer(topic, name, null, false))
                .refused("createBrowser(null)", destination, () -> context.createBrowser(null))
                .refused("createBrowser(null, s)", destination, () -> context.createBrowser(null, null))
                .refused("createBrowser(q, bad)", selector, () -> context.createBrowser(queue, BAD))
                .refused("unsubscribe(unknown)", destination, () -> context.unsubscribe(name))
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> durableConsumers() {
        JMSContext identified = context();
        identified.setClientID(name);
        return new StatedExceptions("JMSContext")
                .refused(
                        "createDurableConsumer(null, n)",
                        InvalidDestinationRuntimeException.class,
                        () -> identified.createDurableConsumer(null, name))
                .refused(
                        "createDurableConsumer(null, n, s, b)",
                        InvalidDestinationRuntimeException.class,
                        () -> identified.createDurableConsumer(null, name, null, false))
                .refused(
                        "createDurableConsumer(t, n, bad, b)",
                        InvalidSelectorRuntimeException.class,
                        () -> identified.createDurableConsumer(topic, name, BAD, false))
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> producers() throws JMSException {
        JMSProducer producer = context.createProducer();
        JMSProducer stamping = context.createProducer().setProperty("p", 1);
        producer.setProperty("text", "no number");
        Message received = exchange(session.createTextMessage("m"));
        Class<InvalidDestinationRuntimeException> destination = InvalidDestinationRuntimeException.class;
        Class<MessageFormatRuntimeException> format = MessageFormatRuntimeException.class;
        Class<IllegalArgumentException> argument = IllegalArgumentException.class;
        return new StatedExceptions("JMSProducer")
                .refused("send(null, message)", destination, () -> producer.send(null, context.createMessage()))
                .refused("send(null, text)", destination, () -> producer.send(null, "text"))
                .refused("send(null, map)", destination, () -> producer.send(null, Map.of("a", 1)))
                .refused("send(null, bytes)", destination, () -> producer.send(null, new byte[1]))
                .refused("send(null, object)", destination, () -> producer.send(null, Integer.valueOf(1)))
                .refused("send(d, null message)", format, () -> producer.send(queue, (Message) null))
                .refused("send(d, map of an object)", format, () -> producer.send(queue, Map.of("a", new Object())))
                .refused(
                        "send(d, read-only message)",
                        MessageNotWriteableRuntimeException.class,
                        () -> stamping.send(queue, received))
                .refused("setProperty(null, boolean)", argument, () -> producer.setProperty(null, true))
                .refused("setProperty(null, byte)", argument, () -> producer.setProperty(null, (byte) 1))
                .refused("setProperty(null, short)", argument, () -> producer.setProperty(null, (short) 1))
                .refused("setProperty(null, int)", argument, () -> producer.setProperty(null, 1))
                .refused("setProperty(null, long)", argument, () -> producer.setProperty(null, 1L))
                .refused("setProperty(null, float)", argument, () -> producer.setProperty(null, 1f))
                .refused("setProperty(null, double)", argument, () -> producer.setProperty(null, 1d))
                .refused("setProperty(null, String)", argument, () -> producer.setProperty(null, "a"))
                .refused("setProperty(null, Object)", argument, () -> producer.setProperty(null, (Object) "a"))
                .refused("setProperty(empty, String)", argument, () -> producer.setProperty("", "a"))
                .refused("setProperty(n, object)", format, () -> producer.setProperty("n", new Object()))
                .refused("getBooleanProperty", format, () -> stamping.getBooleanProperty("p"))
                .refused("getByteProperty", format, () -> stamping.getByteProperty("p"))
                .refused("getShortProperty", format, () -> stamping.getShortProperty("p"))
                .refused("getIntProperty", NumberFormatException.class, () -> producer.getIntProperty("text"))
                .refused("getLongProperty", NumberFormatException.class, () -> producer.getLongProperty("text"))
                .refused("getFloatProperty", format, () -> stamping.getFloatProperty("p"))
                .refused("getDoubleProperty", format, () -> stamping.getDoubleProperty("p"))
                .refused("setPriority(10)", JMSRuntimeException.class, () -> producer.setPriority(10))
                .refused("setDeliveryMode(0)", JMSRuntimeException.class, () -> producer.setDeliveryMode(0))
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> bodies() throws JMSException {
        send("text");
        JMSConsumer consumer = context.createConsumer(queue);
        return new StatedExceptions("JMSConsumer")
                .refused(
                        "receiveBody(wrong type)",
                        MessageFormatRuntimeException.class,
                        () -> consumer.receiveBody(Map.class))
                .refused(
                        "receiveBody(wrong type, t)",
                        MessageFormatRuntimeException.class,
                        () -> consumer.receiveBody(byte[].class, SOON))
                .refused(
                        "receiveBodyNoWait(wrong type)",
                        MessageFormatRuntimeException.class,
                        () -> consumer.receiveBodyNoWait(Integer.class))
                .tests();
    }
}
