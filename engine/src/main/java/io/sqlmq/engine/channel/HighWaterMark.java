package io.sqlmq.engine.channel;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How far the claims of a cursor have come, for each rank, so that the consumers of a crowd do not all begin at the same
 * message and pass over what the others are about to lock. A claim of n messages takes all of the n numbers from where it
 * begins on; the next one may begin behind them, before the first has come back. Thread-safe, without locks: what is wrong
 * for a moment is left to the next claim that looks everywhere.
 */
final class HighWaterMark {

    private static final int RANKS = 10;
    /** Claims that are on their way are not older than this. */
    private static final long UNDERWAY_NANOS = 50_000_000;

    /** Where the next claim may begin, 0 when unknown. */
    private final AtomicLongArray next = new AtomicLongArray(RANKS);
    /** The same when everything was looked at last. */
    private final AtomicLongArray lastLook = new AtomicLongArray(RANKS);
    /** And the time before. No claim is on its way any more that began before that. */
    private final AtomicLongArray lookBefore = new AtomicLongArray(RANKS);

    private volatile long lookedAt;

    /** The number from which on this process has claimed nothing, 0 when unknown. */
    long from(int rank) {
        return next.get(rank);
    }

    /** A claim of so many messages begins. Returns the number where. */
    long claims(int rank, long from, int limit) {
        return Math.max(from, next.getAndUpdate(rank, number -> Math.max(from, number) + limit));
    }

    void claimed(int rank, long number) {
        next.accumulateAndGet(rank, number + 1, Math::max);
    }

    /** Begins anew: rows were let go, or there are no more. */
    void forget() {
        for (int rank = 0; rank < RANKS; rank++) {
            next.set(rank, 0);
        }
    }

    /** A claim looks everywhere. */
    void looksEverywhere(long now) {
        if (now - lookedAt > UNDERWAY_NANOS) {
            lookedAt = now;
            for (int rank = 0; rank < RANKS; rank++) {
                lookBefore.set(rank, lastLook.get(rank));
                lastLook.set(rank, next.get(rank));
            }
        }
    }

    /** Whether claims further on have left this message. */
    boolean isBehind(int rank, long number) {
        return number < lookBefore.get(rank);
    }
}
