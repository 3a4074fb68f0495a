package io.sqlmq.message;

import jakarta.jms.JMSException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what {@link BodyWriter} wrote. */
final class BodyReader {
    private final ByteBuffer in;

    private BodyReader(byte[] body) throws JMSException {
        in = ByteBuffer.wrap(body);
        if (!in.hasRemaining() || in.get() != BodyWriter.VERSION) {
            throw MessageFaults.unreadable("its body does not begin with a known version", null);
        }
    }

    static Map<String, @Nullable Object> map(byte[] body) throws JMSException {
        BodyReader reader = new BodyReader(body);
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (reader.in.hasRemaining()) {
            String name = reader.nextText();
            fields.put(name, reader.next());
        }
        return fields;
    }

    static List<@Nullable Object> stream(byte[] body) throws JMSException {
        BodyReader reader = new BodyReader(body);
        List<@Nullable Object> fields = new ArrayList<>();
        while (reader.in.hasRemaining()) {
            fields.add(reader.next());
        }
        return fields;
    }

    static String text(byte[] body) throws JMSException {
        return new BodyReader(body).nextText();
    }

    private String nextText() throws JMSException {
        if (next() instanceof String text) {
            return text;
        }
        throw MessageFaults.unreadable("its body lacks a text where one is expected", null);
    }

    private @Nullable Object next() throws JMSException {
        try {
            int tag = in.get();
            return switch (tag) {
                case BodyWriter.NULL -> null;
                case BodyWriter.FALSE -> false;
                case BodyWriter.TRUE -> true;
                case BodyWriter.BYTE -> in.get();
                case BodyWriter.SHORT -> in.getShort();
                case BodyWriter.CHAR -> in.getChar();
                case BodyWriter.INT -> in.getInt();
                case BodyWriter.LONG -> in.getLong();
                case BodyWriter.FLOAT -> in.getFloat();
                case BodyWriter.DOUBLE -> in.getDouble();
                case BodyWriter.TEXT_UTF8 -> new String(bytes(length()), StandardCharsets.UTF_8);
                case BodyWriter.TEXT_UTF16 -> utf16(length());
                case BodyWriter.BYTES -> bytes(length());
                default -> throw MessageFaults.unreadable("its body has a value of the unknown kind " + tag, null);
            };
        } catch (BufferUnderflowException e) {
            throw MessageFaults.unreadable("its body ends within a value", e);
        }
    }

    private int length() {
        int length = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += 7) {
            byte group = in.get();
            length |= (group & 0x7F) << shift;
            if (group >= 0) {
                break;
            }
        }
        return length;
    }

    private byte[] bytes(int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] content = new byte[length];
        in.get(content);
        return content;
    }

    /** Unit by unit: a decoder would replace unpaired surrogates. */
    private String utf16(int length) {
        if (length < 0 || length > in.remaining() / Character.BYTES) {
            throw new BufferUnderflowException();
        }
        char[] units = new char[length];
        in.asCharBuffer().get(units);
        in.position(in.position() + length * Character.BYTES);
        return new String(units);
    }
}
