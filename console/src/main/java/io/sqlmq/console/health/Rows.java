package io.sqlmq.console.health;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGInterval;

/** What a statement found. */
final class Rows {
    private final List<String> names = new ArrayList<>();
    private final List<List<@Nullable Object>> columns = new ArrayList<>();

    private Rows() {}

    /** Of names without a schema; the parameters are text, numbers or null. */
    static Rows of(Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                return of(result);
            }
        }
    }

    private static Rows of(ResultSet result) throws SQLException {
        Rows rows = new Rows();
        int count = result.getMetaData().getColumnCount();
        for (int i = 1; i <= count; i++) {
            rows.names.add(result.getMetaData().getColumnLabel(i));
            rows.columns.add(new ArrayList<>());
        }
        while (result.next()) {
            for (int i = 1; i <= count; i++) {
                rows.columns.get(i - 1).add(plain(result.getObject(i)));
            }
        }
        return rows;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof PGInterval interval) {
            return Duration.ofDays(interval.getYears() * 365L + interval.getMonths() * 30L + interval.getDays())
                    .plusHours(interval.getHours())
                    .plusMinutes(interval.getMinutes())
                    .plusSeconds(interval.getWholeSeconds());
        }
        return value instanceof Boolean || value instanceof Number || value == null ? value : value.toString();
    }

    boolean isEmpty() {
        return size() == 0;
    }

    int size() {
        return columns.isEmpty() ? 0 : columns.get(0).size();
    }

    List<@Nullable Object> column(String name) {
        return columns.get(names.indexOf(name));
    }

    static String cell(@Nullable Object value) {
        return value instanceof Duration duration ? words(duration) : String.valueOf(value);
    }

    /** The two largest units: {@code 3 d 4 h}, {@code 12.3 s}. */
    static String words(Duration duration) {
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
