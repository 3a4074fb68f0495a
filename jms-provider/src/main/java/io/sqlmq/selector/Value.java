package io.sqlmq.selector;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** A value while a selector is tested in memory; null stands for NULL. */
sealed interface Value {

    record Text(String value) implements Value {

        /** How a text begins that is stored in another form, see {@link SqlMapping#stored}. */
        static final String MARK = "\\u:";

        /** Whether it is stored as it is; others are equal and unequal to strings, but no pattern is for them. */
        boolean isPlain() {
            return isStorable(value) && !value.startsWith(MARK);
        }
    }

    record Bool(boolean value) implements Value {}

    /** A number that a selector computes with exactly. */
    record Exact(BigInteger value) implements Value {}

    record Approximate(double value) implements Value {}

    /** Neither NULL nor comparable with anything: an object in JSON. */
    enum Opaque implements Value {
        INSTANCE
    }

    /** The value of a property or header field. */
    static @Nullable Value of(@Nullable Object value) {
        if (value == null) {
            return null;
        } else if (value instanceof String text) {
            return new Text(text);
        } else if (value instanceof Boolean bool) {
            return new Bool(bool);
        } else if (value instanceof Double || value instanceof Float) {
            return new Approximate(((Number) value).doubleValue());
        } else if (value instanceof Long
                || value instanceof Integer
                || value instanceof Short
                || value instanceof Byte) {
            return new Exact(BigInteger.valueOf(((Number) value).longValue()));
        }
        throw new IllegalArgumentException("not a type of a property: " + value.getClass());
    }

    /** Whether PostgreSQL's text can hold it: no NUL character, no unpaired surrogate. */
    static boolean isStorable(String text) {
        return text.codePoints()
                .noneMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
    }

    /** The number as a double, or null if this is none. */
    default @Nullable Double asDouble() {
        if (this instanceof Approximate approximate) {
            return approximate.value();
        }
        return this instanceof Exact exact ? (Double) exact.value().doubleValue() : null;
    }
}
