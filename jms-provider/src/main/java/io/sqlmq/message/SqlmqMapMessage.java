package io.sqlmq.message;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A message whose body is a set of names with values (§3.11.3). The names keep the order in which they were set. */
public final class SqlmqMapMessage extends SqlmqMessage implements MapMessage {
    /** What {@link #fields} come from, as long as they are the same. */
    private byte @Nullable [] stored;

    private @Nullable Map<String, @Nullable Object> fields;

    SqlmqMapMessage(StoredProperties properties, byte @Nullable [] stored) {
        super(properties);
        this.stored = stored;
    }

    @Override
    public Enumeration<String> getMapNames() throws JMSException {
        checkNotBeingSent();
        return Collections.enumeration(Arrays.asList(fields().keySet().toArray(String[]::new)));
    }

    @Override
    public boolean itemExists(@Nullable String name) throws JMSException {
        checkNotBeingSent();
        return fields().containsKey(name);
    }

    @Override
    public @Nullable Object getObject(@Nullable String name) throws JMSException {
        return ValueConversion.copy(field(name));
    }

    @Override
    public boolean getBoolean(@Nullable String name) throws JMSException {
        return ValueConversion.toBoolean(field(name), label(name));
    }

    @Override
    public byte getByte(@Nullable String name) throws JMSException {
        return ValueConversion.toByte(field(name), label(name));
    }

    @Override
    public short getShort(@Nullable String name) throws JMSException {
        return ValueConversion.toShort(field(name), label(name));
    }

    @Override
    public char getChar(@Nullable String name) throws JMSException {
        return ValueConversion.toChar(field(name), label(name));
    }

    @Override
    public int getInt(@Nullable String name) throws JMSException {
        return ValueConversion.toInt(field(name), label(name));
    }

    @Override
    public long getLong(@Nullable String name) throws JMSException {
        return ValueConversion.toLong(field(name), label(name));
    }

    @Override
    public float getFloat(@Nullable String name) throws JMSException {
        return ValueConversion.toFloat(field(name), label(name));
    }

    @Override
    public double getDouble(@Nullable String name) throws JMSException {
        return ValueConversion.toDouble(field(name), label(name));
    }

    @Override
    public @Nullable String getString(@Nullable String name) throws JMSException {
        return ValueConversion.toText(field(name), label(name));
    }

    @Override
    public byte @Nullable [] getBytes(@Nullable String name) throws JMSException {
        return ValueConversion.toBytes(field(name), label(name));
    }

    @Override
    public void setObject(@Nullable String name, @Nullable Object value) throws JMSException {
        checkBodyWritable();
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException(
                    "An entry of a MapMessage needs a name; it must be neither null nor" + " empty.");
        }
        if (!ValueConversion.isFieldValue(value)) {
            throw MessageFaults.fieldType(value);
        }
        fields().put(name, ValueConversion.copy(value));
        stored = null;
    }

    @Override
    public void setBoolean(@Nullable String name, boolean value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setByte(@Nullable String name, byte value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setShort(@Nullable String name, short value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setChar(@Nullable String name, char value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setInt(@Nullable String name, int value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setLong(@Nullable String name, long value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setFloat(@Nullable String name, float value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setDouble(@Nullable String name, double value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setString(@Nullable String name, @Nullable String value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setBytes(@Nullable String name, byte @Nullable [] value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setBytes(@Nullable String name, byte @Nullable [] value, int offset, int length) throws JMSException {
        setObject(name, ValueConversion.part(value, offset, length));
    }

    @Override
    boolean bodyFits(Class<?> type) throws JMSException {
        return fields().isEmpty() || type.isAssignableFrom(Map.class);
    }

    @Override
    @Nullable
    Object bodyCopy() throws JMSException {
        if (fields().isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        fields().forEach((name, value) -> copy.put(name, ValueConversion.copy(value)));
        return copy;
    }

    @Override
    void emptyBody() {
        stored = null;
        fields = null;
    }

    @Override
    StoredBody storedBody() throws JMSException {
        if (stored == null && fields != null) {
            stored = BodyWriter.map(fields);
        }
        return new StoredBody(StoredContent.MAP, null, stored);
    }

    @Override
    String bodySummary() {
        return fields == null ? "map" : fields.size() + " entries";
    }

    private @Nullable Object field(@Nullable String name) throws JMSException {
        checkNotBeingSent();
        return fields().get(name);
    }

    private Map<String, @Nullable Object> fields() throws JMSException {
        if (fields == null) {
            fields = stored == null ? new LinkedHashMap<>() : BodyReader.map(stored);
        }
        return fields;
    }

    private static String label(@Nullable String name) {
        return name == null ? "null" : name;
    }
}
