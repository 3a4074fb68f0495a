package io.sqlmq.schema;

import io.sqlmq.schema.spi.MigrationTool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Migrates by JDBC alone, for those who must not bring a migration tool into an application. The history is the one that Flyway
 * writes, so that Flyway goes on where this has ended, and this where Flyway has. Who offers it names it in {@code
 * META-INF/services}.
 */
public final class JdbcMigrationTool implements MigrationTool {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(\\w+)}");

    /** For {@link java.util.ServiceLoader}. */
    public JdbcMigrationTool() {}

    @Override
    public void apply(Task task) {
        try (Connection connection = task.dataSource().getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(true);
            String patience = patience(connection, "0");
            connection.setAutoCommit(false);
            try {
                String history = task.placeholders().get("schema") + "." + task.historyTable();
                createHistory(connection, history, task);
                Set<Version> applied = applied(connection, history);
                for (Script script : task.scripts()) {
                    Migration migration = Migration.of(script.name(), script.sql());
                    if (!applied.contains(migration.version())) {
                        apply(connection, history, migration, task);
                    }
                }
            } finally {
                if (!connection.isClosed()) {
                    connection.rollback();
                    connection.setAutoCommit(true);
                    patience(connection, patience);
                    connection.setAutoCommit(autoCommit);
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Sets how long the server waits for the next transaction; returns how long it did before. */
    private static String patience(Connection connection, String time) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_catalog.current_setting('idle_session_timeout'), pg_catalog.set_config('idle_session_timeout', ?, false)")) {
            statement.setString(1, time);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static void createHistory(Connection connection, String history, Task task) throws SQLException {
        begin(connection, task);
        String name = task.historyTable();
        execute(
                connection,
                "CREATE TABLE IF NOT EXISTS " + history + " (installed_rank integer NOT NULL CONSTRAINT " + name
                        + "_pk PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,"
                        + " script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL,"
                        + " installed_on timestamp NOT NULL DEFAULT pg_catalog.now(), execution_time integer NOT NULL,"
                        + " success boolean NOT NULL)");
        execute(connection, "CREATE INDEX IF NOT EXISTS " + name + "_s_idx ON " + history + " (success)");
        connection.commit();
    }

    private static Set<Version> applied(Connection connection, String history) throws SQLException {
        Set<Version> applied = new HashSet<>();
        try (PreparedStatement query = connection.prepareStatement(
                        "SELECT version FROM " + history + " WHERE version IS NOT NULL AND success");
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                applied.add(Version.parse(rows.getString(1)));
            }
        }
        connection.commit();
        return applied;
    }

    private static void apply(Connection connection, String history, Migration migration, Task task)
            throws SQLException {
        long began = System.nanoTime();
        begin(connection, task);
        execute(connection, filled(migration.sql(), task.placeholders()));
        String script = migration.script();
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + history
                + " (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)"
                + " SELECT coalesce(pg_catalog.max(h.installed_rank), 0) OPERATOR(pg_catalog.+) 1, ?, ?, 'SQL', ?, ?,"
                + " current_user, ?, true FROM " + history + " AS h")) {
            insert.setString(1, migration.version().toString());
            insert.setString(
                    2,
                    script.replaceFirst(".*?__", "").replaceFirst("\\.sql$", "").replace('_', ' '));
            insert.setString(3, script);
            insert.setInt(4, migration.checksum());
            insert.setInt(5, (int) ((System.nanoTime() - began) / 1_000_000));
            insert.executeUpdate();
        }
        connection.commit();
    }

    /** DDL must not queue behind a long transaction, and looks nothing up where others may write. */
    private static void begin(Connection connection, Task task) throws SQLException {
        execute(connection, "SET LOCAL lock_timeout = '" + task.lockTimeout() + "ms'");
        execute(connection, "SET LOCAL statement_timeout = 0");
        execute(connection, "SET LOCAL idle_in_transaction_session_timeout = 0");
        execute(connection, "SET LOCAL search_path = pg_catalog, pg_temp");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    private static String filled(String sql, Map<String, String> placeholders) {
        return PLACEHOLDER.matcher(sql).replaceAll(found -> Matcher.quoteReplacement(value(found, placeholders)));
    }

    private static String value(MatchResult found, Map<String, String> placeholders) {
        String value = placeholders.get(found.group(1));
        if (value == null) {
            throw new IllegalStateException(
                    String.format(Locale.ROOT, "Nothing is given for %s in a migration", found.group()));
        }
        return value;
    }
}
