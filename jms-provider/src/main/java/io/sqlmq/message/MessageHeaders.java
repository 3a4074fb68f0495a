package io.sqlmq.message;

import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of a message (§3.4): values that the provider and, where the specification lets it, the application
 * set at any time, also on received messages. Nothing is checked but that the message is not being sent.
 */
abstract class MessageHeaders implements Message {
    private static final String BYTES_MARK = "bytes:";

    private @Nullable String messageId;
    private @Nullable String correlationId;
    private @Nullable String type;
    private @Nullable Destination destination;
    private @Nullable Destination replyTo;
    private long timestamp;
    private long expiration;
    private long deliveryTime;
    private int deliveryMode = DeliveryMode.PERSISTENT;
    private int priority = Message.DEFAULT_PRIORITY;
    private boolean redelivered;
    private volatile boolean sendInProgress;

    MessageHeaders() {}

    /**
     * Closes the message to everybody, or opens it again: between an asynchronous send and its completion the
     * application must neither read nor change it (§7.3.9). To be called by the session, which sets the headers before
     * or after. Any thread.
     */
    public final void setSendInProgress(boolean inProgress) {
        sendInProgress = inProgress;
    }

    final void checkNotBeingSent() throws JMSException {
        if (sendInProgress) {
            throw MessageFaults.beingSent();
        }
    }

    @Override
    public final @Nullable String getJMSMessageID() throws JMSException {
        checkNotBeingSent();
        return messageId;
    }

    @Override
    public final void setJMSMessageID(@Nullable String id) throws JMSException {
        checkNotBeingSent();
        messageId = id;
    }

    @Override
    public final long getJMSTimestamp() throws JMSException {
        checkNotBeingSent();
        return timestamp;
    }

    @Override
    public final void setJMSTimestamp(long timestamp) throws JMSException {
        checkNotBeingSent();
        this.timestamp = timestamp;
    }

    /**
     * The correlation id as bytes (§3.4.5): what {@link #setJMSCorrelationIDAsBytes} set, or the UTF-8 bytes of a
     * correlation id that was set as a string.
     */
    @Override
    public final byte @Nullable [] getJMSCorrelationIDAsBytes() throws JMSException {
        checkNotBeingSent();
        if (correlationId == null) {
            return null;
        }
        if (correlationId.startsWith(BYTES_MARK)) {
            try {
                return HexFormat.of().parseHex(correlationId, BYTES_MARK.length(), correlationId.length());
            } catch (IllegalArgumentException someStringThatBeginsLikeThis) {
                return correlationId.getBytes(StandardCharsets.UTF_8);
            }
        }
        return correlationId.getBytes(StandardCharsets.UTF_8);
    }

    /** Sets a correlation id of bytes. It is kept, and seen by {@link #getJMSCorrelationID}, as {@code bytes:<hex>}. */
    @Override
    public final void setJMSCorrelationIDAsBytes(byte @Nullable [] correlationId) throws JMSException {
        checkNotBeingSent();
        this.correlationId =
                correlationId == null ? null : BYTES_MARK + HexFormat.of().formatHex(correlationId);
    }

    @Override
    public final @Nullable String getJMSCorrelationID() throws JMSException {
        checkNotBeingSent();
        return correlationId;
    }

    @Override
    public final void setJMSCorrelationID(@Nullable String correlationId) throws JMSException {
        checkNotBeingSent();
        this.correlationId = correlationId;
    }

    @Override
    public final @Nullable Destination getJMSReplyTo() throws JMSException {
        checkNotBeingSent();
        return replyTo;
    }

    @Override
    public final void setJMSReplyTo(@Nullable Destination replyTo) throws JMSException {
        checkNotBeingSent();
        this.replyTo = replyTo;
    }

    @Override
    public final @Nullable Destination getJMSDestination() throws JMSException {
        checkNotBeingSent();
        return destination;
    }

    @Override
    public final void setJMSDestination(@Nullable Destination destination) throws JMSException {
        checkNotBeingSent();
        this.destination = destination;
    }

    @Override
    public final int getJMSDeliveryMode() throws JMSException {
        checkNotBeingSent();
        return deliveryMode;
    }

    @Override
    public final void setJMSDeliveryMode(int deliveryMode) throws JMSException {
        checkNotBeingSent();
        this.deliveryMode = deliveryMode;
    }

    @Override
    public final boolean getJMSRedelivered() throws JMSException {
        checkNotBeingSent();
        return redelivered;
    }

    @Override
    public final void setJMSRedelivered(boolean redelivered) throws JMSException {
        checkNotBeingSent();
        this.redelivered = redelivered;
    }

    @Override
    public final @Nullable String getJMSType() throws JMSException {
        checkNotBeingSent();
        return type;
    }

    @Override
    public final void setJMSType(@Nullable String type) throws JMSException {
        checkNotBeingSent();
        this.type = type;
    }

    @Override
    public final long getJMSExpiration() throws JMSException {
        checkNotBeingSent();
        return expiration;
    }

    @Override
    public final void setJMSExpiration(long expiration) throws JMSException {
        checkNotBeingSent();
        this.expiration = expiration;
    }

    @Override
    public final long getJMSDeliveryTime() throws JMSException {
        checkNotBeingSent();
        return deliveryTime;
    }

    @Override
    public final void setJMSDeliveryTime(long deliveryTime) throws JMSException {
        checkNotBeingSent();
        this.deliveryTime = deliveryTime;
    }

    @Override
    public final int getJMSPriority() throws JMSException {
        checkNotBeingSent();
        return priority;
    }

    @Override
    public final void setJMSPriority(int priority) throws JMSException {
        checkNotBeingSent();
        this.priority = priority;
    }

    /** The headers that tell messages apart, for {@link Object#toString}. */
    final String headerSummary() {
        StringBuilder out = new StringBuilder();
        describe(out, "id", messageId);
        describe(out, "destination", destination);
        describe(out, "correlationId", correlationId);
        describe(out, "type", type);
        return out.toString();
    }

    private static void describe(StringBuilder out, String name, @Nullable Object value) {
        if (value != null) {
            out.append(name)
                    .append('=')
                    .append(MessageFaults.shown(value.toString()))
                    .append(", ");
        }
    }
}
