package io.sqlmq.jms.internal.mapping;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A consumer that can look at a body before the message counts as received, so that receiveBody of the wrong type is
 * as if the call had not occurred (§8.6).
 */
public interface BodyReceiver {

    /**
     * The body of the next message, or null when there was none in time.
     *
     * @param timeout milliseconds, 0 waits for ever
     * @param seen gets the message before its body is looked at
     * @throws jakarta.jms.MessageFormatException when the body cannot be had as {@code type}
     */
    <T> @Nullable T receiveBody(Class<T> type, long timeout, Consumer<Message> seen) throws JMSException;

    /** As {@link #receiveBody}, without waiting. */
    <T> @Nullable T receiveBodyNoWait(Class<T> type, Consumer<Message> seen) throws JMSException;
}
