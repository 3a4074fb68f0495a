package io.sqlmq.schema;

import io.sqlmq.schema.MigrationRun.LockTimeouts;
import io.sqlmq.schema.SchemaException.Reason;
import io.sqlmq.schema.spi.MigrationTool;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates, upgrades and checks the tables of sqlmq in one schema of a database. The history of migrations is kept in
 * that schema, in {@code mq_schema_history}, apart from the application's own.
 *
 * <p>Any number of processes and threads may call any method at the same time. All methods throw {@link
 * SchemaException}, whose message says what to do.
 */
public final class Migrator {
    /** The schema where nothing else is said. */
    public static final String DEFAULT_SCHEMA = "public";

    private static final Logger LOG = LoggerFactory.getLogger(Migrator.class);
    static final String LOCATION = "io/sqlmq/schema/migration";
    static final LockTimeouts LOCK_TIMEOUTS = new LockTimeouts(120_000, 3_000);
    private static final int ATTEMPTS = 5;
    private static final long PAUSE_MILLIS = 1_000;

    private final DataSource dataSource;
    private final SchemaName schema;
    private final Migrations migrations;
    private final SchemaCheck check;
    private final LockTimeouts lockTimeouts;

    /**
     * A migrator for the sqlmq tables in {@code schemaName}. No SQL is run yet.
     *
     * @param dataSource where the database is; {@link #migrate()} uses up to three of its connections at once
     * @param schemaName unquoted; any name that PostgreSQL allows in quotes
     * @throws IllegalArgumentException if it does not allow the name
     */
    public Migrator(DataSource dataSource, String schemaName) {
        this(dataSource, schemaName, LOCATION, LOCK_TIMEOUTS);
    }

    Migrator(DataSource dataSource, String schemaName, String location, LockTimeouts lockTimeouts) {
        this.dataSource = dataSource;
        this.schema = new SchemaName(schemaName);
        this.migrations = Migrations.load(location);
        this.check = new SchemaCheck(migrations, schema);
        this.lockTimeouts = lockTimeouts;
    }

    /**
     * Applies what is pending; creates the schema if it is missing. If it was renamed, or restored or copied under another
     * name, its functions are made to work on their own tables again. Costs one round trip when nothing is to be done.
     * Waits while another process migrates, and tries again for some seconds when others hold locks on the tables. Needs
     * {@code io.sqlmq:sqlmq-migrate} on the class path, also when nothing is to be done.
     */
    public void migrate() {
        MigrationTool tool = MigrationTools.find();
        SchemaHistory history = history();
        check.requireUpgradable(history);
        if (history.current() != null
                && check.pending(history).isEmpty()
                && history.others().isEmpty()) {
            return;
        }
        for (int attempt = 1; !attempt(tool, attempt == ATTEMPTS); attempt++) {
            LOG.info("Migration of schema {} waits for locks of other transactions", schema.quoted());
            pause(attempt * PAUSE_MILLIS);
        }
    }

    /**
     * Turns the tables of sqlxmq in the schema into those of sqlmq, with all their jobs, in one transaction: no program of sqlxmq may
     * run meanwhile, and those that do wait. Where the tables are sqlmq's already, functions that sqlxmq's
     * migrations have replaced are put back. Needs no Flyway.
     *
     * @return what was done, in words; empty if there was nothing to do
     * @throws SchemaException if there are no tables of sqlxmq, or jobs that cannot be carried over, which it names; nothing has
     *     been changed then
     */
    public List<String> adopt() {
        String what = "Adopting the tables of sqlxmq in schema " + schema.quoted();
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                new MigrationRun(dataSource, schema, migrations, lockTimeouts).lock(connection);
                MigrationRun.setLockTimeout(connection, lockTimeouts.table());
                List<String> done = adopt(connection);
                connection.commit();
                return done;
            } finally {
                connection.rollback();
                connection.setAutoCommit(autoCommit);
            }
        } catch (SQLException e) {
            throw check.failure(what, e, "adopt");
        }
    }

    private List<String> adopt(Connection connection) throws SQLException {
        SchemaHistory history = SchemaHistory.read(connection, schema);
        check.requireSupported(history.server());
        Adoption adoption = new Adoption(schema, migrations, lockTimeouts.table());
        if (history.current() == null) {
            if (!adoption.finds(connection)) {
                throw check.nothingToAdopt();
            }
            return adoption.run(connection);
        }
        if (history.foreign().isEmpty()) {
            return List.of();
        }
        SqlxmqFunctions functions = new SqlxmqFunctions(schema);
        functions.drop(connection);
        functions.restore(connection, migrations);
        return List.of("functions put back: " + String.join(", ", history.foreign()));
    }

    /** False when locks were in the way and another attempt may help. */
    private boolean attempt(MigrationTool tool, boolean last) {
        String what = "Migrating schema " + schema.quoted();
        try {
            new MigrationRun(dataSource, schema, migrations, lockTimeouts).run(tool);
            return true;
        } catch (SchemaException e) {
            throw e;
        } catch (LinkageError e) {
            throw MigrationTools.unusable(e);
        } catch (SQLException | RuntimeException e) {
            SchemaException failure = check.failure(what, e);
            if (last || failure.reason() != Reason.BUSY) {
                throw failure;
            }
            return false;
        }
    }

    /**
     * Checks that the tables are exactly those that this sqlmq needs. One round trip.
     *
     * @throws SchemaException if they are not
     */
    public void validate() {
        check.requireCurrent(history());
    }

    /**
     * Checks only that the functions, if there are any, work on the tables of their own schema. One round trip.
     *
     * @throws SchemaException if the schema was renamed, or restored or copied under another name
     */
    public void validateName() {
        try (Connection connection = dataSource.getConnection()) {
            check.requireOwn(new SchemaMentions(schema).others(connection));
        } catch (SQLException e) {
            throw check.failure("Looking at the sqlmq functions in schema " + schema.quoted(), e);
        }
    }

    /** What is there and what is pending. Does not throw because of missing, older or newer tables. */
    public SchemaInfo info() {
        SchemaHistory history = history();
        Version current = history.current();
        return new SchemaInfo(
                schema.name(),
                current == null ? null : current.toString(),
                migrations.newest().version().toString(),
                check.pending(history),
                history.server().version());
    }

    private SchemaHistory history() {
        try (Connection connection = dataSource.getConnection()) {
            SchemaHistory history = SchemaHistory.read(connection, schema);
            check.requireSupported(history.server());
            return history;
        } catch (SQLException e) {
            throw check.failure("Reading the version of the sqlmq tables in schema " + schema.quoted(), e);
        }
    }

    private void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchemaException(Reason.BUSY, "Interrupted while waiting to migrate schema " + schema.quoted(), e);
        }
    }
}
