package io.sqlmq.message;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is bytes, written and then, after {@link #reset()} or on receipt, read from front to end. A read
 * that fails leaves the position where it was (§3.11.3).
 */
public final class SqlmqBytesMessage extends SqlmqMessage implements BytesMessage {
    private static final byte[] EMPTY = {};

    /** The body, unless {@link #written} is there; never changed. */
    private byte[] content;

    /** The body since something was written, else null. */
    private @Nullable ByteArrayOutputStream written;

    private DataInputStream in;

    SqlmqBytesMessage(StoredProperties properties, byte @Nullable [] stored) {
        super(properties);
        content = stored == null ? EMPTY : stored;
        in = new DataInputStream(new ByteArrayInputStream(content));
    }

    @Override
    public long getBodyLength() throws JMSException {
        checkBodyReadable();
        return content.length;
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(DataInputStream::readBoolean);
    }

    @Override
    public byte readByte() throws JMSException {
        return read(DataInputStream::readByte);
    }

    @Override
    public int readUnsignedByte() throws JMSException {
        return read(DataInputStream::readUnsignedByte);
    }

    @Override
    public short readShort() throws JMSException {
        return read(DataInputStream::readShort);
    }

    @Override
    public int readUnsignedShort() throws JMSException {
        return read(DataInputStream::readUnsignedShort);
    }

    @Override
    public char readChar() throws JMSException {
        return read(DataInputStream::readChar);
    }

    @Override
    public int readInt() throws JMSException {
        return read(DataInputStream::readInt);
    }

    @Override
    public long readLong() throws JMSException {
        return read(DataInputStream::readLong);
    }

    @Override
    public float readFloat() throws JMSException {
        return read(DataInputStream::readFloat);
    }

    @Override
    public double readDouble() throws JMSException {
        return read(DataInputStream::readDouble);
    }

    @Override
    public String readUTF() throws JMSException {
        return read(source -> source.readUTF());
    }

    /** Reads up to {@code value.length} bytes; -1 at the end of the body. */
    @Override
    public int readBytes(byte[] value) throws JMSException {
        return readBytes(value, value.length);
    }

    /**
     * Reads up to {@code length} bytes; -1 at the end of the body.
     *
     * @throws IndexOutOfBoundsException when {@code length} is negative or beyond the buffer; nothing is read then
     */
    @Override
    public int readBytes(byte[] value, int length) throws JMSException {
        checkBodyReadable();
        Objects.checkFromIndexSize(0, length, value.length);
        return read(source -> source.available() == 0 ? -1 : source.read(value, 0, length));
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(out -> out.writeBoolean(value));
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(out -> out.writeByte(value));
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(out -> out.writeShort(value));
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(out -> out.writeChar(value));
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(out -> out.writeInt(value));
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(out -> out.writeLong(value));
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(out -> out.writeFloat(value));
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(out -> out.writeDouble(value));
    }

    @Override
    public void writeUTF(String value) throws JMSException {
        write(out -> out.writeUTF(value));
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        write(out -> out.write(value));
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        write(out -> out.write(value, offset, length));
    }

    /** Writes a primitive value's object, a String (as {@link #writeUTF}) or a byte[]; null is none of them (§3.12). */
    @Override
    public void writeObject(Object value) throws JMSException {
        checkBodyWritable();
        Objects.requireNonNull(value, "A BytesMessage cannot hold null");
        if (value instanceof byte[] bytes) {
            writeBytes(bytes);
        } else if (value instanceof String text) {
            writeUTF(text);
        } else if (value instanceof Integer number) {
            writeInt(number);
        } else if (value instanceof Long number) {
            writeLong(number);
        } else if (value instanceof Double number) {
            writeDouble(number);
        } else if (value instanceof Float number) {
            writeFloat(number);
        } else if (value instanceof Short number) {
            writeShort(number);
        } else if (value instanceof Byte number) {
            writeByte(number);
        } else if (value instanceof Boolean flag) {
            writeBoolean(flag);
        } else if (value instanceof Character character) {
            writeChar(character);
        } else {
            throw MessageFaults.fieldType(value);
        }
    }

    @Override
    public void reset() throws JMSException {
        checkNotBeingSent();
        makeBodyReadOnly();
    }

    @Override
    boolean bodyFits(Class<?> type) {
        return length() == 0 || type.isAssignableFrom(byte[].class);
    }

    /** Resets the message, as {@code getBody} has to. */
    @Override
    @Nullable
    Object bodyCopy() {
        makeBodyReadOnly();
        return content.length == 0 ? null : content.clone();
    }

    @Override
    void emptyBody() {
        written = null;
        content = EMPTY;
    }

    @Override
    void rewind() {
        if (written != null) {
            content = written.toByteArray();
            written = null;
        }
        in = new DataInputStream(new ByteArrayInputStream(content));
    }

    @Override
    StoredBody storedBody() {
        return new StoredBody(StoredContent.BYTES, null, written == null ? content : written.toByteArray());
    }

    @Override
    String bodySummary() {
        return length() + " bytes";
    }

    private int length() {
        return written == null ? content.length : written.size();
    }

    private interface Reading<T> {
        T from(DataInputStream in) throws IOException;
    }

    private <T> T read(Reading<T> reading) throws JMSException {
        checkBodyReadable();
        in.mark(0);
        try {
            return reading.from(in);
        } catch (EOFException e) {
            backToMark();
            throw new MessageEOFException(
                    "The body of the BytesMessage ends before the value that was to be read.", "SQLMQ-MESSAGE-END");
        } catch (IOException e) {
            backToMark();
            throw MessageFaults.format("The next bytes of the body are no text in the format of writeUTF.", e);
        }
    }

    private void backToMark() throws JMSException {
        try {
            in.reset();
        } catch (IOException e) {
            throw MessageFaults.format("The body of the BytesMessage cannot be read.", e);
        }
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private void write(Writing writing) throws JMSException {
        checkBodyWritable();
        if (written == null) {
            written = new ByteArrayOutputStream();
        }
        try {
            writing.to(new DataOutputStream(written));
        } catch (UTFDataFormatException e) {
            throw MessageFaults.format(
                    "writeUTF writes at most 65,535 bytes; write longer texts with writeBytes, or use a TextMessage.",
                    e);
        } catch (IOException e) {
            throw MessageFaults.format("The value cannot be written to the BytesMessage.", e);
        }
    }
}
