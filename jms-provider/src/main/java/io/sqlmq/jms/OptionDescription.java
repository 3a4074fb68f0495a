package io.sqlmq.jms;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An option as others need to know it who offer it in a form of their own, such as the properties of a framework.
 *
 * @param name by which {@link SqlmqOptions#set} takes it
 * @param type Boolean, Integer, Long, Double, String, List (of names), or an enum, whose constants are written in lower case
 * @param unit of a Long
 * @param redelivery whether it belongs to a {@link RedeliveryPolicy}
 * @param defaultText as text, null where it has no default
 * @param meaning what it does, in Markdown
 */
public record OptionDescription(
        String name,
        Class<?> type,
        Unit unit,
        boolean redelivery,
        @Nullable String defaultText,
        String meaning) {

    /** What a number counts. */
    public enum Unit {
        /** Milliseconds. */
        MILLISECONDS,
        /** Bytes. */
        BYTES,
        /** Just a number, or no number at all. */
        NONE
    }

    /** All options, in the order of docs/configuration.md. */
    public static List<OptionDescription> all() {
        return Arrays.stream(SqlmqOption.values()).map(OptionDescription::of).toList();
    }

    private static OptionDescription of(SqlmqOption option) {
        String title = option.type().title();
        return new OptionDescription(
                option.optionName(),
                option.type().javaType(),
                title.startsWith("milliseconds")
                        ? Unit.MILLISECONDS
                        : title.startsWith("bytes") ? Unit.BYTES : Unit.NONE,
                option.group() == SqlmqOption.Group.REDELIVERY,
                option.defaultText(),
                option.description());
    }
}
