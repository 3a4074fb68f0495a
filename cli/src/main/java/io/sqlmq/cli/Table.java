package io.sqlmq.cli;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;
import picocli.CommandLine.Help.Ansi;

/** What a verb found: rows for a terminal, or a JSON object for each. */
final class Table {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ssxxx", Locale.ROOT);
    private static final int NARROWEST = 8;
    private static final int NARROWEST_NAME = 6;

    private final List<String> columns;
    private final List<List<@Nullable Object>> rows = new ArrayList<>();

    /** Names as in JSON, such as {@code oldest_age}. */
    Table(String... columns) {
        this.columns = List.of(columns);
    }

    private Table(List<String> columns) {
        this.columns = List.copyOf(columns);
    }

    /** All rows of a result, by the names of its columns. */
    static Table of(ResultSet result) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            names.add(meta.getColumnLabel(i));
        }
        Table table = new Table(names);
        while (result.next()) {
            @Nullable Object[] values = new Object[names.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = plain(result.getObject(i + 1));
            }
            table.add(values);
        }
        return table;
    }

    private static @Nullable Object plain(@Nullable Object value) throws SQLException {
        if (value instanceof Timestamp time) {
            return time.toInstant();
        }
        if (value instanceof PGInterval interval) {
            return Duration.ofDays(interval.getYears() * 365L + interval.getMonths() * 30L + interval.getDays())
                    .plusHours(interval.getHours())
                    .plusMinutes(interval.getMinutes())
                    .plusSeconds(interval.getWholeSeconds())
                    .plusNanos(interval.getMicroSeconds() * 1_000L);
        }
        if (value instanceof PGobject json
                && json.getType().startsWith("json")
                && String.valueOf(json.getValue()).startsWith("{")) {
            return Json.object(String.valueOf(json.getValue()), "a column");
        }
        if (value instanceof java.sql.Array array) {
            return Arrays.asList((Object[]) array.getArray());
        }
        return value instanceof Boolean || value instanceof Number || value == null ? value : value.toString();
    }

    void add(@Nullable Object... values) {
        rows.add(Collections.unmodifiableList(Arrays.asList(values)));
    }

    /** With one column more. */
    Table with(String column, Function<List<@Nullable Object>, @Nullable Object> value) {
        List<String> names = new ArrayList<>(columns);
        names.add(column);
        Table table = new Table(names);
        for (List<@Nullable Object> row : rows) {
            List<@Nullable Object> values = new ArrayList<>(row);
            values.add(value.apply(row));
            table.rows.add(Collections.unmodifiableList(values));
        }
        return table;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    int size() {
        return rows.size();
    }

    /** Of one column. */
    List<@Nullable Object> column(String name) {
        int index = columns.indexOf(name);
        return rows.stream().<@Nullable Object>map(row -> row.get(index)).toList();
    }

    /** A line a row. */
    List<String> json() {
        List<String> lines = new ArrayList<>();
        for (List<@Nullable Object> row : rows) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                object.put(columns.get(i), row.get(i));
            }
            lines.add(Json.write(object));
        }
        return lines;
    }

    /**
     * A line of names and one for each row.
     *
     * @param width that of the terminal, in columns: the longest texts are cut for it; 0 for any
     */
    List<String> lines(int width, Ansi ansi) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(columns.stream()
                .map(name -> name.replace('_', ' ').toUpperCase(Locale.ROOT))
                .toList());
        rows.forEach(row -> cells.add(row.stream().map(Table::cell).toList()));
        int[] widths = widths(cells, width);
        List<String> lines = new ArrayList<>();
        for (List<String> row : cells) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = Columns.cut(row.get(i), widths[i]);
                String space = " ".repeat(widths[i] - Columns.of(cell));
                line.append(i == 0 ? "" : "  ").append(isRight(i) ? space + cell : cell + space);
            }
            String text = line.toString().stripTrailing();
            lines.add(lines.isEmpty() && ansi.enabled() ? ansi.new Text("@|bold " + text + "|@").toString() : text);
        }
        return lines;
    }

    /** A line for each column of the first row: its name and its value, which may be long. */
    List<String> vertical() {
        int width = columns.stream().mapToInt(String::length).max().orElse(0);
        List<String> lines = new ArrayList<>();
        for (List<@Nullable Object> row : rows) {
            for (int i = 0; i < columns.size(); i++) {
                if (row.get(i) != null) {
                    String name = columns.get(i).replace('_', ' ');
                    lines.add(name + " ".repeat(width - name.length()) + "  " + cell(row.get(i)));
                }
            }
        }
        return lines;
    }

    private boolean isText(int column) {
        return !columns.get(column).equals("id")
                && rows.stream().anyMatch(row -> row.get(column) instanceof String || row.get(column) instanceof Map);
    }

    private boolean isRight(int column) {
        return rows.stream()
                        .allMatch(row -> row.get(column) == null
                                || row.get(column) instanceof Number
                                || row.get(column) instanceof Duration)
                && rows.stream().anyMatch(row -> row.get(column) != null);
    }

    /** What does not fit is cut: names of columns first, then the longest texts. An id, a number or a time is of no use without its end. */
    private int[] widths(List<List<String>> cells, int width) {
        int[] values = widest(cells.subList(1, cells.size()), cells.get(0).size());
        int[] widths = widest(cells, values.length);
        int over = width == 0 ? 0 : Arrays.stream(widths).sum() + 2 * (widths.length - 1) - width;
        int[] names = Arrays.stream(values)
                .map(value -> Math.max(value, NARROWEST_NAME))
                .toArray();
        int[] narrow = new int[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = isText(i) ? NARROWEST : names[i];
        }
        narrow(widths, narrow, narrow(widths, names, over));
        return widths;
    }

    private static int[] widest(List<List<String>> cells, int columns) {
        int[] widths = new int[columns];
        for (List<String> row : cells) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], Columns.of(row.get(i)));
            }
        }
        return widths;
    }

    /** Makes the widest columns narrower, by so much in all, but none narrower than it may get. Returns how much was not possible. */
    private static int narrow(int[] widths, int[] narrowest, int by) {
        int over = by;
        while (over > 0) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                if (widths[i] > narrowest[i] && (widest < 0 || widths[i] >= widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                return over;
            }
            widths[widest]--;
            over--;
        }
        return over;
    }

    /** In one line, and without what a terminal would take for an order: a message's text comes from anybody. */
    static String cell(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Duration duration) {
            return words(duration);
        }
        if (value instanceof Instant time) {
            return TIME.format(time.atZone(ZoneId.systemDefault()));
        }
        if (value instanceof List<?> list) {
            return list.isEmpty()
                    ? "none"
                    : String.join(", ", list.stream().map(Table::cell).toList());
        }
        if (value instanceof Map<?, ?>) {
            return Json.write(value);
        }
        StringBuilder text = new StringBuilder();
        value.toString().codePoints().forEach(c -> text.appendCodePoint(isOrder(c) ? ' ' : c));
        return text.toString();
    }

    private static boolean isOrder(int character) {
        return Character.isISOControl(character)
                || character == '\u2028'
                || character == '\u2029'
                || (character >= '\u202a' && character <= '\u202e') // these turn the direction of writing
                || (character >= '\u2066' && character <= '\u2069');
    }

    /** The two largest units: {@code 3 d 4 h}, {@code 12.3 s}. */
    static String words(Duration duration) {
        if (duration.isNegative()) {
            return "-" + words(duration.negated());
        }
        if (duration.toMinutes() == 0) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1_000.0);
        }
        if (duration.toHours() == 0) {
            return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
        }
        if (duration.toDays() == 0) {
            return duration.toHours() + " h " + duration.toMinutesPart() + " min";
        }
        return duration.toDays() + " d " + duration.toHoursPart() + " h";
    }
}
