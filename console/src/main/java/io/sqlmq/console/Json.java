package io.sqlmq.console;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

/** JSON of maps, lists, strings, numbers, booleans and nulls. */
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final JsonStringEncoder QUOTER = JsonStringEncoder.getInstance();

    private Json() {}

    /** What is nothing of these is written as text: times as ISO 8601. */
    static String write(@Nullable Object value) {
        StringBuilder json = new StringBuilder();
        append(json, value);
        return json.toString();
    }

    private static void append(StringBuilder json, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            json.append('{');
            map.forEach((name, member) -> {
                separate(json, '{');
                quote(json, String.valueOf(name));
                json.append(':');
                append(json, member);
            });
            json.append('}');
        } else if (value instanceof Iterable<?> elements) {
            json.append('[');
            elements.forEach(element -> {
                separate(json, '[');
                append(json, element);
            });
            json.append(']');
        } else if (value == null || value instanceof Boolean || value instanceof Number) {
            json.append(value);
        } else {
            quote(json, value.toString());
        }
    }

    private static void separate(StringBuilder json, char open) {
        if (json.charAt(json.length() - 1) != open) {
            json.append(',');
        }
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        QUOTER.quoteAsString(text, json);
        json.append('"');
    }

    /** The same JSON in lines, with its numbers as they were written; null if it is none. */
    static @Nullable String pretty(String text) {
        StringBuilder lines = new StringBuilder();
        int depth = 0;
        boolean afterName = false;
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            JsonToken before = null;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                boolean ends = token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY;
                boolean begun = before == JsonToken.START_OBJECT || before == JsonToken.START_ARRAY;
                if (ends) {
                    depth--;
                } else if (before != null && !begun && !afterName) {
                    lines.append(',');
                }
                if (before != null && !afterName && !(ends && begun)) {
                    lines.append('\n').append("  ".repeat(depth));
                }
                afterName = token == JsonToken.PROPERTY_NAME;
                switch (token) {
                    case START_OBJECT, START_ARRAY -> {
                        lines.append(token.asString());
                        depth++;
                    }
                    case PROPERTY_NAME -> {
                        quote(lines, String.valueOf(parser.currentName()));
                        lines.append(": ");
                    }
                    case VALUE_STRING -> quote(lines, parser.getString());
                    default -> lines.append(parser.getString());
                }
                before = token;
            }
            return depth == 0 && before != null ? lines.toString() : null;
        } catch (JacksonException e) {
            return null;
        }
    }
}
