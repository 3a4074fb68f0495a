package io.sqlmq.benchmarks;

/**
 * How much a run does.
 *
 * @param rounds measured rounds of each side of a comparison
 * @param warmUps rounds before them that do not count
 * @param share the part of the full number of messages and seconds
 * @param patient whether to wait for what takes its time, such as pools that close idle connections
 */
record Effort(int rounds, int warmUps, double share, boolean patient) {

    /** For published numbers. */
    static final Effort FULL = new Effort(7, 2, 1, true);

    /** For a first look. */
    static final Effort QUICK = new Effort(3, 1, 0.2, true);

    /** Only shows that everything runs. */
    static final Effort TINY = new Effort(1, 0, 0.002, false);

    /** A share of {@code full} messages, a multiple of {@code unit} and at least one unit. */
    int messages(int full, int unit) {
        return Math.max(1, (int) Math.round(full * share / unit)) * unit;
    }

    /** A share of {@code full} seconds, in milliseconds, at least 200. */
    long millis(int fullSeconds) {
        return Math.max(200, Math.round(fullSeconds * 1000 * share));
    }

    /** How long to wait for something to settle, in milliseconds. */
    long settling(int seconds) {
        return patient ? seconds * 1000L : 100;
    }
}
