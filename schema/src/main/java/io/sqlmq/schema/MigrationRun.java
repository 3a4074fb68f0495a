package io.sqlmq.schema;

import io.sqlmq.schema.SchemaException.Reason;
import io.sqlmq.schema.spi.MigrationTool;
import io.sqlmq.schema.spi.MigrationTool.Task;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.zip.CRC32;
import javax.sql.DataSource;

/**
 * One attempt to apply what is pending, alone in the schema. An advisory lock, held by a transaction that does nothing
 * else, makes concurrent first starts wait here rather than collide.
 */
final class MigrationRun {
    private static final int LOCK_CLASS = 0x73716d71;

    private final DataSource dataSource;
    private final SchemaName schema;
    private final Migrations migrations;
    private final SchemaCheck check;
    private final LockTimeouts timeouts;

    /**
     * How long to wait for locks.
     *
     * @param otherMigrator milliseconds for another migrator of the same schema to finish
     * @param table milliseconds that a statement of a migration waits for, and so holds up, other users of a table
     */
    record LockTimeouts(int otherMigrator, int table) {}

    MigrationRun(DataSource dataSource, SchemaName schema, Migrations migrations, LockTimeouts timeouts) {
        this.dataSource = dataSource;
        this.schema = schema;
        this.migrations = migrations;
        this.check = new SchemaCheck(migrations, schema);
        this.timeouts = timeouts;
    }

    void run(MigrationTool tool) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                lock(connection);
                SchemaHistory history = SchemaHistory.read(connection, schema);
                check.requireUpgradable(history);
                if (!history.others().isEmpty()) {
                    repairNames(connection);
                }
                if (history.applied() == null || !check.pending(history).isEmpty()) {
                    prepareSchema(connection, history.server().role());
                    if (history.applied() != null) {
                        correctHistory(connection);
                    }
                    connection.commit(); // the lock goes with the transaction: take it again, now with the schema there
                    lock(connection);
                    tool.apply(task());
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(autoCommit);
            }
        }
    }

    /** Waits for other migrators of the schema; until the end of the transaction they wait for this one. */
    void lock(Connection connection) throws SQLException {
        CRC32 key = new CRC32();
        key.update(schema.name().getBytes(StandardCharsets.UTF_8));
        setLockTimeout(connection, timeouts.otherMigrator());
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT pg_catalog.set_config('statement_timeout', '0', true),
                       pg_catalog.set_config('idle_in_transaction_session_timeout', '0', true)""")) {
            statement.execute();
        }
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_catalog.pg_advisory_xact_lock(?, ?)")) {
            statement.setInt(1, LOCK_CLASS);
            statement.setInt(2, (int) key.getValue());
            statement.execute();
        }
    }

    /** Tools compare checksums themselves. */
    private void correctHistory(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE " + schema.quoted() + "."
                + SchemaHistory.TABLE + " SET checksum = ? WHERE script = ?::text AND checksum = ?")) {
            for (Migration migration : migrations.all()) {
                if (migration.earlier() != null) {
                    statement.setInt(1, migration.checksum());
                    statement.setString(2, migration.script());
                    statement.setInt(3, migration.earlier());
                    statement.executeUpdate();
                }
            }
        }
    }

    /** All functions at once, so that nobody sees some of them work on one schema and some on another. */
    private void repairNames(Connection connection) throws SQLException {
        setLockTimeout(connection, timeouts.table());
        SchemaMentions mentions = new SchemaMentions(schema);
        mentions.repair(connection);
        check.requireOwn(mentions.others(connection));
        connection.commit();
        lock(connection);
    }

    /** For the rest of the transaction. */
    static void setLockTimeout(Connection connection, int millis) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_catalog.set_config('lock_timeout', ?::text, true)")) {
            statement.setString(1, millis + "ms");
            statement.execute();
        }
    }

    /** Creates the schema if needed and allowed, and refuses with the GRANT that is missing. */
    private void prepareSchema(Connection connection, String role) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT pg_catalog.current_setting('transaction_read_only')::bool,
                       n.oid IS NOT NULL,
                       coalesce(pg_catalog.has_schema_privilege(n.oid, 'CREATE'),
                                pg_catalog.has_database_privilege(current_database(), 'CREATE')),
                       pg_catalog.quote_ident(current_database()::text),
                       pg_catalog.quote_ident(?::text)
                  FROM (VALUES (1)) AS one LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = ?::name""")) {
            statement.setString(1, role);
            statement.setString(2, schema.name());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (row.getBoolean(1)) {
                    throw check.readOnly(null);
                }
                boolean exists = row.getBoolean(2);
                if (!row.getBoolean(3)) {
                    throw mayNotCreate(exists, row.getString(4), row.getString(5));
                }
                if (!exists) {
                    createSchema(connection);
                }
            }
        }
    }

    private SchemaException mayNotCreate(boolean exists, String database, String role) {
        String grant = exists
                ? "GRANT USAGE, CREATE ON SCHEMA " + schema.quoted() + " TO " + role
                : "GRANT CREATE ON DATABASE " + database + " TO " + role + ", or: CREATE SCHEMA " + schema.quoted()
                        + " AUTHORIZATION " + role;
        return new SchemaException(
                Reason.PERMISSION_DENIED,
                "Role " + role + " may not create " + (exists ? "tables in" : "the") + " schema " + schema.quoted()
                        + ". Migrate as another role, or let a superuser run: " + grant);
    }

    private void createSchema(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA IF NOT EXISTS " + schema.quoted());
        }
    }

    private Task task() {
        return new Task(
                dataSource,
                schema.name(),
                SchemaHistory.TABLE,
                migrations.scripts(),
                schema.placeholders(),
                timeouts.table());
    }
}
