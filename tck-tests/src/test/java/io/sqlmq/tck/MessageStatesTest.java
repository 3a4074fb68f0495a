package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * When bodies and properties may be read and written, by every method that does: §3.5.3, §3.11.1, §3.11.2 and the javadoc
 * of the message types.
 */
class MessageStatesTest extends ConformanceTest {

    /** The message types, and how one with a body is made. */
    enum Kind {
        PLAIN(Message.class) {
            @Override
            Message make(MessageStatesTest test) throws JMSException {
                return test.session.createMessage();
            }
        },
        TEXT(TextMessage.class) {
            @Override
            Message make(MessageStatesTest test) throws JMSException {
                return test.session.createTextMessage("body");
            }
        },
        OBJECT(ObjectMessage.class) {
            @Override
            Message make(MessageStatesTest test) throws JMSException {
                return test.session.createObjectMessage("body");
            }
        },
        MAP(MapMessage.class) {
            @Override
            Message make(MessageStatesTest test) throws JMSException {
                MapMessage message = test.session.createMapMessage();
                message.setString("name", "body");
                return message;
            }
        },
        BYTES(BytesMessage.class) {
            @Override
            Message make(MessageStatesTest test) throws JMSException {
                BytesMessage message = test.session.createBytesMessage();
                message.writeLong(1);
                message.writeLong(2);
                return message;
            }
        },
        STREAM(StreamMessage.class) {
            @Override
            Message make(MessageStatesTest test) throws JMSException {
                StreamMessage message = test.session.createStreamMessage();
                message.writeString("1");
                return message;
            }
        };

        final Class<? extends Message> type;

        Kind(Class<? extends Message> type) {
            this.type = type;
        }

        abstract Message make(MessageStatesTest test) throws JMSException;

        /** The methods of the type's own interface that write its body. */
        List<Method> writers() {
            return this == PLAIN ? List.of() : methods(type, this == BYTES || this == STREAM ? "write" : "set");
        }

        /** The methods that read a body that is read from front to end. */
        List<Method> readers() {
            return methods(type, "read");
        }

