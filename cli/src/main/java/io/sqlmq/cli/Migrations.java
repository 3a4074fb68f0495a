package io.sqlmq.cli;

import io.sqlmq.schema.Migrator;
import io.sqlmq.schema.SchemaInfo;
import java.sql.SQLException;
import java.util.List;
import picocli.CommandLine.Command;

/** What is done to the tables themselves. */
final class Migrations {
    private static final String OURS = "mq_schema_history";

    private Migrations() {}

    @Command(
            name = "migrate",
            description = "Creates or upgrades the tables. The role needs CREATE on the schema and will own them.")
    static final class Migrate extends Verb {
        @Override
        int run() throws SQLException {
            endedInOrder();
            Migrator migrator = migrator(OURS);
            migrator.migrate();
            printVertical(info(migrator.info()));
            return DONE;
        }
    }

    @Command(name = "validate", description = "Checks that the tables are those this sqlmq needs.")
    static final class Validate extends Verb {
        @Override
        int run() throws SQLException {
            Migrator migrator = migrator(OURS);
            migrator.validate();
            printVertical(info(migrator.info()));
            return DONE;
        }
    }

    @Command(name = "info", description = "Shows versions and pending migrations.")
    static final class Info extends Verb {
        @Override
        int run() throws SQLException {
            printVertical(info(migrator(OURS).info()));
            return DONE;
        }
    }

    @Command(
            name = "adopt",
            description =
                    "Turns the tables of sqlxmq into those of sqlmq, with all jobs that are in them, in one transaction.")
    static final class Adopt extends Verb {
        @Override
        int run() throws SQLException {
            endedInOrder();
            Migrator migrator = migrator("mq_msgs");
            List<String> done = migrator.adopt();
            Table table = new Table("adopted");
            done.forEach(table::add);
            if (done.isEmpty()) {
                table.add("nothing: these are the tables of sqlmq");
            }
            print(table);
            return DONE;
        }
    }

    private static Table info(SchemaInfo info) {
        Table table = new Table("server", "schema", "tables", "needed", "pending");
        table.add(
                "PostgreSQL " + info.serverVersion(),
                info.schemaName(),
                info.currentVersion() == null ? "none" : info.currentVersion(),
                info.newestVersion(),
                info.pending());
        return table;
    }
}
