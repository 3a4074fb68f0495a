package io.sqlmq.schema;

import io.sqlmq.schema.internal.ClaimedColumn;
import io.sqlmq.schema.internal.ClaimedRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The SQL of this module by subject, in {@code src/main/sql}: what a database has after all migrations. What is said for several
 * tables or functions is a fragment; <code>{{name key=value …}}</code> inserts one, with <code>{{key}}</code> replaced in it, also
 * in those that it inserts; <code>{{key+1}}</code> is the number after.
 */
final class SqlFiles {
    static final Path FOLDER = Path.of("src/main/sql");

    private static final String HEAD = """
            -- The files of src/main/sql, put together when 0.1 was made. Never changed since: a change is another migration.

            """;

    private static final Pattern ARGUMENT = Pattern.compile("(\\w+)=(\"[^\"]*\"|\\S+)");
    private static final Pattern NUMBER = Pattern.compile("(\\w+)\\+(\\d+)");
    private static final String SCHEMA = "${schema}";

    private SqlFiles() {}

    /** All of it, in the order of {@code files.txt}. */
    static String all() {
        return HEAD
                + read("files.txt")
                        .lines()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .map(file -> "-- " + file + "\n\n" + expand(read(file), Map.of()))
                        .collect(Collectors.joining("\n"));
    }

    private static String expand(String text, Map<String, String> parameters) {
        StringBuilder expanded = new StringBuilder();
        int from = 0;
        for (int open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", from)) {
            int close = end(text, open);
            expanded.append(text, from, open);
            String call = expand(text.substring(open + 2, close), parameters);
            expanded.append(indent(insert(call, parameters), margin(expanded)));
            from = close + 2;
        }
        return expanded.append(text.substring(from)).toString();
    }

    private static int end(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length() - 1; i++) {
            if (text.startsWith("{{", i)) {
                depth++;
                i++;
            } else if (text.startsWith("}}", i)) {
                if (--depth == 0) {
                    return i;
                }
                i++;
            }
        }
        throw new IllegalStateException("Not closed: " + text.substring(open));
    }

    private static String insert(String call, Map<String, String> parameters) {
        if (parameters.containsKey(call)) {
            return parameters.get(call);
        }
        Matcher number = NUMBER.matcher(call);
        if (number.matches()) {
            return String.valueOf(
                    Integer.parseInt(parameters.get(number.group(1))) + Integer.parseInt(number.group(2)));
        }
        Map<String, String> inner = new HashMap<>(parameters);
        Matcher argument = ARGUMENT.matcher(call);
        while (argument.find()) {
            inner.put(argument.group(1), argument.group(2).replace("\"", ""));
        }
        String name = call.split(" ", 2)[0];
        return switch (name) {
            case "claimed-type" -> ClaimedColumn.type(SCHEMA);
            case "claimed-row" ->
                claimed(inner.get("payloads"), "m.row_tid", "m.row_xmax", "false", "false")
                        .columns();
            case "claimed-grouped-row" ->
                claimed("mq_payloads", "m.ctid", "m.xmax", "true", "v_groups.cut")
                        .values();
            default -> expand(read("fragments/" + name + ".sql").stripTrailing(), inner);
        };
    }

    private static ClaimedRow claimed(String payloads, String tid, String xmax, String grouped, String cut) {
        String suspect = ClaimedRow.suspect(SCHEMA, "m.lease_owner IS NOT NULL", xmax);
        return new ClaimedRow(SCHEMA, "p_most", List.of(payloads), tid, suspect, "pg_current_xact_id()", grouped, cut);
    }

    /** Two more than the line that ends the text. */
    private static int margin(CharSequence text) {
        String line = text.toString().substring(text.toString().lastIndexOf('\n') + 1);
        return line.length() - line.stripLeading().length() + (line.isBlank() ? 0 : 2);
    }

    private static String indent(String text, int margin) {
        return text.replace("\n", "\n" + " ".repeat(margin));
    }

    private static String read(String file) {
        try {
            return Files.readString(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
