package io.sqlmq.selector;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON body, read as PostgreSQL's jsonb reads it: of equal names the last one counts, and a body with anything that
 * jsonb refuses (a NUL character, an unpaired surrogate, a number beyond numeric), or that is nested too deep, has no fields at all.
 */
final class JsonBody {
    /** Arrays and objects within each other. PostgreSQL's own limit depends on its stack, so mq_try_json has this one too. */
    private static final int NESTING = 1_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNestingDepth(NESTING)
                    .build())
            .build();

    /** What PostgreSQL's numeric holds: digits before and after the decimal point. */
    private static final int NUMERIC_DIGITS = 131_072;

    private static final int NUMERIC_SCALE = 16_383;

    private static final BigDecimal SMALLEST_DOUBLE = new BigDecimal("4.9e-324");
    private static final BigDecimal LARGEST_DOUBLE = new BigDecimal("1.7976931348623157e308");
    private static final int DIGITS_OF_LONG = 19;

    private final @Nullable Object root;

    private JsonBody(@Nullable Object root) {
        this.root = root;
    }

    static JsonBody of(@Nullable String text) {
        if (text == null || !Value.isStorable(text)) {
            return new JsonBody(null);
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            Object root = parser.nextToken() == null ? null : read(parser);
            return new JsonBody(parser.nextToken() == null ? root : null);
        } catch (JacksonException | ArithmeticException | NumberFormatException notForJsonb) {
            return new JsonBody(null);
        }
    }

    /** The field's value; null if there is none, or null in the JSON. */
    @Nullable
    Value field(List<String> path) {
        Object at = root;
        for (String step : path) {
            if (at instanceof Map<?, ?> object) {
                at = object.get(step);
            } else if (at instanceof List<?> array) {
                int index = index(step);
                at = index >= 0 && index < array.size() ? array.get(index) : null;
            } else {
                return null;
            }
        }
        if (at == null || at instanceof Value) {
            return (Value) at;
        }
        return Value.Opaque.INSTANCE;
    }

    private static int index(String step) {
        try {
            return step.chars().allMatch(c -> c >= '0' && c <= '9') ? Integer.parseInt(step) : -1;
        } catch (NumberFormatException beyondInt) {
            return -1;
        }
    }

    /** A Map, a List, a {@link Value} or null for the token at which the parser is. */
    private static @Nullable Object read(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> object = new HashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = held(parser.currentName());
                    parser.nextToken();
                    object.put(name, read(parser));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<@Nullable Object> array = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(read(parser));
                }
                yield array;
            }
            case VALUE_STRING -> new Value.Text(held(parser.getString()));
            case VALUE_TRUE, VALUE_FALSE -> new Value.Bool(parser.getBooleanValue());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(new BigDecimal(parser.getString()));
            default -> null;
        };
    }

    private static String held(String text) {
        if (!Value.isStorable(text)) {
            throw new ArithmeticException("jsonb cannot hold the string");
        }
        return text;
    }

    private static Value number(BigDecimal number) {
        int digits = number.precision() - number.scale();
        if (number.scale() > NUMERIC_SCALE || (digits > NUMERIC_DIGITS && number.signum() != 0)) {
            throw new ArithmeticException("numeric cannot hold the number");
        }
        if (number.signum() == 0) {
            return number.scale() > 0 ? new Value.Approximate(0) : new Value.Exact(BigInteger.ZERO);
        }
        if (number.scale() <= 0 && digits <= DIGITS_OF_LONG) {
            BigInteger integer = number.toBigIntegerExact();
            if (integer.bitLength() < Long.SIZE) {
                return new Value.Exact(integer);
            }
        }
        BigDecimal size = number.abs();
        boolean isDouble = size.compareTo(SMALLEST_DOUBLE) >= 0 && size.compareTo(LARGEST_DOUBLE) <= 0;
        return isDouble ? new Value.Approximate(number.doubleValue()) : Value.Opaque.INSTANCE;
    }
}
