package io.sqlmq.jms.internal.client;

import io.sqlmq.jms.internal.mapping.SendOptions;
import io.sqlmq.jms.internal.threads.Lifecycle;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import org.jspecify.annotations.Nullable;

/** Sends to one destination, or, unidentified, to the one given with each message (§7.2). */
class SqlmqMessageProducer implements MessageProducer {
    private final SqlmqSession session;
    private final @Nullable Destination destination;
    private final Lifecycle lifecycle;

    private int deliveryMode = DeliveryMode.PERSISTENT;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLive = Message.DEFAULT_TIME_TO_LIVE;
    private long deliveryDelay = Message.DEFAULT_DELIVERY_DELAY;
    private boolean disableMessageId;
    private boolean disableMessageTimestamp;

    SqlmqMessageProducer(SqlmqSession session, @Nullable Destination destination) {
        this.session = session;
        this.destination = destination;
        this.lifecycle = new Lifecycle("producer", session.lifecycle());
    }

    @Override
    public void send(Message message) throws JMSException {
        sendIdentified(message, deliveryMode, priority, timeToLive, null);
    }

    @Override
    public void send(Message message, int deliveryMode, int priority, long timeToLive) throws JMSException {
        sendIdentified(message, deliveryMode, priority, timeToLive, null);
    }

    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        sendIdentified(message, deliveryMode, priority, timeToLive, checked(listener));
    }

    @Override
    public void send(Message message, int deliveryMode, int priority, long timeToLive, CompletionListener listener)
            throws JMSException {
        sendIdentified(message, deliveryMode, priority, timeToLive, checked(listener));
    }

    @Override
    public void send(Destination destination, Message message) throws JMSException {
        sendUnidentified(destination, message, deliveryMode, priority, timeToLive, null);
    }

    @Override
    public void send(Destination destination, Message message, int deliveryMode, int priority, long timeToLive)
            throws JMSException {
        sendUnidentified(destination, message, deliveryMode, priority, timeToLive, null);
    }

    @Override
    public void send(Destination destination, Message message, CompletionListener listener) throws JMSException {
        sendUnidentified(destination, message, deliveryMode, priority, timeToLive, checked(listener));
    }

    @Override
    public void send(
            Destination destination,
            Message message,
            int deliveryMode,
            int priority,
            long timeToLive,
            CompletionListener listener)
            throws JMSException {
        sendUnidentified(destination, message, deliveryMode, priority, timeToLive, checked(listener));
    }

    private static CompletionListener checked(@Nullable CompletionListener listener) {
        if (listener == null) {
            throw new IllegalArgumentException("The CompletionListener is null. Use send without one.");
        }
        return listener;
    }

    private void sendIdentified(
            @Nullable Message message, int mode, int priority, long timeToLive, @Nullable CompletionListener listener)
            throws JMSException {
        lifecycle.checkOpen();
        if (destination == null) {
            throw new UnsupportedOperationException(
                    "The producer was created without a destination. Give one with each message.");
        }
        sendChecked(destination, message, mode, priority, timeToLive, listener);
    }

    private void sendUnidentified(
            @Nullable Destination to,
            @Nullable Message message,
            int mode,
            int priority,
            long timeToLive,
            @Nullable CompletionListener listener)
            throws JMSException {
        lifecycle.checkOpen();
        if (destination != null) {
            throw new UnsupportedOperationException("The producer was created for " + destination
                    + ". Send without a destination, or create a producer for none.");
        }
        if (to == null) {
            throw new InvalidDestinationException(
                    "The destination is null, and the producer was created without one. Give a queue or topic.",
                    "DESTINATION");
        }
        sendChecked(to, message, mode, priority, timeToLive, listener);
    }

    private void sendChecked(
            Destination to,
            @Nullable Message message,
            int mode,
            int priority,
            long timeToLive,
            @Nullable CompletionListener listener)
            throws JMSException {
        if (message == null) {
            throw new MessageFormatException("The message is null.", "MESSAGE");
        }
        SendOptions options = new SendOptions(
                SendOptions.checkDeliveryMode(mode),
                SendOptions.checkPriority(priority),
                SendOptions.checkTimeToLive(timeToLive),
                deliveryDelay,
                disableMessageId,
                disableMessageTimestamp);
        session.send(to, message, options, listener);
    }

    @Override
    public @Nullable Destination getDestination() throws JMSException {
        lifecycle.checkOpen();
        return destination;
    }

    @Override
    public void setDeliveryMode(int deliveryMode) throws JMSException {
        lifecycle.checkOpen();
        this.deliveryMode = SendOptions.checkDeliveryMode(deliveryMode);
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        lifecycle.checkOpen();
        return deliveryMode;
    }

    @Override
    public void setPriority(int priority) throws JMSException {
        lifecycle.checkOpen();
        this.priority = SendOptions.checkPriority(priority);
    }

    @Override
    public int getPriority() throws JMSException {
        lifecycle.checkOpen();
        return priority;
    }

    @Override
    public void setTimeToLive(long timeToLive) throws JMSException {
        lifecycle.checkOpen();
        this.timeToLive = SendOptions.checkTimeToLive(timeToLive);
    }

    @Override
    public long getTimeToLive() throws JMSException {
        lifecycle.checkOpen();
        return timeToLive;
    }

    @Override
    public void setDeliveryDelay(long deliveryDelay) throws JMSException {
        lifecycle.checkOpen();
        this.deliveryDelay = SendOptions.checkDeliveryDelay(deliveryDelay);
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        lifecycle.checkOpen();
        return deliveryDelay;
    }

    @Override
    public void setDisableMessageID(boolean disable) throws JMSException {
        lifecycle.checkOpen();
        disableMessageId = disable;
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        lifecycle.checkOpen();
        return disableMessageId;
    }

    @Override
    public void setDisableMessageTimestamp(boolean disable) throws JMSException {
        lifecycle.checkOpen();
        disableMessageTimestamp = disable;
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        lifecycle.checkOpen();
        return disableMessageTimestamp;
    }

    /** Waits for the callbacks of the session's asynchronous sends, this producer's among them. */
    @Override
    public void close() throws JMSException {
        if (lifecycle.isClosed()) {
            return;
        }
        session.refuseInCallback("close");
        session.awaitCallbacks();
        lifecycle.close();
    }
}
