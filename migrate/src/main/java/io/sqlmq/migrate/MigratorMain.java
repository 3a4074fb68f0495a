package io.sqlmq.migrate;

import io.sqlmq.schema.Migrator;
import io.sqlmq.schema.SchemaException;
import io.sqlmq.schema.SchemaInfo;
import io.sqlmq.schema.internal.JdbcUrl;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The {@link Migrator} on the command line. Exit codes: 0 all is well; 1 the tables are not as this sqlmq needs them, or
 * could not be made so; 2 wrong arguments; 3 the database could not be reached.
 */
@Command(
        name = "sqlmq-migrate",
        description = "Creates, upgrades and checks the tables of sqlmq in a PostgreSQL database.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(migrate | adopt | validate | info)",
        footer = {
            "",
            "The password is taken from the environment variable SQLMQ_PASSWORD, else PGPASSWORD, or asked for",
            "with --password. Exit codes: 0 all is well, 1 the tables are not as needed, 2 wrong arguments,",
            "3 the database could not be reached."
        })
public final class MigratorMain {
    private static final int NOT_AS_NEEDED = 1;
    private static final int NOT_REACHED = 3;

    private final Map<String, String> environment;

    @Spec
    private @Nullable CommandSpec spec;

    private MigratorMain(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        // Without a logging backend SLF4J would complain about it on the terminal.
        System.setProperty("slf4j.internal.verbosity", System.getProperty("slf4j.internal.verbosity", "ERROR"));
        System.exit(commandLine(System.getenv()).execute(args));
    }

    static CommandLine commandLine(Map<String, String> environment) {
        CommandLine line = new CommandLine(new MigratorMain(environment));
        line.setExecutionExceptionHandler((thrown, command, parsed) -> {
            command.getErr().println(thrown instanceof SchemaException ? thrown.getMessage() : thrown.toString());
            return thrown instanceof SchemaException e && e.reason() == SchemaException.Reason.UNREACHABLE
                    ? NOT_REACHED
                    : NOT_AS_NEEDED;
        });
        return line;
    }

    /** Where the database is; shared by all commands. */
    static final class Target {
        @Option(
                names = "--url",
                required = true,
                paramLabel = "<JDBC URL>",
                description = "jdbc:postgresql://host:port/database")
        private String url = "";

        @Option(names = "--user", description = "the role to connect as; it will own the tables")
        private @Nullable String user;

        @Option(names = "--password", interactive = true, description = "ask for the password")
        private char @Nullable [] password;

        @Option(names = "--schema", description = "the schema of the sqlmq tables (default: public)")
        private @Nullable String schema;
    }

    @Command(name = "migrate", description = "Creates or upgrades the tables.", mixinStandardHelpOptions = true)
    void migrate(@CommandLine.Mixin Target target) {
        Migrator migrator = migrator(target);
        migrator.migrate();
        print(migrator.info());
    }

    @Command(
            name = "adopt",
            description = "Turns the tables of sqlxmq into those of sqlmq, with all jobs that are in them.",
            mixinStandardHelpOptions = true)
    void adopt(@CommandLine.Mixin Target target) {
        Migrator migrator = migrator(target);
        List<String> done = migrator.adopt();
        PrintWriter out = line().getOut();
        done.forEach(one -> out.println("adopted   " + one));
        if (done.isEmpty()) {
            out.println("adopted   nothing: these are the tables of sqlmq");
        }
        print(migrator.info());
    }

    @Command(
            name = "validate",
            description = "Checks that the tables are those this sqlmq needs.",
            mixinStandardHelpOptions = true)
    void validate(@CommandLine.Mixin Target target) {
        Migrator migrator = migrator(target);
        migrator.validate();
        print(migrator.info());
    }

    @Command(name = "info", description = "Shows versions and pending migrations.", mixinStandardHelpOptions = true)
    void info(@CommandLine.Mixin Target target) {
        print(migrator(target).info());
    }

    private void print(SchemaInfo info) {
        PrintWriter out = line().getOut();
        out.println("server    PostgreSQL " + info.serverVersion());
        out.println("schema    " + info.schemaName());
        out.println("tables    " + (info.currentVersion() == null ? "none" : "version " + info.currentVersion()));
        out.println("needed    version " + info.newestVersion());
        out.println("pending   " + (info.pending().isEmpty() ? "none" : String.join(", ", info.pending())));
        out.flush();
    }

    private Migrator migrator(Target target) {
        try {
            JdbcUrl url = JdbcUrl.parse(target.url);
            String schema = target.schema != null ? target.schema : url.option("schema");
            return new Migrator(dataSource(target, url), schema == null ? Migrator.DEFAULT_SCHEMA : schema);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line(), e.getMessage(), e);
        }
    }

    private PGSimpleDataSource dataSource(Target target, JdbcUrl url) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        try {
            dataSource.setUrl(url.driverUrl());
        } catch (IllegalArgumentException e) {
            // The driver's message repeats the URL, and the password with it.
            throw new IllegalArgumentException(
                    "--url is not a JDBC URL of PostgreSQL: jdbc:postgresql://host:port/database");
        }
        if (target.user != null) {
            dataSource.setUser(target.user);
        }
        if (target.password != null) {
            dataSource.setPassword(new String(target.password));
        } else if (dataSource.getPassword() == null) {
            dataSource.setPassword(environment.getOrDefault("SQLMQ_PASSWORD", environment.get("PGPASSWORD")));
        }
        dataSource.setApplicationName("sqlmq-migrate");
        return dataSource;
    }

    private CommandLine line() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec.commandLine();
    }
}
