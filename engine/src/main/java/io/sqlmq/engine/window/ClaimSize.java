package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.ChannelConsumer;
import java.time.Duration;

/**
 * How many messages a window claims at once: what the application is likely to use before the window ends, so that few
 * rows are locked unseen. Guarded by its window.
 */
final class ClaimSize {

    private static final int CLAIM_BYTES = 4 << 20;

    /**
     * Each claim steps over what its transaction holds. Where that is much, a claim is for such a part of it, so that all claims
     * together step over a few times as many rows as there are, not over the square of them.
     */
    private static final int LARGE_PART = 2;

    private final Window.Mode mode;
    private final int most;
    private final long groupedNanos;

    private double messagesPerEnd = 1;
    private double nanosPerMessage;
    private double bytesPerMessage = 1024;
    private boolean failuresAround;

    ClaimSize(Window.Mode mode, int most, Duration groupedWork) {
        this.mode = mode;
        this.most = most;
        this.groupedNanos = groupedWork.toNanos();
    }

    /**
     * For the next claim.
     *
     * @param handed how many the open transaction has handed over already
     * @param ordered how many the consumer has asked for, or {@link ChannelConsumer#AS_NEEDED}
     */
    int next(int handed, int ordered) {
        if (failuresAround) {
            return 1;
        }
        if (ordered != ChannelConsumer.AS_NEEDED) {
            return atMost(ordered, most);
        }
        double wanted = switch (mode) {
            case EACH, INDIVIDUAL -> 1;
            case GROUPED -> oneGroup();
            // When more are asked for than last time, double.
            case TRANSACTED, CLIENT -> handed < messagesPerEnd ? messagesPerEnd - handed : handed;
        };
        return atMost(wanted, Math.max(most, handed / LARGE_PART));
    }

    private double oneGroup() {
        return nanosPerMessage == 0 ? 1 : groupedNanos / nanosPerMessage;
    }

    /** Whether so many are no more work than may be acknowledged together. */
    boolean isForOneGroup(int messages) {
        return messages <= oneGroup();
    }

    private int atMost(double wanted, int messages) {
        return (int) Math.max(1, Math.min(Math.min(wanted, messages), CLAIM_BYTES / bytesPerMessage));
    }

    /** A claim brought messages. */
    void claimed(int messages, long bytes, boolean anyFailed) {
        failuresAround = anyFailed;
        if (messages > 0) {
            bytesPerMessage = average(bytesPerMessage, Math.max(256, (double) bytes / messages));
        }
    }

    /** What a claim brought was more than the heap can hold: one message at a time, until they are known to be smaller. */
    void tooMuch() {
        bytesPerMessage = CLAIM_BYTES;
    }

    /** The window ended by acknowledging so many messages. */
    void ended(int messages) {
        if (messages > 0) {
            messagesPerEnd = messages > messagesPerEnd ? messages : average(messagesPerEnd, messages);
        }
    }

    /** The application worked so long on one message. */
    void worked(long nanos) {
        nanosPerMessage = Math.max(1, average(nanosPerMessage, (double) nanos));
    }

    private static double average(double old, double sample) {
        return old == 0 ? sample : old * 0.8 + sample * 0.2;
    }
}
