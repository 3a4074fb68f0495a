package io.sqlmq.engine;

/**
 * A consumer's interest in one channel: where it waits without a connection or thread of its own. Creating and closing
 * one costs no SQL.
 *
 * <p>The sound way to wait: read {@link #mark()}, look ({@link Window#next}), and only if nothing was found wait for
 * that mark to be passed.
 */
public final class ChannelConsumer implements AutoCloseable {

    public String channel() {
        throw new AssertionError("contract");
    }

    /** Where the channel's wake-ups stand; read before looking. */
    public long mark() {
        throw new AssertionError("contract");
    }

    /**
     * Waits until there may be something new since {@code mark}.
     *
     * @param nanos how long at most; 0 or less returns at once
     * @return false when the time is over or this consumer was closed
     */
    public boolean await(long mark, long nanos) throws InterruptedException {
        throw new AssertionError("contract");
    }

    /**
     * Runs {@code callback} once, as soon as there may be something new since {@code mark} (perhaps before this method
     * returns), on an engine thread or the calling one. It must not block. Never called after {@link #close()}.
     */
    public void onSignal(long mark, Runnable callback) {
        throw new AssertionError("contract");
    }

    /**
     * True when the last look found nothing and every wake-up since would have been noticed, so that looking again
     * before waiting a while would be for nothing.
     */
    public boolean knownEmpty() {
        throw new AssertionError("contract");
    }

    /** Ends every wait on this consumer. Idempotent. */
    @Override
    public void close() {
        throw new AssertionError("contract");
    }
}
