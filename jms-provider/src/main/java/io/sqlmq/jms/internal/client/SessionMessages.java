package io.sqlmq.jms.internal.client;

import io.sqlmq.message.MessageFactory;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.BytesMessage;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** The part of a session that makes messages. Each message knows its session, also when a pool wraps the session. */
abstract class SessionMessages implements Session {
    private final MessageFactory messages;

    SessionMessages(MessageFactory messages) {
        this.messages = messages;
    }

    abstract void checkOpen() throws IllegalStateException;

    private <M extends SqlmqMessage> M own(M message) {
        message.setDeliveryContext(this);
        return message;
    }

    @Override
    public final Message createMessage() throws JMSException {
        checkOpen();
        return own(messages.createMessage());
    }

    @Override
    public final TextMessage createTextMessage() throws JMSException {
        return createTextMessage(null);
    }

    @Override
    public final TextMessage createTextMessage(@Nullable String text) throws JMSException {
        checkOpen();
        return own(messages.createTextMessage(text));
    }

    @Override
    public final BytesMessage createBytesMessage() throws JMSException {
        checkOpen();
        return own(messages.createBytesMessage());
    }

    @Override
    public final MapMessage createMapMessage() throws JMSException {
        checkOpen();
        return own(messages.createMapMessage());
    }

    @Override
    public final StreamMessage createStreamMessage() throws JMSException {
        checkOpen();
        return own(messages.createStreamMessage());
    }

    @Override
    public final ObjectMessage createObjectMessage() throws JMSException {
        return createObjectMessage(null);
    }

    @Override
    public final ObjectMessage createObjectMessage(@Nullable Serializable object) throws JMSException {
        checkOpen();
        return own(messages.createObjectMessage(object));
    }
}
