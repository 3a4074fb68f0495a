package io.sqlmq.message;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Creates messages to be filled and sent. Immutable. */
public final class MessageFactory {
    private final TrustedClasses trusted;

    /** A factory whose ObjectMessages, should they be received, give objects of these classes only. */
    public MessageFactory(TrustedClasses trusted) {
        this.trusted = trusted;
    }

    /** A message without body. */
    public SqlmqPlainMessage createMessage() {
        return new SqlmqPlainMessage(StoredProperties.NONE);
    }

    /** A text message; its body may be null. */
    public SqlmqTextMessage createTextMessage(@Nullable String text) {
        return new SqlmqTextMessage(StoredProperties.NONE, text);
    }

    /** A message of bytes, to be written. */
    public SqlmqBytesMessage createBytesMessage() {
        return new SqlmqBytesMessage(StoredProperties.NONE, null);
    }

    /** A map without entries. */
    public SqlmqMapMessage createMapMessage() {
        return new SqlmqMapMessage(StoredProperties.NONE, null);
    }

    /** A stream, to be written. */
    public SqlmqStreamMessage createStreamMessage() {
        return new SqlmqStreamMessage(StoredProperties.NONE, null);
    }

    /**
     * A message with an object, which may be null.
     *
     * @throws jakarta.jms.MessageFormatException when the object cannot be serialised
     */
    public SqlmqObjectMessage createObjectMessage(@Nullable Serializable object) throws JMSException {
        SqlmqObjectMessage message = new SqlmqObjectMessage(StoredProperties.NONE, null, trusted);
        message.setObject(object);
        return message;
    }

    /**
     * A copy of another provider's message, to be sent in its place (§3.12): its body, its properties but those that
     * belong to the delivery by the other provider, and the headers JMSCorrelationID, JMSReplyTo and JMSType. What the
     * sender sets, the session sets on both. A kind of message that Jakarta Messaging does not know is copied without
     * body. A BytesMessage or StreamMessage is read from the start and reset.
     *
     * @throws jakarta.jms.MessageFormatException when it has a property or field of a type that Jakarta Messaging does
     *     not have
     */
    public SqlmqMessage copyOf(Message foreign) throws JMSException {
        return new ForeignMessage(foreign, this).copy();
    }
}
