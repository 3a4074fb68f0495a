package io.sqlmq.message;

import jakarta.jms.MessageFormatException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The conversions between the value types of Jakarta Messaging: Table 3-2 (§3.5.4) for properties and Table 3-7
 * (§3.11.3) for the fields of MapMessage and StreamMessage, of which the first is a part. What stands in neither is a
 * MessageFormatException. A null converts as the {@code valueOf(String)} of the type converts a null.
 *
 * <p>{@code what} names the value in the text of an exception.
 */
final class ValueConversion {
    private ValueConversion() {}

    static boolean toBoolean(@Nullable Object value, String what) throws MessageFormatException {
        if (value instanceof Boolean b) {
            return b;
        }
        if (value == null || value instanceof String) {
            return Boolean.parseBoolean((String) value);
        }
        throw refused(value, what, "boolean");
    }

    static byte toByte(@Nullable Object value, String what) throws MessageFormatException {
        if (value instanceof Byte b) {
            return b;
        }
        return Byte.parseByte(numeral(value, what, "byte"));
    }

    static short toShort(@Nullable Object value, String what) throws MessageFormatException {
        if (value instanceof Short || value instanceof Byte) {
            return ((Number) value).shortValue();
        }
        return Short.parseShort(numeral(value, what, "short"));
    }

    static char toChar(@Nullable Object value, String what) throws MessageFormatException {
        if (value instanceof Character c) {
            return c;
        }
        if (value == null) {
            throw new NullPointerException(what + " is null and cannot be read as char");
        }
        throw refused(value, what, "char");
    }

    static int toInt(@Nullable Object value, String what) throws MessageFormatException {
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).intValue();
        }
        return Integer.parseInt(numeral(value, what, "int"));
    }

    static long toLong(@Nullable Object value, String what) throws MessageFormatException {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        return Long.parseLong(numeral(value, what, "long"));
    }

    static float toFloat(@Nullable Object value, String what) throws MessageFormatException {
        if (value instanceof Float f) {
            return f;
        }
        return Float.parseFloat(decimal(value, what, "float"));
    }

    static double toDouble(@Nullable Object value, String what) throws MessageFormatException {
        if (value instanceof Double || value instanceof Float) {
            return ((Number) value).doubleValue();
        }
        return Double.parseDouble(decimal(value, what, "double"));
    }

    static @Nullable String toText(@Nullable Object value, String what) throws MessageFormatException {
        if (value == null || value instanceof String) {
            return (String) value;
        }
        if (value instanceof byte[]) {
            throw refused(value, what, "String");
        }
        return value.toString();
    }

    static byte @Nullable [] toBytes(@Nullable Object value, String what) throws MessageFormatException {
        if (value == null) {
            return null;
        }
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        throw refused(value, what, "byte[]");
    }

    /** A field's value to keep or to hand out: a copy where it could be changed (§3.12). */
    static @Nullable Object copy(@Nullable Object value) {
        return value instanceof byte[] bytes ? bytes.clone() : value;
    }

    /** A copy of a part; IndexOutOfBoundsException when it is none. */
    static byte @Nullable [] part(byte @Nullable [] value, int offset, int length) {
        if (value == null) {
            return null;
        }
        Objects.checkFromIndexSize(offset, length, value.length);
        return Arrays.copyOfRange(value, offset, offset + length);
    }

    /** Whether a property can have this value (§3.5.5). */
    static boolean isPropertyValue(@Nullable Object value) {
        return value == null
                || value instanceof String
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Double
                || value instanceof Float
                || value instanceof Short
                || value instanceof Byte;
    }

    /** Whether a field of a MapMessage or StreamMessage can have this value (§3.11.3). */
    static boolean isFieldValue(@Nullable Object value) {
        return isPropertyValue(value) || value instanceof Character || value instanceof byte[];
    }

    private static String numeral(@Nullable Object value, String what, String target) throws MessageFormatException {
        if (value == null) {
            throw new NumberFormatException(what + " is null and cannot be read as " + target);
        }
        if (value instanceof String text) {
            return text;
        }
        throw refused(value, what, target);
    }

    /** Float and Double differ from the other types in what their valueOf makes of a null. */
    private static String decimal(@Nullable Object value, String what, String target) throws MessageFormatException {
        if (value == null) {
            throw new NullPointerException(what + " is null and cannot be read as " + target);
        }
        return numeral(value, what, target);
    }

    private static MessageFormatException refused(Object value, String what, String target) {
        return MessageFaults.format(what + " is a " + value.getClass().getSimpleName() + " and cannot be read as "
                + target + "; see the conversion tables of Jakarta Messaging, 3.5.4 and 3.11.3.");
    }
}
