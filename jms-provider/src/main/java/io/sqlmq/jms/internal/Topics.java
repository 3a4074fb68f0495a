package io.sqlmq.jms.internal;

import jakarta.jms.JMSException;

/** The seam at which topics and subscriptions join. */
final class Topics {
    private Topics() {}

    static JMSException unavailable() {
        return new JMSException("Topics are not available yet. Use a queue.", "TOPICS");
    }
}
