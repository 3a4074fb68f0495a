package io.sqlmq.benchmarks;

import io.sqlmq.benchmarks.peers.PeerBenchmarks;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DatabaseMetaData;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command: measures and prints. */
@Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        subcommands = PeerBenchmarks.class,
        description =
                "Measures sqlmq against hand-written JDBC on the same tables in the same run. Without --url it starts"
                        + " an embedded PostgreSQL with fsync on.")
public final class Benchmarks implements Callable<Integer> {

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Measure this server: jdbc:postgresql://host/database?user=…&password=…"
                    + " The role must be allowed to create schemas; what it is not allowed is left out and said.")
    private @Nullable String url;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "Only these scenarios, separated by commas.")
    private List<String> only = List.of();

    @Option(names = "--quick", description = "Short rounds, for a first look.")
    private boolean quick;

    @Option(names = "--list", description = "List the scenarios and end.")
    private boolean list;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Also write the report as Markdown.")
    private @Nullable Path markdown;

    @Spec
    private @Nullable CommandSpec spec;

    private Benchmarks() {}

    /** Runs the command and ends the JVM with its exit code: 0, 1 if something failed, 2 for wrong options. */
    public static void main(String... args) {
        System.exit(new CommandLine(new Benchmarks()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        PrintWriter out = command.getOut();
        List<Scenario> scenarios;
        try {
            scenarios = Scenarios.named(only);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        }
        if (list) {
            scenarios.forEach(scenario -> out.println(scenario.name() + ": " + scenario.description()));
            return 0;
        }
        Effort effort = quick ? Effort.QUICK : Effort.FULL;
        String given = url;
        try (Server server = given == null ? Server.start() : Server.at(given);
                Bench bench = new Bench(server, effort, command.getErr())) {
            Report report = new Report(title(bench));
            for (Scenario scenario : scenarios) {
                bench.say("Measuring " + scenario.name() + " …");
                report.add(scenario, scenario.run(bench));
            }
            out.println(report.text());
            out.flush();
            Path file = markdown;
            if (file != null) {
                Files.writeString(file, report.markdown());
            }
        }
        return 0;
    }

    private static String title(Bench bench) throws Exception {
        DatabaseMetaData server = bench.tables().admin().getMetaData();
        return Finding.number(
                "PostgreSQL %s, Java %s on %s, %d processors; fsync %s, synchronous_commit %s; medians of %d rounds of"
                        + " each side, run in turns.",
                server.getDatabaseProductVersion(),
                System.getProperty("java.version"),
                System.getProperty("os.name"),
                Runtime.getRuntime().availableProcessors(),
                bench.tables().text("SHOW fsync"),
                bench.tables().text("SHOW synchronous_commit"),
                bench.effort().rounds());
    }
}
