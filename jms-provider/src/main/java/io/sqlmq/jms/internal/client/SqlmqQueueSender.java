package io.sqlmq.jms.internal.client;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import org.jspecify.annotations.Nullable;

/** Sends to a queue, or to the one given with each message. */
final class SqlmqQueueSender extends SqlmqMessageProducer implements QueueSender {
    private final @Nullable Queue queue;

    SqlmqQueueSender(SqlmqSession session, @Nullable Queue queue) {
        super(session, queue);
        this.queue = queue;
    }

    @Override
    public void send(Queue destination, Message message) throws JMSException {
        send((jakarta.jms.Destination) destination, message);
    }

    @Override
    public void send(Queue destination, Message message, int deliveryMode, int priority, long timeToLive)
            throws JMSException {
        send((jakarta.jms.Destination) destination, message, deliveryMode, priority, timeToLive);
    }

    @Override
    public @Nullable Queue getQueue() throws JMSException {
        getDestination(); // refused when closed
        return queue;
    }
}
