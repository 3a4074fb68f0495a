package io.sqlmq.job;

/**
 * How long jobs of one name take. Those that take long are leased before they begin: they would hold a connection for a while, and
 * then be leased all the same. Thread-safe; what it says is a guess.
 */
final class Pace {
    private static final long LONG_NANOS = 50_000_000;

    private volatile boolean isLong;

    boolean isLong() {
        return isLong;
    }

    /**
     * A job has run.
     *
     * @param leased whether it needed a lease
     */
    void took(long nanos, boolean leased) {
        boolean now = leased || nanos >= LONG_NANOS;
        if (now != isLong) {
            isLong = now;
        }
    }
}
