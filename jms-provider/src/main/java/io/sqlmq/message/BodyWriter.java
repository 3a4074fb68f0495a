package io.sqlmq.message;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bodies of MapMessage and StreamMessage, and texts that no PostgreSQL text can hold: a version byte, then
 * values, each a tag and its content, numbers big-endian, lengths in groups of seven bits, the lowest first. A map is a
 * sequence of name and value, a stream a sequence of values, a text one value.
 */
final class BodyWriter {
    static final int VERSION = 1;

    static final int NULL = 0;
    static final int FALSE = 1;
    static final int TRUE = 2;
    static final int BYTE = 3;
    static final int SHORT = 4;
    static final int CHAR = 5;
    static final int INT = 6;
    static final int LONG = 7;
    static final int FLOAT = 8;
    static final int DOUBLE = 9;
    static final int TEXT_UTF8 = 10;
    static final int TEXT_UTF16 = 11;
    static final int BYTES = 12;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    private final DataOutputStream out = new DataOutputStream(bytes);

    private BodyWriter() {}

    static byte[] map(Map<String, @Nullable Object> fields) {
        return write(writer -> {
            for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
                writer.writeText(field.getKey());
                writer.writeValue(field.getValue());
            }
        });
    }

    static byte[] stream(List<@Nullable Object> fields) {
        return write(writer -> {
            for (Object field : fields) {
                writer.writeValue(field);
            }
        });
    }

    static byte[] text(String text) {
        return write(writer -> writer.writeText(text));
    }

    private interface Content {
        void writeTo(BodyWriter writer) throws IOException;
    }

    private static byte[] write(Content content) {
        BodyWriter writer = new BodyWriter();
        try {
            writer.out.writeByte(VERSION);
            content.writeTo(writer);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot happen: written to memory", e);
        }
        return writer.bytes.toByteArray();
    }

    private void writeValue(@Nullable Object value) throws IOException {
        if (value == null) {
            out.writeByte(NULL);
        } else if (value instanceof String text) {
            writeText(text);
        } else if (value instanceof Boolean flag) {
            out.writeByte(flag ? TRUE : FALSE);
        } else if (value instanceof Integer number) {
            out.writeByte(INT);
            out.writeInt(number);
        } else if (value instanceof Long number) {
            out.writeByte(LONG);
            out.writeLong(number);
        } else if (value instanceof Double number) {
            out.writeByte(DOUBLE);
            out.writeDouble(number);
        } else if (value instanceof byte[] content) {
            out.writeByte(BYTES);
            writeLength(content.length);
            out.write(content);
        } else if (value instanceof Float number) {
            out.writeByte(FLOAT);
            out.writeFloat(number);
        } else if (value instanceof Byte number) {
            out.writeByte(BYTE);
            out.writeByte(number);
        } else if (value instanceof Short number) {
            out.writeByte(SHORT);
            out.writeShort(number);
        } else if (value instanceof Character character) {
            out.writeByte(CHAR);
            out.writeChar(character);
        } else {
            throw new AssertionError("refused when it was set: " + value.getClass());
        }
    }

    /** UTF-8 replaces unpaired surrogates, so texts that have them are written as they are in memory. */
    private void writeText(String text) throws IOException {
        boolean utf8 = HeaderText.isStorable(text);
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        out.writeByte(utf8 ? TEXT_UTF8 : TEXT_UTF16);
        writeLength(utf8 ? encoded.length : text.length());
        if (utf8) {
            out.write(encoded);
        } else {
            out.writeChars(text);
        }
    }

    private void writeLength(int length) throws IOException {
        int rest = length;
        while (rest > 0x7F) {
            out.writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }
}
