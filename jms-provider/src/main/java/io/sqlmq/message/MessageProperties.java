package io.sqlmq.message;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The properties of one message (§3.5), parsed when the first is looked at. */
final class MessageProperties {
    /** What {@link #values} come from or were written as; null since they changed. */
    private @Nullable StoredProperties stored;

    private @Nullable Map<String, @Nullable Object> values;
    private boolean readOnly;

    // These belong to a delivery, not to the message: they are never stored. 0 and null = not there.
    private int deliveryCount;
    private long receivedAt;
    private @Nullable String consumerTransaction;

    MessageProperties(StoredProperties stored) {
        this.stored = stored;
    }

    void makeReadOnly() {
        readOnly = true;
    }

    void setDeliveryCount(int count) {
        deliveryCount = count;
    }

    void setReceived(long at, @Nullable String transaction) {
        receivedAt = at;
        consumerTransaction = transaction;
    }

    @Nullable
    Object get(@Nullable String name) throws JMSException {
        Object value = ofDelivery(name);
        return value == null ? values().get(name) : value;
    }

    boolean exists(@Nullable String name) throws JMSException {
        return ofDelivery(name) != null || values().containsKey(name);
    }

    private @Nullable Object ofDelivery(@Nullable String name) {
        if (name == null || !name.startsWith("JMSX")) {
            return null;
        }
        return switch (name) {
            case PropertyNames.DELIVERY_COUNT -> deliveryCount == 0 ? null : deliveryCount;
            case PropertyNames.RCV_TIMESTAMP -> receivedAt == 0 ? null : receivedAt;
            case PropertyNames.CONSUMER_TXID -> consumerTransaction;
            default -> null;
        };
    }

    /** The names in the order in which they were first set. */
    List<String> names() throws JMSException {
        List<String> names = new ArrayList<>(values().keySet());
        for (String name : PropertyNames.OF_THE_DELIVERY) {
            if (ofDelivery(name) != null && !names.contains(name)) {
                names.add(name);
            }
        }
        return names;
    }

    void set(@Nullable String name, @Nullable Object value) throws JMSException {
        if (readOnly) {
            throw MessageFaults.propertiesNotWriteable();
        }
        PropertyNames.check(name);
        put(name, value);
    }

    /** As {@link #set}, with any name: another provider's message may have names that ours refuses. */
    void put(String name, @Nullable Object value) throws JMSException {
        if (!ValueConversion.isPropertyValue(value)) {
            throw MessageFaults.propertyType(name, value);
        }
        switch (name) {
            case PropertyNames.DELIVERY_COUNT -> deliveryCount = value == null ? 0 : integer(name, value);
            case PropertyNames.RCV_TIMESTAMP -> receivedAt = value == null ? 0 : ValueConversion.toLong(value, name);
            case PropertyNames.CONSUMER_TXID -> consumerTransaction = value == null ? null : value.toString();
            case PropertyNames.GROUP_ID -> change().put(name, value == null ? null : value.toString());
            case PropertyNames.GROUP_SEQ -> change().put(name, value == null ? null : integer(name, value));
            default -> change().put(name, value);
        }
    }

    void clear() {
        stored = StoredProperties.NONE;
        values = null;
        readOnly = false;
        deliveryCount = 0;
        receivedAt = 0;
        consumerTransaction = null;
    }

    /** Puts what the provider sets on send in place of what is there, also where the application may not write. */
    void setBySend(Map<String, Object> provided) throws JMSException {
        if (!provided.isEmpty() || mayHaveProviders()) {
            Map<String, @Nullable Object> changing = values();
            if (changing.keySet().removeIf(PropertyNames::isProviders) || !provided.isEmpty()) {
                changing.putAll(provided);
                stored = null;
            }
        }
    }

    private boolean mayHaveProviders() {
        if (values != null) {
            return !values.isEmpty();
        }
        return stored != null && stored.json() != null && PropertyNames.mayHaveProviders(stored.json());
    }

    StoredProperties stored() {
        if (stored == null) {
            stored = values == null ? StoredProperties.NONE : PropertyJsonWriter.write(values);
        }
        return stored;
    }

    /** As {@link #stored}, without some and with one more. */
    StoredProperties stored(Set<String> without, String name, Object value) throws JMSException {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(values());
        changed.keySet().removeAll(without);
        changed.put(name, value);
        return PropertyJsonWriter.write(changed);
    }

    private Map<String, @Nullable Object> change() throws JMSException {
        Map<String, @Nullable Object> changing = values();
        stored = null;
        return changing;
    }

    private Map<String, @Nullable Object> values() throws JMSException {
        if (values == null) {
            values = stored == null ? new LinkedHashMap<>() : PropertyJsonReader.read(stored);
        }
        return values;
    }

    /** The type of these properties is int (§3.5.9); other providers take any number or text that is one. */
    private static int integer(String name, Object value) throws JMSException {
        if (value instanceof Long number && number.intValue() == number) {
            return number.intValue();
        }
        return ValueConversion.toInt(value, name);
    }
}