        private static List<Method> methods(Class<?> type, String prefix) {
            List<Method> found = Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.getName().startsWith(prefix))
                    .sorted(Comparator.comparing(ApiCalls::describe))
                    .toList();
            assertThat(found).isNotEmpty();
            return found;
        }
    }

    private static final List<Method> PROPERTY_SETTERS = Arrays.stream(Message.class.getMethods())
            .filter(method -> method.getName().matches("set\\w+Property"))
            .sorted(Comparator.comparing(ApiCalls::describe))
            .toList();

    private void call(Message message, Method method) throws Throwable {
        try {
            method.invoke(message, new ApiCalls(session, queue).arguments(method));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void assertAllRefused(Message message, List<Method> methods, Class<? extends JMSException> expected) {
        for (Method method : methods) {
            assertThatThrownBy(() -> call(message, method))
                    .as(ApiCalls.describe(method))
                    .isInstanceOf(expected);
        }
    }

    private void assertAllWork(Message message, List<Method> methods) {
        for (Method method : methods) {
            assertThatCode(() -> call(message, method))
                    .as(ApiCalls.describe(method))
                    .doesNotThrowAnyException();
        }
    }

    private Message received(Kind kind) throws JMSException {
        Message message = kind.make(this);
        message.setIntProperty("p", 1);
        return exchange(message);
    }

    @Test
    void everyTypeOfPropertyHasItsSetter() {
        assertThat(PROPERTY_SETTERS).hasSize(9);
    }

    @ParameterizedTest
    @EnumSource
    void aNewMessageIsWritten(Kind kind) throws JMSException {
        Message message = kind.make(this);
        assertAllWork(message, kind.writers());
        assertAllWork(message, PROPERTY_SETTERS);
    }

    @ParameterizedTest
    @EnumSource
    void noMethodWritesTheBodyOfAReceivedMessage(Kind kind) throws JMSException { // §3.11.2
        assertAllRefused(received(kind), kind.writers(), MessageNotWriteableException.class);
    }

    @ParameterizedTest
    @EnumSource
    void noMethodSetsAPropertyOfAReceivedMessage(Kind kind) throws JMSException { // §3.5.3
        Message received = received(kind);
        assertAllRefused(received, PROPERTY_SETTERS, MessageNotWriteableException.class);
        assertThat(received.getIntProperty("p")).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void aClearedBodyIsEmptyAndMayBeWritten(Kind kind) throws JMSException { // §3.11.1
        Message received = received(kind);
        received.clearBody();
        assertAllWork(received, kind.writers());
        assertAllRefused(received, PROPERTY_SETTERS, MessageNotWriteableException.class);
        assertThat(received.getIntProperty("p")).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void clearedPropertiesAreGoneAndMayBeSet(Kind kind) throws JMSException { // §3.5.7
        Message received = received(kind);
        received.setJMSType("headers are no properties");
        received.clearProperties();
        assertThat(received.propertyExists("p")).isFalse();
        assertThat(received.getJMSType()).isEqualTo("headers are no properties");
        assertAllRefused(received, kind.writers(), MessageNotWriteableException.class);
        assertAllWork(received, PROPERTY_SETTERS);
    }

    @ParameterizedTest
    @EnumSource
    void theHeadersOfAReceivedMessageMayBeSet(Kind kind) throws JMSException { // §3.4
        Message received = received(kind);
        List<Method> setters = Arrays.stream(Message.class.getMethods())
                .filter(method -> method.getName().startsWith("setJMS"))
                .filter(method -> !method.getName().equals("setJMSMessageID"))
                .toList();
        assertThat(setters).hasSize(11);
        assertAllWork(received, setters);
        received.setJMSMessageID("ID:set");
        assertThat(received.getJMSMessageID()).isEqualTo("ID:set");
    }

    @ParameterizedTest
    @EnumSource(names = {"BYTES", "STREAM"})
    void noMethodReadsWhatIsBeingWritten(Kind kind) throws JMSException { // §3.11.2
        assertAllRefused(kind.make(this), kind.readers(), MessageNotReadableException.class);
        Message received = received(kind);
        received.clearBody();
        assertAllRefused(received, kind.readers(), MessageNotReadableException.class);
    }

    @Test
    void theLengthOfWhatIsBeingWrittenIsNotTold() throws JMSException { // javadoc of getBodyLength
        BytesMessage message = (BytesMessage) Kind.BYTES.make(this);
        assertThatThrownBy(message::getBodyLength).isInstanceOf(MessageNotReadableException.class);
        message.reset();
        assertThat(message.getBodyLength()).isEqualTo(16);
    }

    @ParameterizedTest
    @EnumSource(names = {"BYTES", "STREAM"})
    void resetEndsTheWriting(Kind kind) throws JMSException { // javadoc of reset
        Message message = kind.make(this);
        if (message instanceof BytesMessage bytes) {
            bytes.reset();
            assertThat(bytes.readLong()).isOne();
        } else {
            ((StreamMessage) message).reset();
            assertThat(((StreamMessage) message).readLong()).isOne();
        }
        assertAllRefused(message, kind.writers(), MessageNotWriteableException.class);
        message.clearBody();
        assertAllWork(message, kind.writers());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSentStaysWritable(Kind kind) throws JMSException { // §3.9
        Message message = kind.make(this);
        exchange(message);
        assertAllWork(message, PROPERTY_SETTERS);
        if (kind != Kind.BYTES && kind != Kind.STREAM) {
            assertAllWork(message, kind.writers());
        }
    }

    @ParameterizedTest
    @EnumSource
    void noPropertyHasNoName(Kind kind) throws JMSException { // javadoc of Message
        Message message = kind.make(this);
        for (Method setter : PROPERTY_SETTERS) {
            assertRefusesName(message, setter, "");
            assertRefusesName(message, setter, null);
        }
    }

    @Test
    void noItemOfAMapHasNoName() throws JMSException { // javadoc of MapMessage
        Message message = session.createMapMessage();
        for (Method setter : Kind.MAP.writers()) {
            assertRefusesName(message, setter, "");
            assertRefusesName(message, setter, null);
        }
    }

    private void assertRefusesName(Message message, Method setter, String name) throws JMSException {
        Object[] arguments = new ApiCalls(session, queue).arguments(setter);
        arguments[0] = name;
        assertThatThrownBy(() -> setter.invoke(message, arguments))
                .as("%s named %s", ApiCalls.describe(setter), name)
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }
}
