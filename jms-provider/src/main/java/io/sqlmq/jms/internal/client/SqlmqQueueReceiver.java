package io.sqlmq.jms.internal.client;

import io.sqlmq.jms.internal.mode.Source;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import org.jspecify.annotations.Nullable;

/** Consumes from a queue. */
final class SqlmqQueueReceiver extends SqlmqMessageConsumer implements QueueReceiver {
    private final Queue queue;

    SqlmqQueueReceiver(SqlmqSession session, Queue queue, Source source, @Nullable String selector) {
        super(session, queue, source, selector);
        this.queue = queue;
    }

    @Override
    public Queue getQueue() throws JMSException {
        lifecycle().checkOpen();
        return queue;
    }
}
