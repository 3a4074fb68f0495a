package io.sqlmq.jms.internal.destination;

import io.sqlmq.jms.SqlmqQueue;
import jakarta.jms.JMSException;
import jakarta.jms.TemporaryQueue;
import org.jspecify.annotations.Nullable;

/**
 * A temporary queue (§6.2.2). Only the connection that created it may consume from it; everybody may send to it. The
 * one that comes with a received message as JMSReplyTo cannot be deleted.
 */
final class SqlmqTemporaryQueue extends SqlmqQueue implements TemporaryQueue {
    private static final long serialVersionUID = 1L;

    /** Deletes the queue. */
    @FunctionalInterface
    interface Deletion {
        void delete(String name) throws JMSException;
    }

    private final transient @Nullable Deletion deletion;

    SqlmqTemporaryQueue(String name, @Nullable Deletion deletion) {
        super(name);
        this.deletion = deletion;
    }

    @Override
    public void delete() throws JMSException {
        if (deletion == null) {
            throw new JMSException(
                    "The temporary queue " + getName() + " was not created by this object's connection;"
                            + " only who created it may delete it.",
                    "TEMPORARY_QUEUE");
        }
        deletion.delete(getName());
    }
}
