package io.sqlmq.cli;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** sqlmq on the command line. */
@Command(
        name = "sqlmq",
        description = "Looks into and operates the queues of sqlmq, a message queue in PostgreSQL.",
        mixinStandardHelpOptions = true,
        versionProvider = Sqlmq.Version.class,
        synopsisSubcommandLabel = "<command>",
        subcommands = {
            Migrations.Migrate.class,
            Migrations.Validate.class,
            Migrations.Info.class,
            Migrations.Adopt.class,
            Queues.class,
            Send.class,
            Receive.class,
            Tail.class,
            Browse.class,
            Show.class,
            Why.class,
            Transfers.Move.class,
            Transfers.Copy.class,
            Remove.class,
            Retry.class,
            Purge.class,
            Changes.Reschedule.class,
            Changes.Reprioritize.class,
            Pauses.Pause.class,
            Pauses.Resume.class,
            Limits.Limit.class,
            Limits.Unlimit.class,
            Topics.class,
            Subscriptions.class,
            Unsubscribe.class,
            Consumers.class,
            Leases.class,
            Schedules.class,
            Transactions.class,
            Doctor.class,
            Bench.class,
            Console.class,
            Export.class,
            Import.class,
            Completion.class,
            Manual.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Exit codes: 0 done; 1 it failed, was refused, or found something that is not as it should be; "
                    + "2 wrong arguments; 3 the database could not be reached; 130 ended by Ctrl-C, 143 by SIGTERM."
        })
public final class Sqlmq {
    private final Map<String, String> environment;
    private final BufferedReader in;
    private final boolean terminal;
    private final boolean colours;
    private final Clock clock;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    final Target target = new Target();

    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            paramLabel = "table|json",
            defaultValue = "table",
            description = "table: for people; json: one JSON object a line, for programs")
    private Format output = Format.table;

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "of an error, show the Java stack trace")
    boolean stacktrace;

    /** As it is written on the command line. */
    enum Format {
        table,
        json
    }

    private Sqlmq(Map<String, String> environment, InputStream in, boolean terminal, boolean colours, Clock clock) {
        this.clock = clock;
        this.environment = environment;
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        this.terminal = terminal;
        this.colours = colours;
    }

    /** Runs one verb and ends the process with its exit code. */
    public static void main(String[] args) {
        // Without a logging backend SLF4J would complain about it on the terminal.
        System.setProperty("slf4j.internal.verbosity", System.getProperty("slf4j.internal.verbosity", "ERROR"));
        // Flyway would tell what it does.
        Logger.getLogger("").setLevel(Level.WARNING);
        boolean terminal = isOnTerminal();
        CommandLine line = commandLine(System.getenv(), System.in, terminal, Ansi.AUTO.enabled(), Clock.systemUTC());
        if (terminal) {
            line.setUsageHelpAutoWidth(true); // it asks the terminal; shells do not tell programs their COLUMNS
        } else {
            // What programs read and files keep is UTF-8 as what is read here, whatever the locale: that of cron has
            // ASCII only.
            line.setOut(new PrintWriter(new BufferedWriter(
                    new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8))));
        }
        int code;
        if (Arrays.stream(args).anyMatch(Sqlmq::isGarbled)) {
            line.getErr()
                    .println(
                            "sqlmq: an argument has characters that the locale does not: set LC_ALL to one with UTF-8, "
                                    + "such as C.UTF-8, or give texts by the standard input");
            line.getErr().flush();
            code = Problem.WRONG_ARGUMENTS;
        } else {
            code = line.execute(args);
            line.getOut().flush();
        }
        System.exit(code);
    }

    @SuppressWarnings("SystemConsoleNull") // it does before Java 22
    private static boolean isOnTerminal() {
        java.io.Console console = System.console();
        try {
            // From Java 22 on there is always one, which says whether it is.
            return console != null
                    && (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    /** Java puts this where it cannot read what it was given. */
    private static boolean isGarbled(String argument) {
        return argument.indexOf('\ufffd') >= 0;
    }

    /**
     * Ready to be executed once.
     *
     * @param terminal whether what is written is read by people at once: widths, progress
     * @param colours whether they see colours
     */
    static CommandLine commandLine(
            Map<String, String> environment, InputStream in, boolean terminal, boolean colours, Clock clock) {
        Sqlmq sqlmq = new Sqlmq(environment, in, terminal, colours, clock);
        CommandLine line = new CommandLine(sqlmq);
        line.registerConverter(Duration.class, Durations::parse);
        line.registerConverter(Selector.class, Selector::of);
        line.setExecutionExceptionHandler(new Failures(sqlmq));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(colours ? Ansi.ON : Ansi.OFF));
        return line;
    }

    CommandLine commandLine() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec.commandLine();
    }

    Map<String, String> environment() {
        return environment;
    }

    Clock clock() {
        return clock;
    }

    boolean isJson() {
        return output == Format.json;
    }

    boolean isTerminal() {
        return terminal;
    }

    Ansi ansi() {
        return colours ? Ansi.ON : Ansi.OFF;
    }

    /** In columns; 0 where nobody looks at it. */
    int width() {
        String columns = environment.get("COLUMNS");
        if (!terminal) {
            return 0;
        }
        return columns != null && columns.matches("[1-9]\\d{0,3}")
                ? Integer.parseInt(columns)
                : commandLine().getUsageHelpWidth();
    }

    /** From the standard input, which is UTF-8; null at its end. */
    @Nullable
    String readLine() {
        try {
            return in.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All of the standard input. */
    String readAll() {
        StringBuilder text = new StringBuilder();
        char[] buffer = new char[8192];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                text.append(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** That of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Sqlmq.class.getPackage().getImplementationVersion();
            return new String[] {"sqlmq " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
