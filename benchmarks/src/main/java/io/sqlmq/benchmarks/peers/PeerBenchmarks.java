package io.sqlmq.benchmarks.peers;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** The command that measures sqlmq and brokers in turns. */
@Command(
        name = "peers",
        mixinStandardHelpOptions = true,
        description = "Measures sqlmq against brokers, each in its own process on this machine, in interleaved rounds.")
public final class PeerBenchmarks implements Callable<Integer> {

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "PostgreSQL to use: jdbc:postgresql://host/database?user=…&password=… Without it, one is"
                    + " started, with its own settings and fsync on.")
    private @Nullable String url;

    @Option(names = "--only", split = ",", paramLabel = "NAME", description = "Only these scenarios.")
    private List<String> only = List.of();

    @Option(names = "--peers", split = ",", paramLabel = "PEER", description = "Only these peers.")
    private List<String> peers = List.of();

    @Option(names = "--rounds", description = "Measured rounds of each case and peer; default ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(names = "--seconds", description = "How long producers send in a round; default ${DEFAULT-VALUE}.")
    private int seconds = 5;

    @Option(
            names = "--share",
            description = "The part of the full number of messages, where a number is sent; default ${DEFAULT-VALUE}.")
    private double share = 1;

    @Option(
            names = "--warm-up",
            description =
                    "Rounds of each case and peer before them that do not count, at least; default ${DEFAULT-VALUE}.")
    private int warmUp = 2;

    @Option(
            names = "--most-warm-up",
            description = "The same at most, while the peer's JVMs are busy compiling; default ${DEFAULT-VALUE}.")
    private int mostWarmUp = 10;

    @Option(names = "--json", paramLabel = "FILE", description = "Append each round as a line of JSON.")
    private @Nullable Path json;

    @Option(
            names = "--docs",
            paramLabel = "DIR",
            description = "Write the medians of all lines of --json into performance.md there, and plots beside it.")
    private @Nullable Path docs;

    @Option(names = "--no-run", description = "Measure nothing, with --docs.")
    private boolean noRun;

    @Option(names = "--list", description = "List scenarios and peers, and end.")
    private boolean list;

    @Spec
    private @Nullable CommandSpec spec;

    /** The part of the time that the compilers of a warm peer's JVMs are at work, at most. */
    private static final double WARM = 0.1;

    private final Arena arena = new Arena();
    private final JsonMapper mapper = JsonMapper.builder().build();

    private PeerBenchmarks() {}

    /** The exit code: 0, or 1 if messages were lost, doubled or reordered. */
    @Override
    public Integer call() throws Exception {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        PrintWriter out = command.getOut();
        List<PeerScenario> scenarios;
        List<Peer> measured;
        try {
            scenarios = PeerScenarios.named(only);
            measured = peers.isEmpty()
                    ? List.of(Peer.values())
                    : peers.stream().map(Peer::of).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        }
        if (list) {
            scenarios.forEach(scenario -> out.println(scenario.name() + ": " + scenario.description()));
            out.println(Arrays.stream(Peer.values()).map(Peer::label).collect(Collectors.joining(", ", "Peers: ", "")));
            return 0;
        }
        boolean correct = noRun || run(scenarios, measured, out);
        Path results = json;
        Path pages = docs;
        if (results != null && pages != null) {
            new PeerReport(read(results)).write(pages);
        }
        return correct ? 0 : 1;
    }

    private boolean run(List<PeerScenario> scenarios, List<Peer> measured, PrintWriter out) throws Exception {
        boolean correct = true;
        try (Ground ground = new Ground(url)) {
            List<Site> sites = new ArrayList<>();
            for (Peer peer : measured) {
                sites.add(peer.open(ground));
            }
            for (PeerScenario scenario : scenarios) {
                correct &= measure(scenario, sites, out);
            }
        }
        return correct;
    }

    private boolean measure(PeerScenario scenario, List<Site> sites, PrintWriter out) throws Exception {
        boolean correct = true;
        int cases = scenario.loads().apply(new Extent(1, 1)).size();
        for (int index = 0; index < cases; index++) {
            correct &= warmUp(scenario, index, sites, out);
            for (int number = 1; number <= rounds; number++) {
                for (Site site : sites) {
                    Load load = load(scenario, index, site);
                    if (number <= rounds(load, site) && site.takes(load.disturbance())) {
                        Round round = arena.round(scenario, load, site, number);
                        correct &= round.correct();
                        print(round, out);
                    }
                }
            }
        }
        return correct;
    }

    /** In turns, as what is measured. Rates grow until what runs often is compiled, which takes some peers longer than others. */
    private boolean warmUp(PeerScenario scenario, int index, List<Site> sites, PrintWriter out) throws Exception {
        boolean correct = true;
        Set<Site> cold = new HashSet<>(sites);
        int most = warmUp == 0 ? 0 : Math.max(warmUp, mostWarmUp);
        for (int number = 1 - most; number <= 0; number++) {
            for (Site site : sites) {
                Load load = load(scenario, index, site);
                if (!cold.contains(site) || load.disturbance() != Disturbance.NONE) {
                    continue;
                }
                long began = System.nanoTime();
                long compiled = site.compileMillis();
                Round round = arena.round(scenario, load, site, number);
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
                if (number + most >= warmUp && site.compileMillis() - compiled < WARM * millis) {
                    cold.remove(site);
                }
                if (!round.correct()) {
                    correct = false;
                    print(round, out);
                }
            }
        }
        return correct;
    }

    private Load load(PeerScenario scenario, int index, Site site) {
        Extent extent = new Extent(seconds * 1000L, share * site.peer().share());
        return scenario.loads().apply(extent).get(index);
    }

    private void print(Round round, PrintWriter out) throws IOException {
        out.println(round.text());
        out.flush();
        write(round);
    }

    /** As many as are asked for where something is wanted of sqlmq, else one. */
    private int rounds(Load load, Site site) {
        boolean wanted = load.goal().isSet() && site.peer().share() == 1;
        return wanted ? rounds : Math.min(1, rounds);
    }

    private List<Round> read(Path file) throws IOException {
        List<Round> read = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            read.add(mapper.readValue(line, Round.class));
        }
        return read;
    }

    private void write(Round round) throws IOException {
        Path file = json;
        if (file != null) {
            try (BufferedWriter lines =
                    Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                lines.write(mapper.writeValueAsString(round));
                lines.newLine();
            }
        }
    }
}
