package io.sqlmq.schema;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code mq_schema_history} says, read in one round trip when the table is there.
 *
 * @param applied null when there is no such table
 * @param foreign functions that sqlxmq's migrations have put there; see {@link SqlxmqFunctions}
 * @param others quoted names of other schemas that the functions of this one work on; see {@link SchemaMentions}
 */
record SchemaHistory(@Nullable List<Applied> applied, List<String> others, List<String> foreign, Server server) {
    static final String TABLE = "mq_schema_history";

    /** One row of the table; a baseline is left out. */
    record Applied(Version version, String script, @Nullable Integer checksum, boolean success) {}

    /** The server behind the connection. */
    record Server(String version, int versionNumber, String encoding, String role) {}

    private static final String SERVER_COLUMNS = """
            pg_catalog.current_setting('server_version') AS server_version,
            pg_catalog.current_setting('server_version_num')::int AS server_version_num,
            pg_catalog.current_setting('server_encoding') AS server_encoding,
            current_user AS role""";

    static SchemaHistory read(Connection connection, SchemaName schema) throws SQLException {
        // The connection may be within somebody's transaction, which a missing table must not abort.
        Savepoint savepoint = connection.getAutoCommit() ? null : connection.setSavepoint();
        try {
            return readTable(connection, schema);
        } catch (SQLException e) {
            if (!SqlStates.isMissingTable(e.getSQLState())) {
                throw e;
            }
            if (savepoint != null) {
                connection.rollback(savepoint);
            }
            return new SchemaHistory(null, List.of(), List.of(), readServer(connection));
        }
    }

    private static SchemaHistory readTable(Connection connection, SchemaName schema) throws SQLException {
        String sql =
                """
                SELECT %s, h.version, h.script, h.checksum, h.success, %s AS others, %s AS functions
                  FROM (VALUES (1)) AS one
                  LEFT JOIN %s.%s AS h ON h.version IS NOT NULL AND h.type::text = 'SQL'
                 ORDER BY h.installed_rank""".formatted(SERVER_COLUMNS, SchemaMentions.OTHERS, SqlxmqFunctions.FOREIGN, schema.quoted(), TABLE);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new SchemaMentions(schema).bind(statement, 1);
            new SqlxmqFunctions(schema).bind(statement, 4);
            return read(statement);
        }
    }

    private static SchemaHistory read(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            List<Applied> applied = new ArrayList<>();
            List<String> others = List.of();
            List<String> foreign = List.of();
            Server server = null;
            while (rows.next()) {
                server = server(rows);
                others = SchemaMentions.read(rows, "others");
                foreign = SqlxmqFunctions.read(rows, "functions");
                String version = rows.getString("version");
                if (version != null) {
                    applied.add(new Applied(
                            Version.parse(version),
                            rows.getString("script"),
                            rows.getObject("checksum", Integer.class),
                            rows.getBoolean("success")));
                }
            }
            if (server == null) {
                throw new SQLException("The schema history could not be read: no row");
            }
            return new SchemaHistory(applied, others, foreign, server);
        }
    }

    private static Server readServer(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + SERVER_COLUMNS);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return server(rows);
        }
    }

    private static Server server(ResultSet row) throws SQLException {
        return new Server(
                row.getString("server_version"),
                row.getInt("server_version_num"),
                row.getString("server_encoding"),
                row.getString("role"));
    }

    /** The newest migration that was applied, or null. */
    @Nullable
    Version current() {
        return applied == null
                ? null
                : applied.stream()
                        .filter(Applied::success)
                        .map(Applied::version)
                        .max(Version::compareTo)
                        .orElse(null);
    }
}
