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

    /** JMSXDeliveryCount belongs to a delivery, not to the message: it is never stored. 0 = not there. */
    private int deliveryCount;

    MessageProperties(StoredProperties stored) {
        this.stored = stored;
    }

    void makeReadOnly() {
        readOnly = true;
    }

    void setDeliveryCount(int count) {
        deliveryCount = count;
    }

    @Nullable
    Object get(@Nullable String name) throws JMSException {
        if (deliveryCount > 0 && PropertyNames.DELIVERY_COUNT.equals(name)) {
            return deliveryCount;
        }
        return values().get(name);
    }

    boolean exists(@Nullable String name) throws JMSException {
        return (deliveryCount > 0 && PropertyNames.DELIVERY_COUNT.equals(name)) || values().containsKey(name);
    }

    /** The names in the order in which they were first set. */
    List<String> names() throws JMSException {
        List<String> names = new ArrayList<>(values().keySet());
        if (deliveryCount > 0 && !names.contains(PropertyNames.DELIVERY_COUNT)) {
            names.add(PropertyNames.DELIVERY_COUNT);
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
            throw MessageFaults.format("A property cannot be a "
                    + value.getClass().getName() + " ('"
                    + MessageFaults.shown(name) + "'); allowed are Boolean, Byte, Short, Integer, Long, Float, Double"
                    + " and String (Jakarta Messaging 3.5.5).");
        }
        switch (name) {
            case PropertyNames.DELIVERY_COUNT -> deliveryCount = value == null ? 0 : integer(name, value);
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
