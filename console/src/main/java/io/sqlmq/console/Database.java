package io.sqlmq.console;

import io.sqlmq.console.Queues.Queue;
import io.sqlmq.console.Queues.Server;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Reads as one role, each time in a transaction that changes nothing and ends soon. Thread-safe. */
final class Database {
    /** No statement runs for longer. */
    static final int LONGEST_SECONDS = 5;

    private final SqlmqConnectionFactory factory;
    private final String schema;
    private final AtomicLong reads = new AtomicLong();
    private volatile @Nullable Boolean seesRates;

    Database(SqlmqConnectionFactory factory) {
        this.factory = factory;
        this.schema = '"' + factory.getOptions().getSchema().replace("\"", "\"\"") + '"';
    }

    /** What is done with a connection. */
    @FunctionalInterface
    interface Reading<T> {
        T from(Connection connection) throws SQLException;
    }

    /** How often it was read; for tests. */
    long reads() {
        return reads.get();
    }

    <T> T read(Reading<T> reading) throws SQLException {
        reads.incrementAndGet();
        try (Connection connection = factory.getDataSource().getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "SELECT set_config('transaction_read_only', 'on', true), set_config('jit', 'off', true),"
                                + " set_config('statement_timeout', '" + LONGEST_SECONDS + "s', true)");
                return reading.from(connection);
            } finally {
                connection.rollback();
                connection.setAutoCommit(autoCommit);
            }
        }
    }

    /** Rows as maps, in the order of their columns; {@code @} stands for the schema. */
    List<Map<String, @Nullable Object>> rows(String sql, @Nullable Object... parameters) throws SQLException {
        return read(connection -> rows(connection, sql, parameters));
    }

    private List<Map<String, @Nullable Object>> rows(Connection connection, String sql, @Nullable Object... parameters)
            throws SQLException {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql.replace("@", schema))) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    Map<String, @Nullable Object> row = new LinkedHashMap<>();
                    for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                        row.put(result.getMetaData().getColumnLabel(i), value(result, i));
                    }
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    private static @Nullable Object value(ResultSet result, int column) throws SQLException {
        return switch (result.getMetaData().getColumnTypeName(column)) {
            case "timestamptz" -> {
                java.time.OffsetDateTime time = result.getObject(column, java.time.OffsetDateTime.class);
                yield time == null ? null : time.toInstant();
            }
            case "int2", "int4", "int8", "bool", "float8" -> result.getObject(column);
            default -> result.getString(column);
        };
    }

    /** What there is to look at. */
    record Seen(List<Queue> queues, Server server) {}

    /** All queues, counted in a bounded time, and what PostgreSQL knows by itself. */
    Seen look() throws SQLException {
        return read(connection -> new Seen(queues(connection), server(connection)));
    }

    private List<Queue> queues(Connection connection) throws SQLException {
        List<Queue> queues = new ArrayList<>();
        boolean isCounted = seesRates(connection);
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT o.*, extract(epoch FROM o.oldest_age)::float8 AS age, "
                                + (isCounted
                                        ? "r.sent_per_second, r.gone_per_second FROM " + schema
                                                + ".mq_overview o LEFT JOIN " + schema
                                                + ".mq_rates r ON r.channel = o.channel"
                                        : "NULL AS sent_per_second, NULL AS gone_per_second FROM " + schema
                                                + ".mq_overview o"));
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                queues.add(new Queue(
                        row.getString("channel"),
                        row.getString("topic"),
                        row.getString("subscription"),
                        row.getLong("depth"),
                        row.getLong("ready"),
                        row.getLong("in_flight"),
                        row.getLong("delayed"),
                        row.getLong("backing_off"),
                        row.getLong("set_aside"),
                        row.getLong("dead"),
                        row.getBoolean("is_dead"),
                        row.getObject("age", Double.class),
                        row.getBoolean("paused"),
                        row.getLong("consumers"),
                        row.getBoolean("more"),
                        row.getObject("sent_per_second", Double.class),
                        row.getObject("gone_per_second", Double.class)));
            }
        }
        return queues;
    }

    /** Looked up once: a role that was granted what it sees one by one may lack this. */
    private boolean seesRates(Connection connection) throws SQLException {
        Boolean known = seesRates;
        if (known == null) {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT pg_catalog.has_table_privilege(?, 'SELECT')")) {
                statement.setString(1, schema + ".mq_rates");
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    known = row.getBoolean(1);
                }
            }
            seesRates = known;
        }
        return known;
    }

    private Server server(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                    SELECT coalesce(sum(s.n_tup_ins), 0), coalesce(sum(s.n_tup_del), 0), coalesce(sum(s.n_live_tup), 0),
                           coalesce(sum(s.n_dead_tup), 0),
                           coalesce((SELECT extract(epoch FROM max(clock_timestamp() - a.xact_start))::float8
                              FROM pg_catalog.pg_stat_activity a WHERE a.datname = current_database()
                               AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()), 0),
                           coalesce((SELECT extract(epoch FROM max(clock_timestamp() - p.prepared))::float8
                              FROM pg_catalog.pg_prepared_xacts p WHERE p.database = current_database()), 0)
                      FROM pg_catalog.pg_stat_all_tables s
                     WHERE s.schemaname = ? AND s.relname IN ('mq_msgs', 'mq_msgs_unlogged')""")) {
            statement.setString(1, factory.getOptions().getSchema());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Server(
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getDouble(5),
                        row.getDouble(6));
            }
        }
    }
}
