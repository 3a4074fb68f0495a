package io.sqlmq.jms.model;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of options; what is not set has its default. Not thread-safe while it is being set. */
final class OptionValues {
    private final Map<SqlmqOption, Object> values = new EnumMap<>(SqlmqOption.class);

    OptionValues copy() {
        OptionValues copy = new OptionValues();
        copy.values.putAll(values);
        return copy;
    }

    /** Sets a value; null means the default again. */
    void set(SqlmqOption option, @Nullable Object value) {
        if (value == null) {
            values.remove(option);
        } else {
            values.put(option, option.check(value));
        }
    }

    boolean isSet(SqlmqOption option) {
        return values.containsKey(option);
    }

    <T> @Nullable T find(SqlmqOption option, Class<T> type) {
        Object value = values.getOrDefault(option, option.defaultValue());
        return value == null ? null : type.cast(value);
    }

    <T> T get(SqlmqOption option, Class<T> type) {
        T value = find(option, type);
        if (value == null) {
            throw new IllegalStateException("Option " + option.optionName() + " has no default");
        }
        return value;
    }

    /** The value as text, or null. */
    @Nullable
    String text(SqlmqOption option) {
        Object value = find(option, Object.class);
        return value == null ? null : option.format(value);
    }
}
