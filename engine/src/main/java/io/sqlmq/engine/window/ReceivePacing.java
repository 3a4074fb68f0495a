package io.sqlmq.engine.window;

import java.time.Duration;

/**
 * How the application goes through a window: how quickly it comes back for the next message, how long it works on one,
 * and whether more is to be expected in the queue. Guarded by the window's lock.
 */
final class ReceivePacing {

    /** After so many quick returns to the queue the next message is claimed along with an acknowledge. */
    private static final int EAGER_AFTER = 4;

    /** After so many more if that was in vain. */
    private static final int EAGER_AGAIN_AFTER = 12;

    private static final long EAGER_NANOS = 2_000_000;

    private final ClaimSize size;
    private final long groupedNanos;

    private boolean lastClaimFull;
    private boolean lastShared;
    private int eager;
    private long settledAt;
    private long handedAt;
    private long groupSince;

    ReceivePacing(ClaimSize size, Duration groupedWork) {
        this.size = size;
        this.groupedNanos = groupedWork.toNanos();
    }

    /** How many to claim at once. */
    ClaimSize size() {
        return size;
    }

    /** The application asks for a message. Notes whether it keeps coming back quickly, so that claiming along with the acknowledge pays. */
    void returned() {
        if (settledAt != 0) {
            eager = System.nanoTime() - settledAt < EAGER_NANOS ? Math.min(eager + 1, 100) : 0;
            settledAt = 0;
        }
    }

    /**
     * A message was handed over.
     *
     * @param first whether nothing waits to be written
     */
    void handedOver(boolean first) {
        handedAt = System.nanoTime();
        if (first) {
            groupSince = handedAt;
        }
    }

    /** The application has worked on the last message until now. */
    void worked() {
        size.worked(System.nanoTime() - handedAt);
    }

    /** What was acknowledged has been written. */
    void settled() {
        settledAt = System.nanoTime();
    }

    /** Nothing was there to claim along with an acknowledge: it is not done again so soon. */
    void claimedInVain() {
        eager = -EAGER_AGAIN_AFTER;
    }

    /** The application has stopped receiving: how quickly it came back before says nothing any more. */
    void interrupted() {
        settledAt = 0;
        eager = 0;
    }

    /** A claim brought something, or not. */
    void claimed(boolean full) {
        lastClaimFull = full;
    }

    /** Whether the last claim brought as many as it asked for, so that there may be more. */
    boolean expectsMore() {
        return lastClaimFull;
    }

    /**
     * A transaction of the application has ended.
     *
     * @param shared whether the application had taken its connection
     */
    void ended(boolean shared) {
        lastShared = shared;
    }

    /** Whether the application is expected to take the connection after the next message. */
    boolean expectsSharing() {
        return lastShared;
    }

    boolean isEager() {
        return eager >= EAGER_AFTER;
    }

    /**
     * Whether a group of acknowledgements has to be written before the next message is handed over.
     *
     * @param nothingLeft whether all that was claimed has been handed over
     */
    boolean isGroupDue(boolean nothingLeft) {
        return (nothingLeft && !lastClaimFull) || System.nanoTime() - groupSince >= groupedNanos;
    }
}
