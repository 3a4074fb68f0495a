package io.sqlmq.message;

import jakarta.jms.JMSException;

/** What {@link SqlmqMessage#acknowledge()} does for a received message; given by the session that delivered it. */
@FunctionalInterface
public interface Acknowledger {

    /**
     * Acknowledges by the rules of the session's acknowledge mode (§6.2.10).
     *
     * @throws JMSException when the acknowledgement fails; {@link jakarta.jms.IllegalStateException} when the session is
     *     closed
     */
    void acknowledge() throws JMSException;
}
