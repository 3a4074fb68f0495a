package io.sqlmq.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One line of the report.
 *
 * @param scenario the name it is selected by
 * @param what the case
 * @param measured through JMS
 * @param against what it is compared with
 * @param value what is judged: a ratio, or an amount in the unit that {@code what} names
 * @param target what it must reach, or null
 * @param usage WAL and CPU per message, ours / theirs, or empty
 */
record Finding(
        String scenario,
        String what,
        String measured,
        String against,
        double value,
        @Nullable Target target,
        String usage) {

    /** A rate through JMS against the rate by hand. */
    static Finding rate(String scenario, String what, Comparison comparison, @Nullable Target target) {
        return new Finding(
                scenario,
                what,
                rate(comparison.ours()),
                rate(comparison.byHand()),
                comparison.ratio(),
                target,
                usage(comparison));
    }

    private static String rate(List<Measurement> rounds) {
        return number("%,.0f/s", Comparison.median(rounds, Measurement::perSecond));
    }

    static String usage(Comparison comparison) {
        String wal = pair(comparison, Measurement::walBytes, "%,.0f");
        String client = pair(comparison, Measurement::clientMicros, "%,.1f");
        boolean serverKnown = comparison.ours().get(0).usage().serverNanos() >= 0;
        String server = serverKnown ? pair(comparison, Measurement::serverMicros, "%,.1f") : "unknown";
        return "WAL " + wal + " B, server " + server + " µs, client " + client + " µs";
    }

    private static String pair(Comparison comparison, ToDoubleFunction<Measurement> value, String format) {
        return number(format, Comparison.median(comparison.ours(), value)) + " / "
                + number(format, Comparison.median(comparison.byHand(), value));
    }

    static String number(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    String verdict() {
        Target wanted = target;
        return wanted == null ? "" : wanted.isMetBy(value) ? "yes" : "NO";
    }
}
