package io.sqlmq.jms.internal.mapping;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.TextMessage;
import org.jspecify.annotations.Nullable;

/** The bodies that receiveBody returns: of every message but StreamMessage and the plain Message (§8.6). */
public final class Bodies {
    private Bodies() {}

    public static <T> @Nullable T of(Message message, Class<T> type) throws JMSException {
        boolean hasBody = message instanceof TextMessage
                || message instanceof BytesMessage
                || message instanceof MapMessage
                || message instanceof ObjectMessage;
        if (!hasBody || !message.isBodyAssignableTo(type)) {
            throw new MessageFormatException(
                    "The body of " + message.getJMSMessageID() + " ("
                            + message.getClass().getSimpleName() + ") cannot be received as " + type.getName() + ".",
                    "BODY_TYPE");
        }
        return message.getBody(type);
    }
}
