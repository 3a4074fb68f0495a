package io.sqlmq.migrate;

import io.sqlmq.schema.spi.MigrationTool;
import java.io.Reader;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * Migrates with Flyway. The version is often the application's choice, or that of its framework: only what is the same in
 * Flyway 11.7 to 13 is used here.
 */
public final class FlywayTool implements MigrationTool {
    private static final int LOCK_RETRIES = 10;

    /** For {@link java.util.ServiceLoader}. */
    public FlywayTool() {}

    @Override
    public void apply(Task task) {
        if (task.schema().contains("${")) {
            createHistory(task);
        }
        Flyway.configure(FlywayTool.class.getClassLoader())
                .dataSource(MigratingConnections.over(task.dataSource()))
                .schemas(task.schema())
                .defaultSchema(task.schema())
                .createSchemas(false)
                .table(task.historyTable())
                // Scripts and callbacks that the application keeps for its own Flyway must not run here.
                .locations(new String[0])
                .resourceProvider(new Scripts(task.scripts()))
                .javaMigrationClassProvider(() -> List.of())
                .skipDefaultCallbacks(true)
                .callbacks(new Circumstances(task.lockTimeout()))
                .placeholders(task.placeholders())
                // The schema usually holds the application's tables already; version 0 stands before ours.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .cleanDisabled(true)
                .outputQueryResults(false)
                .lockRetryCount(LOCK_RETRIES)
                .load()
                .migrate();
    }

    /** As Flyway does, which would look for placeholders in the name. */
    private static void createHistory(Task task) {
        String name = task.historyTable();
        String table = task.placeholders().get("schema") + "." + name;
        try (Connection connection = task.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS " + table + " (installed_rank integer NOT NULL CONSTRAINT " + name
                            + "_pk PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,"
                            + " script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL,"
                            + " installed_on timestamp NOT NULL DEFAULT pg_catalog.now(), execution_time integer NOT NULL,"
                            + " success boolean NOT NULL)");
            statement.execute("CREATE INDEX IF NOT EXISTS " + name + "_s_idx ON " + table + " (success)");
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        } catch (SQLException e) {
            throw new FlywayException("Creating the history of migrations failed: " + e.getMessage(), e);
        }
    }

    /** For each script. DDL must not queue behind a long transaction: everybody else would queue behind the DDL. */
    private static final class Circumstances extends BaseCallback {
        private final int millis;

        Circumstances(int millis) {
            this.millis = millis;
        }

        @Override
        public boolean supports(Event event, Context context) {
            return event == Event.BEFORE_EACH_MIGRATE;
        }

        @Override
        public void handle(Event event, Context context) {
            try (Statement statement = context.getConnection().createStatement()) {
                statement.execute("SET LOCAL lock_timeout = '" + millis + "ms'");
                statement.execute("SET LOCAL statement_timeout = 0");
                // What views, checks and defaults call is looked up now, and must not be found where others may write.
                statement.execute("SET LOCAL search_path = pg_catalog, pg_temp");
            } catch (SQLException e) {
                throw new FlywayException("Preparing the transaction of a migration failed", e);
            }
        }
    }

    private record Scripts(List<Script> scripts) implements ResourceProvider {
        @Override
        public @Nullable LoadableResource getResource(String name) {
            return scripts.stream()
                    .filter(script -> name.equals(script.path()))
                    .map(Resource::new)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
            return scripts.stream()
                    .filter(script -> script.name().startsWith(prefix)
                            && Arrays.stream(suffixes).anyMatch(script.name()::endsWith))
                    .<LoadableResource>map(Resource::new)
                    .toList();
        }
    }

    /** A script, as Flyway reads it. */
    private static final class Resource extends LoadableResource {
        private final Script script;

        Resource(Script script) {
            this.script = script;
        }

        @Override
        public Reader read() {
            return new StringReader(script.sql());
        }

        @Override
        public String getAbsolutePath() {
            return script.path();
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return script.path();
        }

        @Override
        public String getFilename() {
            return script.name();
        }

        @Override
        public String getRelativePath() {
            return script.name();
        }
    }
}
