package io.sqlmq.jms.internal;

import io.sqlmq.engine.ChannelConsumer;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import org.jspecify.annotations.Nullable;

/** Consumes from a queue. */
final class SqlmqQueueReceiver extends SqlmqMessageConsumer implements QueueReceiver {
    private final Queue queue;

    SqlmqQueueReceiver(SqlmqSession session, Queue queue, ChannelConsumer channel, @Nullable String selector) {
        super(session, queue, channel, selector);
        this.queue = queue;
    }

    @Override
    public Queue getQueue() throws JMSException {
        lifecycle().checkOpen();
        return queue;
    }
}
