package io.sqlmq.message;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A message of this provider: headers (§3.4), properties (§3.5) and, in its subclasses, a body (§3.11). Made by
 * {@link MessageFactory} for sending and by {@link MessageCodec} for what was received.
 *
 * <p>Like every Jakarta Messaging message it is used by one thread at a time.
 */
public abstract sealed class SqlmqMessage extends MessageHeaders implements Message
        permits SqlmqPlainMessage,
                SqlmqTextMessage,
                SqlmqBytesMessage,
                SqlmqMapMessage,
                SqlmqStreamMessage,
                SqlmqObjectMessage {
    private final MessageProperties properties;
    private boolean bodyReadOnly;
    private @Nullable Acknowledger acknowledger;
    private @Nullable Object deliveryContext;

    SqlmqMessage(StoredProperties properties) {
        this.properties = new MessageProperties(properties);
    }

    /**
     * Makes properties and body read-only, as those of a received message are (§3.5.3, §3.11.2); bodies that are read
     * from front to end begin at the front. Headers stay settable.
     */
    public final void markReceived() {
        properties.makeReadOnly();
        makeBodyReadOnly();
    }

    /** What {@link #acknowledge()} does; null, as in a message that is to be sent, for nothing. */
    public final void setAcknowledger(@Nullable Acknowledger acknowledger) {
        this.acknowledger = acknowledger;
    }

    /** What the session attached by {@link #setDeliveryContext}, else null. */
    public final @Nullable Object deliveryContext() {
        return deliveryContext;
    }

    /** Attaches something by which the session that delivered the message can be found. */
    public final void setDeliveryContext(@Nullable Object context) {
        deliveryContext = context;
    }

    /** Sets the property JMSXDeliveryCount (§3.5.11), which is never stored with the message; 0 takes it away. */
    public final void setDeliveryCount(int count) {
        properties.setDeliveryCount(count);
    }

    /**
     * Sets the properties JMSXRcvTimestamp and, received in a transaction, JMSXConsumerTXID (§3.5.9), which are never
     * stored with the message.
     *
     * @param at in milliseconds since 1970
     */
    public final void setReceived(long at, @Nullable String transaction) {
        properties.setReceived(at, transaction);
    }

    /**
     * Sets the properties that the provider sets on send (§3.5.9), also in a message that was received. Those that are not
     * given are taken away, as are those of a dead letter: who receives the message could not tell who has set them.
     */
    public final void setBySend(Map<String, Object> provided) throws JMSException {
        checkNotBeingSent();
        properties.setBySend(provided);
    }

    @Override
    public final void acknowledge() throws JMSException {
        checkNotBeingSent();
        if (acknowledger != null) {
            acknowledger.acknowledge();
        }
    }

    @Override
    public final void clearBody() throws JMSException {
        checkNotBeingSent();
        bodyReadOnly = false;
        emptyBody();
    }

    @Override
    public <T> @Nullable T getBody(Class<T> type) throws JMSException {
        checkNotBeingSent();
        if (!bodyFits(type)) {
            throw bodyDoesNotFit(type);
        }
        return type.cast(bodyCopy());
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature is that of jakarta.jms.Message
    public boolean isBodyAssignableTo(Class type) throws JMSException {
        checkNotBeingSent();
        Class<?> asked = type;
        return bodyFits(asked);
    }

    final MessageFormatException bodyDoesNotFit(Class<?> type) {
        return MessageFaults.format("The body of a " + getClass().getSimpleName() + " (" + bodySummary()
                + ") cannot be read as " + type.getName() + ".");
    }

    final void makeBodyReadOnly() {
        bodyReadOnly = true;
        rewind();
    }

    final boolean isBodyReadOnly() {
        return bodyReadOnly;
    }

    final void checkBodyWritable() throws JMSException {
        checkNotBeingSent();
        if (bodyReadOnly) {
            throw MessageFaults.bodyNotWriteable();
        }
    }

    /** For the bodies that cannot be read while they are written: bytes and streams. */
    final void checkBodyReadable() throws JMSException {
        checkNotBeingSent();
        if (!bodyReadOnly) {
            throw MessageFaults.bodyNotReadable();
        }
    }

    /** Whether {@link #bodyCopy} can be assigned to {@code type}: always, where there is no body. */
    abstract boolean bodyFits(Class<?> type) throws JMSException;

    /** The body for the application to keep, or null if there is none. */
    abstract @Nullable Object bodyCopy() throws JMSException;

    abstract void emptyBody();

    /** The body was made read-only, and reading begins at the front. */
    void rewind() {}

    /** The body as it is now. What is returned is never changed afterwards. */
    abstract StoredBody storedBody() throws JMSException;

    /** A few words about the body for people. */
    abstract String bodySummary();

    final StoredProperties storedProperties() {
        return properties.stored();
    }

    final StoredProperties storedProperties(Set<String> without, String name, Object value) throws JMSException {
        return properties.stored(without, name, value);
    }

    /** Sets a property of another provider's message, whose names may be none of ours. */
    final void copyProperty(String name, @Nullable Object value) throws JMSException {
        properties.put(name, value);
    }

    @Override
    public final void clearProperties() throws JMSException {
        checkNotBeingSent();
        properties.clear();
    }

    @Override
    public final boolean propertyExists(@Nullable String name) throws JMSException {
        checkNotBeingSent();
        return properties.exists(name);
    }

    @Override
    public final Enumeration<String> getPropertyNames() throws JMSException {
        checkNotBeingSent();
        return Collections.enumeration(properties.names());
    }

    @Override
    public final @Nullable Object getObjectProperty(@Nullable String name) throws JMSException {
        checkNotBeingSent();
        return properties.get(name);
    }

    @Override
    public final boolean getBooleanProperty(@Nullable String name) throws JMSException {
        return ValueConversion.toBoolean(getObjectProperty(name), label(name));
    }

    @Override
    public final byte getByteProperty(@Nullable String name) throws JMSException {
        return ValueConversion.toByte(getObjectProperty(name), label(name));
    }

    @Override
    public final short getShortProperty(@Nullable String name) throws JMSException {
        return ValueConversion.toShort(getObjectProperty(name), label(name));
    }

    @Override
    public final int getIntProperty(@Nullable String name) throws JMSException {
        return ValueConversion.toInt(getObjectProperty(name), label(name));
    }

    @Override
    public final long getLongProperty(@Nullable String name) throws JMSException {
        return ValueConversion.toLong(getObjectProperty(name), label(name));
    }

    @Override
    public final float getFloatProperty(@Nullable String name) throws JMSException {
        return ValueConversion.toFloat(getObjectProperty(name), label(name));
    }

    @Override
    public final double getDoubleProperty(@Nullable String name) throws JMSException {
        return ValueConversion.toDouble(getObjectProperty(name), label(name));
    }

    @Override
    public final @Nullable String getStringProperty(@Nullable String name) throws JMSException {
        return ValueConversion.toText(getObjectProperty(name), label(name));
    }

    /** Sets a property to a Boolean, Byte, Short, Integer, Long, Float, Double, String or null (§3.5.5). */
    @Override
    public final void setObjectProperty(@Nullable String name, @Nullable Object value) throws JMSException {
        checkNotBeingSent();
        properties.set(name, value);
    }

    @Override
    public final void setBooleanProperty(@Nullable String name, boolean value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setByteProperty(@Nullable String name, byte value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setShortProperty(@Nullable String name, short value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setIntProperty(@Nullable String name, int value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setLongProperty(@Nullable String name, long value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setFloatProperty(@Nullable String name, float value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setDoubleProperty(@Nullable String name, double value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setStringProperty(@Nullable String name, @Nullable String value) throws JMSException {
        setObjectProperty(name, value);
    }

    /** Kind, identifying headers and the beginning of the body; no property values, which may be confidential. */
    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + headerSummary() + "body=" + bodySummary() + "]";
    }

    private static String label(@Nullable String name) {
        return name == null ? "null" : name;
    }
}
