package io.sqlmq.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.StreamMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is a sequence of values, written and then, after {@link #reset()} or on receipt, read from front
 * to end (§3.11.3). A read that fails leaves the position where it was.
 */
public final class SqlmqStreamMessage extends SqlmqMessage implements StreamMessage {
    private static final String NEXT = "The next field of the stream";

    /** What {@link #fields} come from, as long as they are the same. */
    private byte @Nullable [] stored;

    private @Nullable List<@Nullable Object> fields;
    private int position;

    /** What is left of a byte field that {@link #readBytes} has begun. */
    private @Nullable ByteBuffer begun;

    SqlmqStreamMessage(StoredProperties properties, byte @Nullable [] stored) {
        super(properties);
        this.stored = stored;
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return advance(ValueConversion.toBoolean(current(), NEXT));
    }

    @Override
    public byte readByte() throws JMSException {
        return advance(ValueConversion.toByte(current(), NEXT));
    }

    @Override
    public short readShort() throws JMSException {
        return advance(ValueConversion.toShort(current(), NEXT));
    }

    @Override
    public char readChar() throws JMSException {
        return advance(ValueConversion.toChar(current(), NEXT));
    }

    @Override
    public int readInt() throws JMSException {
        return advance(ValueConversion.toInt(current(), NEXT));
    }

    @Override
    public long readLong() throws JMSException {
        return advance(ValueConversion.toLong(current(), NEXT));
    }

    @Override
    public float readFloat() throws JMSException {
        return advance(ValueConversion.toFloat(current(), NEXT));
    }

    @Override
    public double readDouble() throws JMSException {
        return advance(ValueConversion.toDouble(current(), NEXT));
    }

    @Override
    public @Nullable String readString() throws JMSException {
        return advance(ValueConversion.toText(current(), NEXT));
    }

    @Override
    public @Nullable Object readObject() throws JMSException {
        return advance(ValueConversion.copy(current()));
    }

    /**
     * Reads the next part of a byte field. The field has ended when fewer bytes than {@code value} holds, or -1, were
     * returned; until then nothing else can be read. A field that is null gives -1, an empty one 0.
     */
    @Override
    public int readBytes(byte[] value) throws JMSException {
        checkBodyReadable();
        ByteBuffer rest = begun;
        if (rest == null) {
            byte[] field = ValueConversion.toBytes(current(), NEXT);
            if (field == null) {
                return advance(-1);
            }
            rest = ByteBuffer.wrap(field);
        } else if (!rest.hasRemaining()) {
            begun = null;
            return advance(-1);
        }
        int count = Math.min(rest.remaining(), value.length);
        rest.get(value, 0, count);
        begun = rest;
        if (count < value.length) {
            begun = null;
            return advance(count);
        }
        return count;
    }

    @Override
    public void writeObject(@Nullable Object value) throws JMSException {
        checkBodyWritable();
        if (!ValueConversion.isFieldValue(value)) {
            throw MessageFaults.fieldType(value);
        }
        fields().add(ValueConversion.copy(value));
        stored = null;
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeString(@Nullable String value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeBytes(byte @Nullable [] value) throws JMSException {
        writeObject(value);
    }

    @Override
    public void writeBytes(byte @Nullable [] value, int offset, int length) throws JMSException {
        writeObject(ValueConversion.part(value, offset, length));
    }

    @Override
    public void reset() throws JMSException {
        checkNotBeingSent();
        makeBodyReadOnly();
    }

    /** A stream cannot be had as a whole. */
    @Override
    boolean bodyFits(Class<?> type) {
        return false;
    }

    @Override
    @Nullable
    Object bodyCopy() {
        return null;
    }

    @Override
    void emptyBody() {
        stored = null;
        fields = null;
        rewind();
    }

    @Override
    void rewind() {
        position = 0;
        begun = null;
    }

    @Override
    StoredBody storedBody() {
        if (stored == null && fields != null) {
            stored = BodyWriter.stream(fields);
        }
        return new StoredBody(StoredContent.STREAM, null, stored);
    }

    @Override
    String bodySummary() {
        return fields == null ? "stream" : fields.size() + " fields";
    }

    private @Nullable Object current() throws JMSException {
        checkBodyReadable();
        if (begun != null) {
            throw MessageFaults.format("A byte field was begun and not read to its end; call readBytes until it returns"
                    + " less than the length of its buffer.");
        }
        if (position == fields().size()) {
            throw new MessageEOFException("The stream has no further field.", "SQLMQ-MESSAGE-END");
        }
        return fields().get(position);
    }

    /** Called with the converted value, so only when the conversion succeeded. */
    private <T extends @Nullable Object> T advance(T value) {
        position++;
        return value;
    }

    private List<@Nullable Object> fields() throws JMSException {
        if (fields == null) {
            fields = stored == null ? new ArrayList<>() : BodyReader.stream(stored);
        }
        return fields;
    }
}
