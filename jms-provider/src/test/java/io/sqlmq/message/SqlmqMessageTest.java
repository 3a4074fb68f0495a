package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.Queue;
import java.io.Serializable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What all messages share, and the bodies of Message and TextMessage. */
class SqlmqMessageTest {
    private static final MessageFactory FACTORY = new MessageFactory(TrustedClasses.defaults());
    private static final Queue QUEUE = () -> "orders";

    static List<SqlmqMessage> messages() throws JMSException {
        return List.of(
                FACTORY.createMessage(),
                FACTORY.createTextMessage("text"),
                FACTORY.createBytesMessage(),
                FACTORY.createMapMessage(),
                FACTORY.createStreamMessage(),
                FACTORY.createObjectMessage("object"));
    }

    /** §3.4 */
    @ParameterizedTest
    @MethodSource("messages")
    void headersHoldTheirValuesAlsoAfterReceipt(SqlmqMessage message) throws JMSException {
        assertThat(message.getJMSDeliveryMode()).isEqualTo(Message.DEFAULT_DELIVERY_MODE);
        assertThat(message.getJMSPriority()).isEqualTo(Message.DEFAULT_PRIORITY);
        message.markReceived();

        message.setJMSMessageID("ID:1");
        message.setJMSTimestamp(1);
        message.setJMSCorrelationID("c\0");
        message.setJMSReplyTo(QUEUE);
        message.setJMSDestination(QUEUE);
        message.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
        message.setJMSRedelivered(true);
        message.setJMSType("t");
        message.setJMSExpiration(2);
        message.setJMSDeliveryTime(3);
        message.setJMSPriority(9);

        assertThat(message.getJMSMessageID()).isEqualTo("ID:1");
        assertThat(message.getJMSTimestamp()).isEqualTo(1);
        assertThat(message.getJMSCorrelationID()).isEqualTo("c\0");
        assertThat(message.getJMSReplyTo()).isSameAs(QUEUE);
        assertThat(message.getJMSDestination()).isSameAs(QUEUE);
        assertThat(message.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(message.getJMSRedelivered()).isTrue();
        assertThat(message.getJMSType()).isEqualTo("t");
        assertThat(message.getJMSExpiration()).isEqualTo(2);
        assertThat(message.getJMSDeliveryTime()).isEqualTo(3);
        assertThat(message.getJMSPriority()).isEqualTo(9);
    }

    /** §3.4.5 */
    @Test
    void aCorrelationIdMayBeBytes() throws JMSException {
        SqlmqMessage message = FACTORY.createMessage();
        assertThat(message.getJMSCorrelationIDAsBytes()).isNull();

        message.setJMSCorrelationIDAsBytes(new byte[] {0, -1, 16});
        assertThat(message.getJMSCorrelationID()).isEqualTo("bytes:00ff10");
        assertThat(message.getJMSCorrelationIDAsBytes()).containsExactly(0, -1, 16);

        SqlmqMessage received = FACTORY.createMessage();
        received.setJMSCorrelationID(HeaderText.decode(HeaderText.encode(message.getJMSCorrelationID())));
        assertThat(received.getJMSCorrelationIDAsBytes()).containsExactly(0, -1, 16);
        for (String text : List.of("\u00E4", "bytes:none")) {
            message.setJMSCorrelationID(text);
            assertThat(message.getJMSCorrelationIDAsBytes()).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        }
        message.setJMSCorrelationIDAsBytes(null);
        assertThat(message.getJMSCorrelationID()).isNull();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void acknowledgeDoesWhatTheSessionSays(SqlmqMessage message) throws JMSException {
        assertThatCode(message::acknowledge).as("a message to be sent").doesNotThrowAnyException();

        AtomicInteger count = new AtomicInteger();
        message.setAcknowledger(count::incrementAndGet);
        message.acknowledge();
        assertThat(count).hasValue(1);
        message.setAcknowledger(() -> {
            throw new IllegalStateException("closed");
        });
        assertThatThrownBy(message::acknowledge).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theSessionFindsWhatItAttached() {
        SqlmqMessage message = FACTORY.createMessage();
        assertThat(message.deliveryContext()).isNull();

        message.setDeliveryContext(this);
        assertThat(message.deliveryContext()).isSameAs(this);
    }

    /** §7.3.9: every method of the interfaces is closed until the completion. */
    @ParameterizedTest
    @MethodSource("messages")
    void aMessageThatIsBeingSentIsClosedToTheApplication(SqlmqMessage message) throws Exception {
        message.setSendInProgress(true);
        List<String> open = new ArrayList<>();
        for (Method method : interfaceMethods(message)) {
            try {
                method.invoke(message, arguments(method));
                open.add(method.toString());
            } catch (InvocationTargetException e) {
                assertThat(e.getCause())
                        .as(method.toString())
                        .isExactlyInstanceOf(JMSException.class)
                        .hasMessageContaining("CompletionListener");
            }
        }
        assertThat(open).isEmpty();

        message.setSendInProgress(false);
        message.setJMSType("t");
        assertThat(message.getJMSType()).isEqualTo("t");
    }

    @Test
    void theTextOfAReceivedMessageIsReadOnlyUntilItIsCleared() throws JMSException {
        SqlmqTextMessage message = FACTORY.createTextMessage("a");
        message.markReceived();

        assertThatThrownBy(() -> message.setText("b"))
                .isInstanceOf(MessageNotWriteableException.class)
                .hasMessageContaining("clearBody");
        assertThat(message.getText()).isEqualTo("a");
        message.clearBody();
        assertThat(message.getText()).isNull();
        message.setText("b");
        assertThat(message.getText()).isEqualTo("b");
    }

    /** §3.11.1, §3.5.7 */
    @ParameterizedTest
    @MethodSource("messages")
    void bodyAndPropertiesAreClearedApart(SqlmqMessage message) throws JMSException {
        message.setIntProperty("p", 1);
        message.setJMSType("t");
        message.markReceived();

        message.clearBody();
        assertThat(message.getIntProperty("p")).isEqualTo(1);
        assertThatThrownBy(() -> message.setIntProperty("p", 2)).isInstanceOf(MessageNotWriteableException.class);
        message.clearProperties();
        assertThat(message.getJMSType()).isEqualTo("t");
    }

    @Test
    void aTextFitsItsTypes() throws JMSException {
        SqlmqTextMessage message = FACTORY.createTextMessage("a");

        assertThat(message.getBody(String.class)).isEqualTo("a");
        assertThat(message.getBody(CharSequence.class)).isEqualTo("a");
        assertThat(message.getBody(Serializable.class)).isEqualTo("a");
        assertThat(message.isBodyAssignableTo(Object.class)).isTrue();
        assertThat(message.isBodyAssignableTo(Integer.class)).isFalse();
        assertThatThrownBy(() -> message.getBody(Integer.class))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("java.lang.Integer");
        message.setText(null);
        assertThat(message.isBodyAssignableTo(Integer.class)).isTrue();
        assertThat(message.getBody(Integer.class)).isNull();
    }

    @Test
    void aPlainMessageHasNoBodyOfAnyType() throws JMSException {
        SqlmqMessage message = FACTORY.createMessage();

        assertThat(message.getBody(String.class)).isNull();
        assertThat(message.isBodyAssignableTo(String.class)).isTrue();
    }

    @Test
    void toStringTellsMessagesApartAndKeepsSecrets() throws JMSException {
        SqlmqTextMessage message = FACTORY.createTextMessage("line 1\n" + "x".repeat(1000));
        message.setJMSMessageID("ID:1");
        message.setJMSCorrelationID("c-7");
        message.setStringProperty("token", "hunter2");
        message.setSendInProgress(true);

        assertThat(message.toString())
                .startsWith("SqlmqTextMessage[id=ID:1, correlationId=c-7, body=\"line 1")
                .doesNotContain("hunter2")
                .doesNotContain("\n")
                .hasSizeLessThan(150);
    }

    private static List<Method> interfaceMethods(SqlmqMessage message) {
        List<Method> methods = new ArrayList<>();
        for (Class<?> type : Set.of(
                Message.class,
                jakarta.jms.TextMessage.class,
                jakarta.jms.BytesMessage.class,
                jakarta.jms.MapMessage.class,
                jakarta.jms.StreamMessage.class,
                jakarta.jms.ObjectMessage.class)) {
            if (type.isInstance(message)) {
                for (Method method : type.getDeclaredMethods()) {
                    if (Modifier.isAbstract(method.getModifiers())) {
                        methods.add(method);
                    }
                }
            }
        }
        return methods;
    }

    private static @Nullable Object[] arguments(Method method) {
        @Nullable Object[] arguments = new Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = argument(method.getParameterTypes()[i]);
        }
        return arguments;
    }

    private static @Nullable Object argument(Class<?> type) {
        if (type == String.class) {
            return "p";
        } else if (type == Class.class) {
            return Object.class;
        } else if (type == byte[].class) {
            return new byte[1];
        } else if (type == boolean.class) {
            return false;
        } else if (type == byte.class) {
            return (byte) 0;
        } else if (type == short.class) {
            return (short) 0;
        } else if (type == char.class) {
            return 'c';
        } else if (type == int.class) {
            return 0;
        } else if (type == long.class) {
            return 0L;
        } else if (type == float.class) {
            return 0f;
        } else if (type == double.class) {
            return 0.0;
        }
        return null;
    }
}
