package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.Quantile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A measured round, a line of the results. Amounts are per message (or request); what nobody can know is null.
 *
 * @param load the case of the scenario
 * @param number of the round, from 1
 * @param messages how many
 * @param perSecond how many a second
 * @param latencyMicros from before the send until the message is there, or until the reply is there: p50, p99, p999
 * @param cpuMicros CPU time by process
 * @param statements sent to PostgreSQL, without BEGIN, COMMIT and ROLLBACK
 * @param claims of these, those that look for messages to take
 * @param roundTrips to PostgreSQL
 * @param commits asked of PostgreSQL, also by round trips outside of transactions
 * @param writers transactions of PostgreSQL that wrote something
 * @param walBytes of PostgreSQL
 * @param byStatement what makes up the statements, the most frequent first
 * @param lost messages that did not come
 * @param doubled deliveries of what had come already
 * @param reordered messages that came after a later one of the same producer where there is one consumer, or a group
 * @param overtaken the same where several consumers share a queue, and what one gives back another may get late
 * @param lastToFirst what came in the last tenth of the round to what came in the first, in whole seconds; null for less than
 *     ten
 */
record Round(
        String scenario,
        String load,
        String peer,
        int number,
        long messages,
        double perSecond,
        Map<String, Long> latencyMicros,
        Map<String, Double> cpuMicros,
        @Nullable Double statements,
        @Nullable Double claims,
        @Nullable Double roundTrips,
        @Nullable Double commits,
        @Nullable Double writers,
        @Nullable Double walBytes,
        Map<String, Double> byStatement,
        long lost,
        long doubled,
        long reordered,
        long overtaken,
        @Nullable Double lastToFirst) {

    private static final int STATEMENTS = 16;

    /** Nothing was lost, doubled or reordered. */
    boolean correct() {
        return lost == 0 && doubled == 0 && reordered == 0;
    }

    /** Of all processes together. */
    double allCpuMicros() {
        return cpuMicros.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /** A line for who watches. */
    String text() {
        String text = String.format(
                Locale.ROOT,
                "%-14s %-13s %-8s %d: %,8.0f/s, p50 %,6d p99 %,7d µs, CPU %,6.0f µs %s",
                scenario,
                load,
                peer,
                number,
                perSecond,
                latencyMicros.getOrDefault("p50", 0L),
                latencyMicros.getOrDefault("p99", 0L),
                allCpuMicros(),
                rounded(cpuMicros));
        if (statements != null) {
            text += String.format(
                    Locale.ROOT,
                    ", statements %.2f, claims %.2f, round trips %.2f, commits %.2f, writers %.2f, WAL %,.0f",
                    statements,
                    claims,
                    roundTrips,
                    commits,
                    writers,
                    walBytes);
        }
        return text
                + (lastToFirst == null ? "" : String.format(Locale.ROOT, ", last tenth / first %.2f", lastToFirst))
                + (overtaken == 0 ? "" : ", " + overtaken + " overtaken")
                + (correct() ? "" : ", WRONG: " + lost + " lost, " + doubled + " doubled, " + reordered + " reordered");
    }

    private static Map<String, Long> rounded(Map<String, Double> values) {
        Map<String, Long> rounded = new TreeMap<>();
        values.forEach((name, value) -> rounded.put(name, Math.round(value)));
        return rounded;
    }

    /** See {@link #lastToFirst}. */
    static @Nullable Double lastToFirst(List<Long> bySecond) {
        int tenth = (bySecond.size() - 1) / 10; // the last second is not a whole one
        if (tenth == 0) {
            return null;
        }
        double first = bySecond.stream().limit(tenth).mapToLong(Long::longValue).sum();
        double last = bySecond.subList(bySecond.size() - 1 - tenth, bySecond.size() - 1).stream()
                .mapToLong(Long::longValue)
                .sum();
        return first == 0 ? null : last / first;
    }

    static Map<String, Long> quantiles(Micros micros) {
        double[] values = micros.all();
        Map<String, Long> quantiles = new LinkedHashMap<>();
        if (values.length > 0) {
            quantiles.put("p50", Math.round(Quantile.of(values, 0.5)));
            quantiles.put("p99", Math.round(Quantile.of(values, 0.99)));
            quantiles.put("p999", Math.round(Quantile.of(values, 0.999)));
        }
        return quantiles;
    }

    /** The most frequent statements, per message. */
    static Map<String, Double> frequent(Traffic.Amounts traffic, long messages) {
        Map<String, Double> frequent = new LinkedHashMap<>();
        traffic.statements().entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(STATEMENTS)
                .forEach(entry ->
                        frequent.put(entry.getKey(), Math.round(1000.0 * entry.getValue() / messages) / 1000.0));
        return frequent;
    }
}
