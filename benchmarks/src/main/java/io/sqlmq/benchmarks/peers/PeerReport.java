package io.sqlmq.benchmarks.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables and plots of docs/performance.md, made of the results. */
final class PeerReport {

    private static final String BEGIN = "<!-- peers: made by `benchmarks peers --docs` -->";
    private static final String END = "<!-- end of peers -->";
    private static final List<Peer> OWN = List.of(Peer.SQLMQ, Peer.SQLMQ_TWO);
    private static final List<Peer> FILES = List.of(Peer.KAHADB, Peer.ARTEMIS);
    private static final List<Peer> STORES = List.of(Peer.CLASSIC_JDBC, Peer.ARTEMIS_JDBC);

    private final List<Standing> standings;
    private final Map<List<String>, Goal> goals;

    PeerReport(List<Round> rounds) {
        standings = Standing.of(rounds);
        goals = PeerScenarios.ALL.stream()
                .flatMap(scenario -> scenario.loads().apply(new Extent(1, 1)).stream()
                        .map(load -> Map.entry(List.of(scenario.name(), load.name()), load.goal())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Writes the tables into the page between two marks, and the plots beside it. */
    void write(Path docs) throws IOException {
        Path page = docs.resolve("performance.md");
        String text = Files.readString(page);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(page + " has no place for the tables: " + BEGIN + " and, later, " + END);
        }
        Files.writeString(
                page, text.substring(0, begin + BEGIN.length()) + "\n\n" + tables() + "\n" + text.substring(end));
        Path plots = Files.createDirectories(docs.resolve("performance"));
        Files.writeString(
                plots.resolve("rates.svg"),
                chart("Rate, the better broker with its own files = 1", Standing::rate)
                        .svg());
        Files.writeString(
                plots.resolve("cpu.svg"),
                chart("CPU time per message, the broker that needs less = 1", Standing::cpu)
                        .svg());
    }

    /** Markdown. */
    String tables() {
        List<List<String>> main = new ArrayList<>();
        List<List<String>> cost = new ArrayList<>();
        List<List<String>> database = new ArrayList<>();
        for (Standing standing : standings) {
            Goal goal = goals.getOrDefault(List.of(standing.scenario(), standing.load()), Goal.NONE);
            boolean judged = standing.has(Peer.SQLMQ) && FILES.stream().allMatch(standing::has);
            String verdict = !goal.isSet() || !judged ? "" : goal.isMet().test(standing) ? "met" : "missed";
            main.add(List.of(
                    standing.scenario(),
                    standing.load(),
                    each(OWN, standing, standing::rate),
                    each(FILES, standing, standing::rate),
                    ratio(standing.ratio()),
                    goal.text(),
                    verdict,
                    each(STORES, standing, standing::rate),
                    ratio(standing.ratioToStores())));
            cost.add(List.of(
                    standing.scenario(),
                    standing.load(),
                    each(OWN, standing, standing::cpu),
                    each(FILES, standing, standing::cpu),
                    each(STORES, standing, standing::cpu),
                    quantiles(OWN, standing),
                    quantiles(FILES, standing),
                    quantiles(STORES, standing)));
            for (Peer peer : OWN) {
                if (standing.has(peer)) {
                    database.add(List.of(
                            standing.scenario(),
                            standing.load(),
                            peer.label(),
                            amount(standing.median(peer, round -> known(round.statements()))),
                            amount(standing.median(peer, round -> known(round.claims()))),
                            amount(standing.median(peer, round -> known(round.roundTrips()))),
                            amount(standing.median(peer, round -> known(round.commits()))),
                            amount(standing.median(peer, round -> known(round.writers()))),
                            number(standing.median(peer, round -> known(round.walBytes())))));
                }
            }
        }
        String correct = standings.stream().allMatch(Standing::correct)
                ? "Nothing was lost, doubled or reordered in any round."
                : "In some rounds messages were lost, doubled or reordered: "
                        + standings.stream()
                                .filter(standing -> !standing.correct())
                                .map(standing -> standing.scenario() + " (" + standing.load() + ")")
                                .collect(Collectors.joining(", "))
                        + ".";
        return correct
                + "\n\nPer second; \"ratio\" is sqlmq in one process to the better broker.\n\n"
                + table(
                        List.of(
                                "",
                                "",
                                "sqlmq, one process / two",
                                "KahaDB / Artemis",
                                "ratio",
                                "wanted",
                                "",
                                "JDBC stores, Classic / Artemis",
                                "ratio"),
                        main)
                + "\n![rates](performance/rates.svg)\n\n"
                + "CPU time of all processes per message, and latency (p50 / p99 / p99.9), in microseconds.\n\n"
                + table(
                        List.of(
                                "",
                                "",
                                "CPU: sqlmq, one / two",
                                "KahaDB / Artemis",
                                "JDBC stores",
                                "latency: sqlmq",
                                "KahaDB; Artemis",
                                "JDBC stores"),
                        cost)
                + "\n![CPU](performance/cpu.svg)\n\n"
                + "What PostgreSQL does per message for sqlmq. Statements are without BEGIN, COMMIT and ROLLBACK; writers are"
                + " transactions that wrote something; WAL is in bytes.\n\n"
                + table(
                        List.of("", "", "", "statements", "claims", "round trips", "commits", "writers", "WAL"),
                        database);
    }

    private BarChart chart(String title, BiFunction<Standing, Peer, Double> value) {
        boolean less = !title.startsWith("Rate");
        List<BarChart.Row> rows = new ArrayList<>();
        for (Standing standing : standings) {
            double one = FILES.stream()
                    .filter(standing::has)
                    .mapToDouble(peer -> value.apply(standing, peer))
                    .reduce(less ? Math::min : Math::max)
                    .orElse(Double.NaN);
            List<Double> bars = new ArrayList<>();
            for (Peer peer : Peer.values()) {
                bars.add(standing.has(peer) ? value.apply(standing, peer) / one : Double.NaN);
            }
            if (!Double.isNaN(one)) {
                rows.add(new BarChart.Row(standing.scenario() + ", " + standing.load(), bars));
            }
        }
        List<String> series = new ArrayList<>();
        for (Peer peer : Peer.values()) {
            series.add(peer.label());
        }
        return new BarChart(title, series, rows);
    }

    private static double known(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }

    private static String each(List<Peer> peers, Standing standing, Function<Peer, Double> value) {
        return peers.stream().anyMatch(standing::has)
                ? peers.stream()
                        .map(peer -> standing.has(peer) ? number(value.apply(peer)) : "–")
                        .collect(Collectors.joining(" / "))
                : "";
    }

    private static String quantiles(List<Peer> peers, Standing standing) {
        return peers.stream()
                .filter(standing::has)
                .map(peer -> number(standing.micros(peer, "p50")) + " / " + number(standing.micros(peer, "p99")) + " / "
                        + number(standing.micros(peer, "p999")))
                .collect(Collectors.joining("; "));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String amount(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static String ratio(double value) {
        return Double.isNaN(value) ? "" : amount(value);
    }

    private static String table(List<String> head, List<List<String>> rows) {
        StringBuilder table = new StringBuilder(line(head));
        table.append("|---".repeat(head.size())).append("|\n");
        rows.forEach(row -> table.append(line(row)));
        return table.toString();
    }

    private static String line(List<String> cells) {
        return cells.stream()
                .map(cell -> " " + cell + " ")
                .collect(Collectors.joining("|", "|", "|\n"))
                .replace("|  |", "| |");
    }
}
