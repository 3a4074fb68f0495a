package io.sqlmq.engine.window;

import java.time.Duration;
import java.util.function.LongSupplier;

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

    /** For so long a group of acknowledgements may wait for what was claimed for it. */
    private static final long LATE_NANOS = 5_000_000;

    private final ClaimSize size;
    private final long groupedNanos;
    private final LongSupplier nanoTime;

    private boolean lastClaimFull;
    private boolean lastShared;
    private int eager;
    private long settledAt;
    private long handedAt;
    private long groupSince;

    ReceivePacing(ClaimSize size, Duration groupedWork) {
        this(size, groupedWork, System::nanoTime);
    }

    ReceivePacing(ClaimSize size, Duration groupedWork, LongSupplier nanoTime) {
        this.size = size;
        this.groupedNanos = groupedWork.toNanos();
        this.nanoTime = nanoTime;
    }

    /** How many to claim at once. */
    ClaimSize size() {
        return size;
    }

    /** The application asks for a message. Notes whether it keeps coming back quickly, so that claiming along with the acknowledge pays. */
    void returned() {
        if (settledAt != 0) {
            eager = nanoTime.getAsLong() - settledAt < EAGER_NANOS ? Math.min(eager + 1, 100) : 0;
            settledAt = 0;
        }
    }

    /**
     * A message was handed over.
     *
     * @param first whether nothing waits to be written
     */
    void handedOver(boolean first) {
        handedAt = nanoTime.getAsLong();
        if (first) {
            groupSince = handedAt;
        }
    }

    /** The application has worked on the last message until now. */
    void worked() {
        size.worked(nanoTime.getAsLong() - handedAt);
    }

    /** What was acknowledged has been written. */
    void settled() {
        settledAt = nanoTime.getAsLong();
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
     * Whether a group of acknowledgements has to be written before the next message is handed over. The commit lets go what is left,
     * which has to be claimed once more, in the slow way; so that a thread that had to wait for a processor does not cause this, a
     * group may be late while what is left is little work.
     *
     * @param left how many of what was claimed have not been handed over
     */
    boolean isGroupDue(int left) {
        long late = nanoTime.getAsLong() - groupSince - groupedNanos;
        return left == 0 ? !lastClaimFull || late >= 0 : late >= LATE_NANOS || (late >= 0 && !size.isForOneGroup(left));
    }
}
