package io.sqlmq.camel;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Receives further messages in the transaction of the first, and hands all of them over together. A message that has failed
 * before comes alone, so that one that always fails does not take others with it to the dead-letter queue.
 */
final class BatchListenerContainer extends SqlmqMessageListenerContainer {

    /** Who gets the messages. */
    @FunctionalInterface
    interface BatchListener {
        void onMessages(List<Message> messages) throws JMSException;
    }

    /** The consumer that the thread receives by: Spring hands over the message only. */
    private static final ThreadLocal<MessageConsumer> RECEIVING = new ThreadLocal<>();

    private final int size;
    private final long timeoutMillis;
    private volatile @Nullable BatchListener listener;

    BatchListenerContainer(SqlmqEndpoint endpoint, int size, long timeoutMillis) {
        super(endpoint);
        this.size = size;
        this.timeoutMillis = timeoutMillis;
    }

    /** Says who gets the messages, in place of the container's listener. */
    void handTo(BatchListener batches) {
        listener = batches;
    }

    @Override
    protected @Nullable Message receiveMessage(MessageConsumer consumer) throws JMSException {
        RECEIVING.set(consumer);
        return super.receiveMessage(consumer);
    }

    @Override
    protected void invokeListener(Session session, Message first) throws JMSException {
        List<Message> batch = new ArrayList<>();
        batch.add(first);
        try {
            collect(batch, Objects.requireNonNull(RECEIVING.get()));
            Objects.requireNonNull(listener).onMessages(batch);
        } catch (JMSException | RuntimeException | Error e) {
            batch.forEach(message -> note(message, e));
            throw e;
        }
    }

    private void collect(List<Message> batch, MessageConsumer consumer) throws JMSException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (batch.size() < size && !batch.get(batch.size() - 1).getJMSRedelivered()) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            Message next = left > 0 ? consumer.receive(left) : consumer.receiveNoWait();
            if (next == null) {
                return;
            }
            batch.add(next);
        }
    }
}
