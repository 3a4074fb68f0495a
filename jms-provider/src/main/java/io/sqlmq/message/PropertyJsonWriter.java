package io.sqlmq.message;

import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes properties as a JSON object, and beside it the types and values that JSON does not tell. A reader without the
 * types takes a string for a String, true and false for a Boolean, an integral number for an Integer, any other number
 * for a Double.
 *
 * <p>A type is written as {@code "name":"long"}, and where JSON cannot hold the value, with the value:
 * {@code "name":"double:NaN"}. Both objects survive jsonb but for the order of the names. A float is written as the
 * double that it is, so that a comparison in SQL finds what a selector has to find.
 */
final class PropertyJsonWriter {
    private static final JsonStringEncoder QUOTER = JsonStringEncoder.getInstance();

    private final StringBuilder json = new StringBuilder(128);
    private final StringBuilder types = new StringBuilder();

    private PropertyJsonWriter() {}

    static StoredProperties write(Map<String, @Nullable Object> properties) {
        if (properties.isEmpty()) {
            return StoredProperties.NONE;
        }
        PropertyJsonWriter writer = new PropertyJsonWriter();
        properties.forEach(writer::write);
        return new StoredProperties(
                writer.json.append('}').toString(),
                writer.types.isEmpty() ? null : writer.types.append('}').toString());
    }

    private void write(String name, @Nullable Object value) {
        member(json, name);
        if (value instanceof String text) {
            writeText(name, text);
        } else if (value instanceof Double number) {
            writeDouble(name, number, needsType(number) ? "double" : null);
        } else if (value instanceof Float number) {
            writeDouble(name, number.doubleValue(), "float");
        } else {
            json.append(value);
            if (value instanceof Long) {
                type(name, "long");
            } else if (value instanceof Short) {
                type(name, "short");
            } else if (value instanceof Byte) {
                type(name, "byte");
            }
        }
    }

    private void writeText(String name, String text) {
        String stored = HeaderText.encode(text);
        quote(json, HeaderText.readable(text));
        if (!stored.equals(text)) {
            type(name, "string:" + stored);
        }
    }

    private void writeDouble(String name, double number, @Nullable String type) {
        if (!Double.isFinite(number)) {
            quote(json, Double.toString(number));
            type(name, type + ":" + number);
            return;
        }
        json.append(plain(number));
        if (isNegativeZero(number)) {
            type(name, type + ":" + number);
        } else if (type != null) {
            type(name, type);
        }
    }

    /** As jsonb writes it: what is sent has the length that will be received. */
    private static String plain(double number) {
        String text = Double.toString(number);
        return text.indexOf('E') < 0 ? text : new BigDecimal(text).toPlainString();
    }

    /** Whether the number looks integral, or is lost, once jsonb has made a numeric of it. */
    private static boolean needsType(double number) {
        return !Double.isFinite(number)
                || isNegativeZero(number)
                || (Math.abs(number) >= 1e7 && number == Math.rint(number));
    }

    static boolean isNegativeZero(double number) {
        return number == 0 && Double.doubleToRawLongBits(number) != 0;
    }

    private void type(String name, String type) {
        member(types, name);
        quote(types, type);
    }

    private static void member(StringBuilder out, String name) {
        out.append(out.isEmpty() ? '{' : ',');
        quote(out, HeaderText.encode(name));
        out.append(':');
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        QUOTER.quoteAsString(text, out);
        out.append('"');
    }
}
