package io.sqlmq.message;

import jakarta.jms.JMSException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads what {@link PropertyJsonWriter} wrote, and with good will what SQL wrote: integral numbers beyond int become a
 * Long, beyond long a Double; an object or array becomes a String with its JSON; a type that does not fit the value is
 * ignored.
 */
final class PropertyJsonReader {
    /** Our own database is no stranger: what was written must be readable, however long and deep. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final ObjectReadContext CONTEXT = ObjectReadContext.empty();

    private PropertyJsonReader() {}

    static Map<String, @Nullable Object> read(StoredProperties stored) throws JMSException {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        if (stored.json() == null) {
            return properties;
        }
        try {
            Map<String, String> types = stored.types() == null ? Map.of() : types(stored.types());
            try (JsonParser parser = begin(stored.json())) {
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = HeaderText.decode(parser.currentName());
                    parser.nextToken();
                    properties.put(name, value(parser, stored.json(), types.get(name)));
                }
            }
        } catch (JacksonException | NumberFormatException e) {
            throw MessageFaults.unreadable("its properties are not a JSON object", e);
        }
        return properties;
    }

    private static Map<String, String> types(String json) throws JMSException {
        Map<String, String> types = new HashMap<>();
        try (JsonParser parser = begin(json)) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = HeaderText.decode(parser.currentName());
                parser.nextToken();
                types.put(name, parser.getString());
                parser.skipChildren();
            }
        }
        return types;
    }

    private static JsonParser begin(String json) throws JMSException {
        JsonParser parser = JSON.createParser(CONTEXT, json);
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            parser.close();
            throw MessageFaults.unreadable("its properties are not a JSON object", null);
        }
        return parser;
    }

    private static @Nullable Object value(JsonParser parser, String json, @Nullable String type) {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case VALUE_NULL -> null;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_STRING -> text(parser.getString(), type);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                number(parser.getString(), token == JsonToken.VALUE_NUMBER_INT, type);
            default -> rawJson(parser, json);
        };
    }

    private static Object text(String text, @Nullable String type) {
        int colon = type == null ? -1 : type.indexOf(':');
        if (type == null || colon < 0) {
            return text;
        }
        String exact = type.substring(colon + 1);
        if (type.startsWith("string")) {
            String value = HeaderText.decode(exact);
            return HeaderText.readable(value).equals(text) ? value : text;
        }
        if (!exact.equals(text)) {
            return text;
        }
        return type.startsWith("float") ? (Object) Float.valueOf(exact) : (Object) Double.valueOf(exact);
    }

    private static Object number(String digits, boolean integral, @Nullable String type) {
        if (type == null) {
            return number(digits, integral);
        }
        try {
            return switch (type) {
                case "byte" -> Byte.valueOf(digits);
                case "short" -> Short.valueOf(digits);
                case "long" -> Long.valueOf(digits);
                case "float" -> (float) Double.parseDouble(digits);
                case "double" -> Double.valueOf(digits);
                case "float:-0.0" -> (float) signedZero(digits);
                case "double:-0.0" -> signedZero(digits);
                default -> number(digits, integral);
            };
        } catch (NumberFormatException changedBySql) {
            return number(digits, integral);
        }
    }

    /** jsonb knows no negative zero. */
    private static double signedZero(String digits) {
        double number = Double.parseDouble(digits);
        return number == 0 ? -0.0 : number;
    }

    private static Object number(String digits, boolean integral) {
        if (integral) {
            try {
                long number = Long.parseLong(digits);
                return (int) number == number ? (Object) (int) number : (Object) number;
            } catch (NumberFormatException beyondLong) {
                return Double.valueOf(digits);
            }
        }
        return Double.valueOf(digits);
    }

    private static String rawJson(JsonParser parser, String json) {
        int begin = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        int end = (int) parser.currentLocation().getCharOffset();
        return json.substring(begin, end);
    }
}
