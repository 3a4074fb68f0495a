package io.sqlmq.selector;

import io.sqlmq.message.HeaderText;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/** Properties as a row holds them: JSON, and types where JSON does not tell. */
record StoredSample(@Nullable String properties, @Nullable String types) {

    static StoredSample of(Map<String, Object> properties) {
        StringJoiner json = new StringJoiner(",", "{", "}");
        StringJoiner types = new StringJoiner(",", "{", "}").setEmptyValue("");
        properties.forEach((name, value) -> {
            String key = quoted(HeaderText.encode(name)) + ":";
            String type = type(value);
            json.add(key + json(value));
            if (type != null) {
                types.add(key + quoted(type));
            }
        });
        String typesText = types.toString();
        return new StoredSample(properties.isEmpty() ? null : json.toString(), typesText.isEmpty() ? null : typesText);
    }

    private static String json(Object value) {
        if (value instanceof String text) {
            return quoted(Value.isStorable(text) ? text : "?");
        } else if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            return Double.isFinite(number) ? Double.toString(number) : quoted(Double.toString(number));
        }
        return value.toString();
    }

    private static @Nullable String type(Object value) {
        if (value instanceof String text) {
            String stored = HeaderText.encode(text);
            return stored.equals(text) ? null : "string:" + stored;
        } else if (value instanceof Double number) {
            if (!Double.isFinite(number)) {
                return "double:" + number;
            }
            return Math.abs(number) >= 1e7 ? "double" : null;
        } else if (value instanceof Float number) {
            return Float.isFinite(number) ? "float" : "float:" + number;
        } else if (value instanceof Long) {
            return "long";
        } else if (value instanceof Short) {
            return "short";
        }
        return value instanceof Byte ? "byte" : null;
    }

    private static String quoted(String text) {
        return "\"" + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + "\"";
    }
}
