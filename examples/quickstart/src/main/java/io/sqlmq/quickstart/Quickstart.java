package io.sqlmq.quickstart;

import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Processes orders by messages in PostgreSQL, kills one of its own processes on the way, and proves"
                        + " that each order was processed exactly once.")
public final class Quickstart implements Callable<Integer> {

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "Orders, one JSON document a line. Default: the sample of 2,000 orders that ships with it")
    private @Nullable Path input;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Your own database, as jdbc:postgresql://host/database?user=...; all goes into its schema "
                    + Database.SCHEMA + ", which is dropped first. Default: an embedded PostgreSQL, fsync on")
    private @Nullable String url;

    @Option(
            names = "--listeners",
            defaultValue = "4",
            description = "In each of the two consumer processes. Default: ${DEFAULT-VALUE}")
    private int listeners;

    @Option(
            names = "--work",
            paramLabel = "MS",
            defaultValue = "5",
            description =
                    "Milliseconds that an order takes beside its SQL, as a call of a payment service would. Default:"
                            + " ${DEFAULT-VALUE}")
    private int workMillis;

    @Option(
            names = "--rate",
            defaultValue = "200",
            description = "Orders per second after the rush. Default: ${DEFAULT-VALUE}")
    private int rate;

    @Option(
            names = "--patience",
            paramLabel = "S",
            defaultValue = "60",
            description = "Seconds without any progress after which to give up. Default: ${DEFAULT-VALUE}")
    private int patienceSeconds;

    @Option(
            names = "--keep",
            arity = "0..1",
            paramLabel = "MIN",
            defaultValue = "0",
            fallbackValue = "10",
            description =
                    "Keep the embedded PostgreSQL for so many minutes after the end (${FALLBACK-VALUE} if no number"
                            + " is given), to look into it")
    private int keepMinutes;

    @Spec
    private CommandSpec spec;

    private final PrintStream out;

    Quickstart(PrintStream out) {
        this.out = out;
    }

    /** Runs the command; the exit code is 0 if the account at the end is right. */
    public static void main(String[] arguments) {
        System.exit(execute(System.out, arguments));
    }

    static int execute(PrintStream out, String... arguments) {
        return new CommandLine(new Quickstart(out)).execute(arguments);
    }

    @Override
    public Integer call() throws Exception {
        check();
        List<String> lines = lines();
        if (url != null) {
            return run(new Database(url), lines, "in your database");
        }
        out.println("Starting an embedded PostgreSQL with fsync on.");
        try (SqlmqEmbedded server =
                SqlmqEmbedded.start(EmbeddedOptions.defaults().fsync(true))) {
            String psql = "psql postgresql://postgres@127.0.0.1:" + server.port() + "/postgres";
            out.println("While it runs you can look into it: " + psql);
            int exit = run(new Database(server.jdbcUrl()), lines, "with " + psql);
            keep();
            return exit;
        }
    }

    private void check() {
        if (listeners < 1 || workMillis < 0 || rate < 1 || patienceSeconds < 1 || keepMinutes < 0) {
            throw usage("--listeners, --rate and --patience must be 1 or more, --work and --keep 0 or more");
        }
        if (url != null && (!url.startsWith("jdbc:postgresql:") || url.contains("sqlmq."))) {
            throw usage("--url must be of the form jdbc:postgresql://host/database?user=..., without options of sqlmq");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private int run(Database database, List<String> lines, String where) throws Exception {
        ProgressBar bar = new ProgressBar(out, hasTerminal(), lines.size());
        QuickstartRun.Settings settings =
                new QuickstartRun.Settings(listeners, workMillis, rate, Duration.ofSeconds(patienceSeconds));
        Kill kill;
        try (QuickstartRun run = new QuickstartRun(database, settings, bar)) {
            kill = run.process(lines);
            bar.say("All orders are done.");
        } catch (Watch.StalledException e) {
            bar.say("Given up. " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        try (Connection sql = database.connect()) {
            Account account = Account.of(lines.size(), sql);
            Report report = new Report(out, sql);
            report.print(account, kill);
            report.printSelects(where);
            out.println();
            out.println(
                    account.isRight()
                            ? "Right: each order was processed exactly once or is a dead letter."
                            : "WRONG: see the account above.");
            return account.isRight() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    private static boolean hasTerminal() {
        return Optional.ofNullable(System.console())
                .filter(Quickstart::isTerminal)
                .isPresent();
    }

    /** Up to Java 21 a Console is there only if there is a terminal; from 22 on it has to be asked. */
    private static boolean isTerminal(Console console) {
        if (Runtime.version().feature() < 22) {
            return true;
        }
        try {
            return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private void keep() throws InterruptedException {
        if (keepMinutes > 0) {
            out.println("PostgreSQL stays for " + keepMinutes + " minutes; Ctrl-C ends it.");
            TimeUnit.MINUTES.sleep(keepMinutes);
        } else {
            out.println("PostgreSQL ends now; with --keep it stays, so that you can try those statements.");
        }
    }

    private List<String> lines() throws IOException {
        if (input != null && !Files.isReadable(input)) {
            throw usage("The input " + input.toAbsolutePath() + " cannot be read");
        }
        List<String> lines = input == null ? sample() : Files.readAllLines(input);
        List<String> orders = lines.stream().filter(line -> !line.isBlank()).toList();
        if (orders.size() < SampleOrders.FEWEST) {
            throw usage("The input has " + orders.size() + " orders; " + SampleOrders.FEWEST
                    + " are needed for a process to be killed among them");
        }
        return orders;
    }

    static List<String> sample() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                Quickstart.class.getResourceAsStream(SampleOrders.RESOURCE), SampleOrders.RESOURCE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
