package io.sqlmq.jms;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
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

    /**
     * Sets what a text of the form {@code name=value&name=value…} names.
     *
     * @param what what the text is, for messages
     * @param rows the options that it may name
     * @param reading reads the value of one
     */
    void readPairs(String what, String text, List<SqlmqOption> rows, BiFunction<SqlmqOption, String, Object> reading) {
        for (String pair : text.isBlank() ? new String[0] : text.strip().split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException(
                        "\"" + pair + "\" in the " + what + " \"" + text + "\" is not of the form name=value");
            }
            SqlmqOption row = SqlmqOption.named(pair.substring(0, equals).strip(), rows);
            set(row, reading.apply(row, pair.substring(equals + 1)));
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
