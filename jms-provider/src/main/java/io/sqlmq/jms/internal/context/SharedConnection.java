package io.sqlmq.jms.internal.context;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;

/** A connection that several JMSContexts share; it is closed with the last of them (§6.3). */
final class SharedConnection {
    private final Connection connection;
    private int contexts = 1;

    /** Shared, so far, by one context. */
    SharedConnection(Connection connection) {
        this.connection = connection;
    }

    Connection get() {
        return connection;
    }

    synchronized void join() throws JMSException {
        if (contexts == 0) {
            throw new jakarta.jms.IllegalStateException("The connection of this JMSContext is closed.", "CLOSED");
        }
        contexts++;
    }

    void leave() throws JMSException {
        synchronized (this) {
            contexts--;
            if (contexts > 0) {
                return;
            }
        }
        connection.close();
    }
}
