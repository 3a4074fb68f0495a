package io.sqlmq.engine.send;

import java.util.concurrent.TimeUnit;

/**
 * When a {@link GroupCommit} flushes next. While a flush is short, two may be on their way, so that one is prepared while the
 * other one is written. Where it takes long, which is the disk's doing, one flush carries all senders: two in turns would
 * each wait for the disk for half of them. Then those whom a flush has just released are waited for, for a part of the time
 * that a flush takes. Times are of {@link System#nanoTime}. Guarded by the group's lock.
 */
final class GroupCommitPolicy {

    private static final long LONG_NANOS = TimeUnit.MICROSECONDS.toNanos(700);
    /** Flushes of more take their time whatever the disk does, and two share the server's processors. */
    private static final long LARGE_BYTES = 64 << 10;

    private static final int SMOOTHING = 8;
    private static final int PATIENCE = 4;

    private int flushes;
    /** Calls that are being flushed. */
    private int underway;
    /** How many calls were waiting or under way when the last flush ended. */
    private int senders;
    /** How long a flush takes that is not large, a running average. */
    private long flushNanos;

    private long lastEnd;

    /** Whether there is room for another flush; the end of one that is on its way makes it in any case. */
    boolean mayFlush(int waiting) {
        return flushes == 0 || (flushes == 1 && !isLong() && 2 * waiting >= senders);
    }

    /** Until when a flush waits for more senders than those who are waiting; 0: it does not. */
    long gathersUntil(int waiting, long now) {
        if (!isLong() || waiting >= senders) {
            return 0;
        }
        long until = lastEnd + flushNanos / PATIENCE;
        return until - now > 0 ? until : 0;
    }

    private boolean isLong() {
        return flushNanos > LONG_NANOS;
    }

    void begins(int calls) {
        flushes++;
        underway += calls;
    }

    /**
     * A flush has ended.
     *
     * @param bytes how much it wrote
     * @param nanos how long it took
     * @param waiting calls that are waiting now
     */
    void ends(int calls, long bytes, long nanos, int waiting, long now) {
        senders = underway + waiting;
        flushes--;
        underway -= calls;
        lastEnd = now;
        flushNanos += ((bytes > LARGE_BYTES ? 0 : nanos) - flushNanos) / SMOOTHING;
    }
}
