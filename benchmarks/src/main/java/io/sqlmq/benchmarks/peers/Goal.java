package io.sqlmq.benchmarks.peers;

import java.util.Locale;
import java.util.function.Predicate;

/**
 * What sqlmq must reach in a case.
 *
 * @param text as the report says it
 * @param isMet by the medians of all peers
 */
record Goal(String text, Predicate<Standing> isMet) {

    /** No better or worse than it happens to be. */
    static final Goal NONE = new Goal("", standing -> true);

    /** Whether there is one. */
    boolean isSet() {
        return !text.isEmpty();
    }

    /** So many times the rate of the better broker. */
    static Goal ratio(double atLeast) {
        return new Goal(String.format(Locale.ROOT, "≥ %s", atLeast), standing -> standing.ratio() >= atLeast);
    }

    /** The median no later than Artemis's, and the 99th percentile no later than the earlier broker's. */
    static Goal latency() {
        return new Goal(
                "p50 ≤ Artemis's, p99 ≤ the better",
                standing -> standing.micros(Peer.SQLMQ, "p50") <= standing.micros(Peer.ARTEMIS, "p50")
                        && standing.micros(Peer.SQLMQ, "p99")
                                <= Math.min(standing.micros(Peer.ARTEMIS, "p99"), standing.micros(Peer.KAHADB, "p99")));
    }

    /** The median and the 99th percentile at most so late. */
    static Goal micros(long p50, long p99) {
        return new Goal(
                String.format(Locale.ROOT, "p50 ≤ %d ms, p99 ≤ %d ms", p50 / 1000, p99 / 1000),
                standing -> standing.micros(Peer.SQLMQ, "p50") <= p50 && standing.micros(Peer.SQLMQ, "p99") <= p99);
    }
}
