package io.sqlmq.benchmarks.peers;

/**
 * How much a round does.
 *
 * @param millis how long producers send that send as much as they can
 * @param share the part of the full number of messages, where a number is sent
 */
record Extent(long millis, double share) {

    /** For as long as is given. */
    Limit time() {
        return Limit.millis(millis);
    }

    /** The share of so many messages, a multiple of a thousand and at least that. */
    Limit messages(long full) {
        return Limit.messages(Math.max(1, Math.round(full * share / 1000)) * 1000);
    }
}
