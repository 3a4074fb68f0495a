package io.sqlmq.jms.internal.context;

import io.sqlmq.jms.internal.errors.Unchecked;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.Serializable;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A producer of the simplified API (§7) over a session of the classic one. Properties and headers to be set on each
 * message are kept in a message of their own, whose rules and conversions they follow.
 */
final class SqlmqJmsProducer implements JMSProducer {
    private final Session session;
    private final MessageProducer producer;
    private final Message properties;
    private @Nullable CompletionListener async;
    private @Nullable String correlationId;
    private byte @Nullable [] correlationIdBytes;
    private @Nullable String type;
    private @Nullable Destination replyTo;

    SqlmqJmsProducer(Session session) throws JMSException {
        this.session = session;
        this.producer = session.createProducer(null);
        this.properties = session.createMessage();
    }

    // ---- sending

    @Override
    public JMSProducer send(Destination destination, @Nullable Message message) {
        return with(() -> {
            if (message == null) {
                throw new MessageFormatException("The message is null.", "MESSAGE");
            }
            stamp(message);
            CompletionListener listener = async;
            if (listener == null) {
                producer.send(destination, message);
            } else {
                producer.send(destination, message, listener);
            }
        });
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable String body) {
        return send(destination, Unchecked.call(() -> session.createTextMessage(body)));
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable Map<String, Object> body) {
        return send(destination, Unchecked.call(() -> {
            MapMessage message = session.createMapMessage();
            if (body != null) {
                for (Map.Entry<String, Object> entry : body.entrySet()) {
                    message.setObject(entry.getKey(), entry.getValue());
                }
            }
            return (Message) message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, byte @Nullable [] body) {
        return send(destination, Unchecked.call(() -> {
            BytesMessage message = session.createBytesMessage();
            if (body != null) {
                message.writeBytes(body);
            }
            return (Message) message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable Serializable body) {
        return send(destination, Unchecked.call(() -> (Message) session.createObjectMessage(body)));
    }

    private void stamp(Message message) throws JMSException {
        for (String name : names()) {
            message.setObjectProperty(name, properties.getObjectProperty(name));
        }
        if (correlationId != null) {
            message.setJMSCorrelationID(correlationId);
        }
        if (correlationIdBytes != null) {
            message.setJMSCorrelationIDAsBytes(correlationIdBytes);
        }
        if (type != null) {
            message.setJMSType(type);
        }
        if (replyTo != null) {
            message.setJMSReplyTo(replyTo);
        }
    }

    private JMSProducer with(Unchecked.Action action) {
        Unchecked.run(action);
        return this;
    }

    // ---- options

    @Override
    public JMSProducer setDisableMessageID(boolean disable) {
        return with(() -> producer.setDisableMessageID(disable));
    }

    @Override
    public boolean getDisableMessageID() {
        return Unchecked.call(producer::getDisableMessageID);
    }

    @Override
    public JMSProducer setDisableMessageTimestamp(boolean disable) {
        return with(() -> producer.setDisableMessageTimestamp(disable));
    }

    @Override
    public boolean getDisableMessageTimestamp() {
        return Unchecked.call(producer::getDisableMessageTimestamp);
    }

    @Override
    public JMSProducer setDeliveryMode(int deliveryMode) {
        return with(() -> producer.setDeliveryMode(deliveryMode));
    }

    @Override
    public int getDeliveryMode() {
        return Unchecked.call(producer::getDeliveryMode);
    }

    @Override
    public JMSProducer setPriority(int priority) {
        return with(() -> producer.setPriority(priority));
    }

    @Override
    public int getPriority() {
        return Unchecked.call(producer::getPriority);
    }

    @Override
    public JMSProducer setTimeToLive(long timeToLive) {
        return with(() -> producer.setTimeToLive(timeToLive));
    }

    @Override
    public long getTimeToLive() {
        return Unchecked.call(producer::getTimeToLive);
    }

    @Override
    public JMSProducer setDeliveryDelay(long deliveryDelay) {
        return with(() -> producer.setDeliveryDelay(deliveryDelay));
    }

    @Override
    public long getDeliveryDelay() {
        return Unchecked.call(producer::getDeliveryDelay);
    }

    @Override
    public JMSProducer setAsync(@Nullable CompletionListener listener) {
        async = listener;
        return this;
    }

    @Override
    public @Nullable CompletionListener getAsync() {
        return async;
    }

    // ---- properties

    private static String checked(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("The name of a property must not be null or empty.");
        }
        return name;
    }

    @Override
    public JMSProducer setProperty(String name, boolean value) {
        return with(() -> properties.setBooleanProperty(checked(name), value));
    }

    @Override
    public JMSProducer setProperty(String name, byte value) {
        return with(() -> properties.setByteProperty(checked(name), value));
    }

    @Override
    public JMSProducer setProperty(String name, short value) {
        return with(() -> properties.setShortProperty(checked(name), value));
    }

    @Override
    public JMSProducer setProperty(String name, int value) {
        return with(() -> properties.setIntProperty(checked(name), value));
    }

    @Override
    public JMSProducer setProperty(String name, long value) {
        return with(() -> properties.setLongProperty(checked(name), value));
    }

    @Override
    public JMSProducer setProperty(String name, float value) {
        return with(() -> properties.setFloatProperty(checked(name), value));
    }

    @Override
    public JMSProducer setProperty(String name, double value) {
        return with(() -> properties.setDoubleProperty(checked(name), value));
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable String value) {
        return with(() -> properties.setStringProperty(checked(name), value));
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable Object value) {
        return with(() -> properties.setObjectProperty(checked(name), value));
    }

    @Override
    public JMSProducer clearProperties() {
        return with(properties::clearProperties);
    }

    @Override
    public boolean propertyExists(String name) {
        return Unchecked.call(() -> properties.propertyExists(name));
    }

    @Override
    public boolean getBooleanProperty(String name) {
        return Unchecked.call(() -> properties.getBooleanProperty(name));
    }

    @Override
    public byte getByteProperty(String name) {
        return Unchecked.call(() -> properties.getByteProperty(name));
    }

    @Override
    public short getShortProperty(String name) {
        return Unchecked.call(() -> properties.getShortProperty(name));
    }

    @Override
    public int getIntProperty(String name) {
        return Unchecked.call(() -> properties.getIntProperty(name));
    }

    @Override
    public long getLongProperty(String name) {
        return Unchecked.call(() -> properties.getLongProperty(name));
    }

    @Override
    public float getFloatProperty(String name) {
        return Unchecked.call(() -> properties.getFloatProperty(name));
    }

    @Override
    public double getDoubleProperty(String name) {
        return Unchecked.call(() -> properties.getDoubleProperty(name));
    }

    @Override
    public @Nullable String getStringProperty(String name) {
        return Unchecked.call(() -> properties.getStringProperty(name));
    }

    @Override
    public @Nullable Object getObjectProperty(String name) {
        return Unchecked.call(() -> properties.getObjectProperty(name));
    }

    @Override
    public Set<String> getPropertyNames() {
        return Collections.unmodifiableSet(Unchecked.call(this::names));
    }

    private Set<String> names() throws JMSException {
        Set<String> names = new LinkedHashSet<>();
        Enumeration<?> all = properties.getPropertyNames();
        while (all.hasMoreElements()) {
            names.add((String) all.nextElement());
        }
        return names;
    }

    // ---- headers

    @Override
    public JMSProducer setJMSCorrelationIDAsBytes(byte @Nullable [] correlationId) {
        this.correlationIdBytes = correlationId == null ? null : correlationId.clone();
        this.correlationId = null;
        return this;
    }

    @Override
    public byte @Nullable [] getJMSCorrelationIDAsBytes() {
        return correlationIdBytes == null ? null : correlationIdBytes.clone();
    }

    @Override
    public JMSProducer setJMSCorrelationID(@Nullable String correlationId) {
        this.correlationId = correlationId;
        this.correlationIdBytes = null;
        return this;
    }

    @Override
    public @Nullable String getJMSCorrelationID() {
        return correlationId;
    }

    @Override
    public JMSProducer setJMSType(@Nullable String type) {
        this.type = type;
        return this;
    }

    @Override
    public @Nullable String getJMSType() {
        return type;
    }

    @Override
    public JMSProducer setJMSReplyTo(@Nullable Destination replyTo) {
        this.replyTo = replyTo;
        return this;
    }

    @Override
    public @Nullable Destination getJMSReplyTo() {
        return replyTo;
    }
}
