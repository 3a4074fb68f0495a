package io.sqlmq.benchmarks.peers;

import java.io.Serializable;

/**
 * When producers end: what comes first.
 *
 * @param millis after so long
 * @param messages or after so many of all together
 */
record Limit(long millis, long messages) implements Serializable {

    static Limit millis(long millis) {
        return new Limit(millis, Long.MAX_VALUE);
    }

    static Limit messages(long messages) {
        return new Limit(600_000, messages);
    }

    /** The moment of the end for somebody who begins now, by System.nanoTime. */
    long end() {
        return System.nanoTime() + millis * 1_000_000;
    }

    /** How many each of several sends at most. */
    long each(int producers) {
        return messages / producers;
    }
}
