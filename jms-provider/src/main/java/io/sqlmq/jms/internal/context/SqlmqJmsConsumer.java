package io.sqlmq.jms.internal.context;

import io.sqlmq.jms.internal.errors.Unchecked;
import io.sqlmq.jms.internal.mapping.Bodies;
import io.sqlmq.jms.internal.mapping.BodyReceiver;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import org.jspecify.annotations.Nullable;

/** A consumer of the simplified API (§8) over one of the classic. */
final class SqlmqJmsConsumer implements JMSConsumer {
    private final SqlmqContext context;
    private final MessageConsumer consumer;
    private volatile @Nullable MessageListener listener;

    SqlmqJmsConsumer(SqlmqContext context, MessageConsumer consumer) {
        this.context = context;
        this.consumer = consumer;
    }

    @Override
    public @Nullable Message receive() {
        return received(Unchecked.call(consumer::receive));
    }

    @Override
    public @Nullable Message receive(long timeout) {
        return received(Unchecked.call(() -> consumer.receive(timeout)));
    }

    @Override
    public @Nullable Message receiveNoWait() {
        return received(Unchecked.call(consumer::receiveNoWait));
    }

    private @Nullable Message received(@Nullable Message message) {
        if (message != null) {
            context.received(message);
        }
        return message;
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type) {
        return receiveBody(type, 0);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type, long timeout) {
        return Unchecked.call(() -> consumer instanceof BodyReceiver bodies
                ? bodies.receiveBody(type, timeout, context::received)
                : bodyOf(consumer.receive(timeout), type));
    }

    @Override
    public <T> @Nullable T receiveBodyNoWait(Class<T> type) {
        return Unchecked.call(() -> consumer instanceof BodyReceiver bodies
                ? bodies.receiveBodyNoWait(type, context::received)
                : bodyOf(consumer.receiveNoWait(), type));
    }

    private <T> @Nullable T bodyOf(@Nullable Message message, Class<T> type) throws JMSException {
        received(message);
        return message == null ? null : Bodies.of(message, type);
    }

    @Override
    public @Nullable String getMessageSelector() {
        return Unchecked.call(consumer::getMessageSelector);
    }

    @Override
    public @Nullable MessageListener getMessageListener() {
        // The classic consumer knows whether it is closed, and has a wrapper of the listener.
        return Unchecked.call(consumer::getMessageListener) == null ? null : listener;
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) {
        MessageListener wrapper = listener == null
                ? null
                : message -> {
                    context.received(message);
                    listener.onMessage(message);
                };
        Unchecked.run(() -> consumer.setMessageListener(wrapper));
        this.listener = listener;
    }

    @Override
    public void close() {
        Unchecked.run(consumer::close);
    }
}
