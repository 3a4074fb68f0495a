package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.io.IOException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people and programs are told: of messages in logs, and by exceptions. */
class MessageTextsTest {
    private static final MessageFactory FACTORY = new MessageFactory(TrustedClasses.defaults());

    @Test
    void aMessageIsToldByItsHeadersAndBody() throws JMSException {
        SqlmqMessage message = FACTORY.createMessage();
        assertThat(message).hasToString("SqlmqPlainMessage[body=none]");
        message.setJMSMessageID("ID:1");
        message.setJMSDestination(new TestQueue("orders"));
        message.setJMSCorrelationID("c-1\nforged");
        message.setJMSType("t".repeat(65));
        assertThat(message)
                .hasToString("SqlmqPlainMessage[id=ID:1, destination=queue orders, correlationId=c-1\uFFFDforged, type="
                        + "t".repeat(63) + "…, body=none]");
    }

    private record TestQueue(String name) implements jakarta.jms.Queue {
        @Override
        public String getQueueName() {
            return name;
        }

        @Override
        public String toString() {
            return "queue " + name;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64})
    void aTextOfSixtyFourCharactersIsShownWhole(int length) {
        assertThat(MessageFaults.shown("x".repeat(length))).isEqualTo("x".repeat(length));
        assertThat(MessageFaults.shown("x".repeat(64 + 1 + length))).isEqualTo("x".repeat(63) + "…");
    }

    @Test
    void faultsHaveTheirCodes() throws JMSException {
        SqlmqMessage received = FACTORY.createTextMessage("m");
        received.markReceived();
        faults(
                () -> received.setStringProperty("a", "b"),
                MessageNotWriteableException.class,
                "SQLMQ-MESSAGE-READ-ONLY",
                "clearProperties()");
        faults(
                () -> ((jakarta.jms.TextMessage) received).setText("b"),
                MessageNotWriteableException.class,
                "SQLMQ-MESSAGE-READ-ONLY",
                "clearBody()");
        faults(
                () -> FACTORY.createBytesMessage().readByte(),
                MessageNotReadableException.class,
                "SQLMQ-MESSAGE-WRITE-ONLY",
                "reset()");
        faults(
                () -> FACTORY.createMessage().setObjectProperty("a", new char[0]),
                MessageFormatException.class,
                "SQLMQ-MESSAGE-FORMAT",
                "cannot be a char[] ('a')",
                "String.valueOf");
        faults(
                () -> FACTORY.createMessage().setObjectProperty("a", 'c'),
                MessageFormatException.class,
                "SQLMQ-MESSAGE-FORMAT",
                "java.lang.Character",
                "String.valueOf");
        faults(
                () -> FACTORY.createMessage().setObjectProperty("a", new byte[0]),
                MessageFormatException.class,
                "SQLMQ-MESSAGE-FORMAT",
                "cannot be a byte[] ('a')",
                "BytesMessage");
        faults(
                () -> FACTORY.createMapMessage().setObject("a", new Object()),
                MessageFormatException.class,
                "SQLMQ-MESSAGE-FORMAT",
                "java.lang.Object");
    }

    private static void faults(
            ThrowingCallable call, Class<? extends JMSException> expected, String code, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOf(expected)
                .hasMessageContainingAll(parts)
                .asInstanceOf(type(JMSException.class))
                .returns(code, JMSException::getErrorCode);
    }

    @Test
    void causesAreKeptAlsoWhereOldProgramsLookForThem() {
        IOException cause = new IOException("broken");
        assertThat(MessageFaults.format("text", cause))
                .hasCause(cause)
                .returns(cause, JMSException::getLinkedException)
                .returns("SQLMQ-MESSAGE-FORMAT", JMSException::getErrorCode);
        assertThat(MessageFaults.unreadable("a header", cause))
                .hasMessageContainingAll("a header", "newer version")
                .hasCause(cause)
                .returns("SQLMQ-MESSAGE-UNREADABLE", JMSException::getErrorCode);
        assertThat(MessageFaults.unreadable("a header", null)).hasNoCause();
        StackOverflowError error = new StackOverflowError();
        assertThat(MessageFaults.collections(5, error))
                .hasMessageContainingAll("more than 5 objects", "maxHashtableObjects")
                .hasCause(error)
                .returns(null, JMSException::getLinkedException);
        assertThat(MessageFaults.untrusted("evil.Class", cause))
                .hasMessageContainingAll("evil.Class", "trustedPackages")
                .returns("SQLMQ-MESSAGE-UNTRUSTED-CLASS", JMSException::getErrorCode);
        assertThat(MessageFaults.beingSent())
                .hasMessageContaining("CompletionListener")
                .returns("SQLMQ-MESSAGE-BEING-SENT", JMSException::getErrorCode);
        assertThat(MessageFaults.fieldType(new Object())).hasMessageContainingAll("java.lang.Object", "3.11.3");
    }
}
