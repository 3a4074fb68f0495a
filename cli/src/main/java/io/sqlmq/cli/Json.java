package io.sqlmq.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

    /** In one line. Times are written as text (ISO 8601), durations as seconds. */
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
        } else if (value == null || value instanceof Boolean) {
            json.append(value);
        } else if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            if (Double.isFinite(number)) {
                json.append(value);
            } else {
                quote(json, value.toString());
            }
        } else if (value instanceof Number) {
            json.append(value);
        } else if (value instanceof Duration duration) {
            json.append(BigDecimal.valueOf(duration.toMillis(), 3)
                    .stripTrailingZeros()
                    .toPlainString());
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

    /**
     * Reads one object.
     *
     * @param what what it is, for the message if it is none
     */
    static Map<String, @Nullable Object> object(String text, String what) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Problem.failed(what + " is not a JSON object");
            }
            Map<String, @Nullable Object> object = members(parser);
            if (parser.nextToken() != null) {
                throw Problem.failed(what + " is more than one JSON object");
            }
            return object;
        } catch (JacksonException e) {
            throw Problem.failed(what + " is not a JSON object: " + e.getOriginalMessage(), e);
        }
    }

    private static Map<String, @Nullable Object> members(JsonParser parser) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return members;
    }

    private static @Nullable Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> members(parser);
            case START_ARRAY -> {
                List<@Nullable Object> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(value(parser));
                }
                yield elements;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getNumberValue();
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }
}
