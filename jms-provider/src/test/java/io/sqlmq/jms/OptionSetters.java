package io.sqlmq.jms;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes the getters and setters of {@link SqlmqOptions} from the table of options. */
final class OptionSetters {
    /** What stands before them in the source. */
    static final String BEGIN =
            "    // ---- from here on written from the table of options (SqlmqOption), see OptionSettersTest\n";

    /** What stands after them. */
    static final String END = "\n    // ---- end of what is written from the table of options\n";

    private static final int WIDTH = 120;

    private OptionSetters() {}

    static String text() {
        StringBuilder text = new StringBuilder();
        for (SqlmqOption option : SqlmqOption.values()) {
            text.append(getter(option)).append(setter(option));
            if (isTime(option)) {
                text.append(durationSetter(option));
            }
        }
        return text.toString();
    }

    private static String getter(SqlmqOption option) {
        Class<?> type = option.type().javaType();
        boolean nullable = option.defaultValue() == null;
        String read;
        if (type == Boolean.class) {
            read = "flag(SqlmqOption." + option + ")";
        } else if (type == Long.class) {
            read = "amount(SqlmqOption." + option + ")";
        } else if (type == List.class) {
            read = "names(SqlmqOption." + option + ")";
        } else if (nullable) {
            read = "textOrNull(SqlmqOption." + option + ")";
        } else {
            read = "value(SqlmqOption." + option + ", " + type.getSimpleName() + ".class)";
        }
        String link = "{@link #set" + name(option) + (isTime(option) ? "(long)}" : "}");
        String unit = isTime(option) ? ", in milliseconds" : "";
        return "\n    /** What " + link + " has set, or the default" + unit + (nullable ? ", null" : "")
                + ". */\n    public " + (nullable ? "@Nullable " : "") + javaName(option)
                + (type == Boolean.class ? " is" : " get") + name(option) + "() {\n        return " + read
                + ";\n    }\n";
    }

    private static String setter(SqlmqOption option) {
        boolean primitive = isPrimitive(option);
        String value = option.type().javaType() == List.class ? "value == null ? null : List.copyOf(value)" : "value";
        return "\n" + javadoc(option) + "    public void set" + name(option) + "(" + (primitive ? "" : "@Nullable ")
                + javaName(option) + " value) {\n        put(SqlmqOption." + option + ", " + value + ");\n    }\n";
    }

    private static String durationSetter(SqlmqOption option) {
        return "\n    /** As {@link #set" + name(option)
                + "(long)}; null brings back the default. */\n    public void set"
                + name(option) + "(@Nullable Duration value) {\n        put(SqlmqOption." + option
                + ", value == null ? null : Millis.of(value));\n    }\n";
    }

    private static String javadoc(SqlmqOption option) {
        String meaning = option.description()
                .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
                .replaceAll("`([^`]*)`", "{@code $1}")
                .replace("<", "&lt;");
        List<String> lines = new ArrayList<>(wrapped(meaning));
        lines.add("");
        lines.addAll(wrapped("@param value " + option.type().title() + "; default " + defaultOf(option)));
        StringBuilder text = new StringBuilder("    /**\n");
        lines.forEach(line ->
                text.append("     *").append(line.isEmpty() ? "" : " " + line).append('\n'));
        return text.append("     */\n").toString();
    }

    private static String defaultOf(SqlmqOption option) {
        String text = option.defaultText();
        return text == null || text.isEmpty() ? "none" : "{@code " + text + "}";
    }

    private static List<String> wrapped(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() > 0 && line.length() + word.length() + 1 > WIDTH - "     * ".length()) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private static boolean isTime(SqlmqOption option) {
        return option.type().title().startsWith("milliseconds");
    }

    private static boolean isPrimitive(SqlmqOption option) {
        return option.type().javaType() == Boolean.class
                || Number.class.isAssignableFrom(option.type().javaType());
    }

    private static String javaName(SqlmqOption option) {
        Class<?> type = option.type().javaType();
        if (type == Integer.class) {
            return "int";
        }
        if (type == List.class) {
            return "List<String>";
        }
        return isPrimitive(option) ? type.getSimpleName().toLowerCase(Locale.ROOT) : type.getSimpleName();
    }

    private static String name(SqlmqOption option) {
        String name = option.optionName();
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }
}
