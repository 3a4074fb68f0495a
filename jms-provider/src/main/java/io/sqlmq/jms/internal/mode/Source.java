package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.model.Delivery;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Where a consumer's messages come from: one channel, or several. Thread-safe. */
public interface Source {

    /** Where the wake-ups stood when it was made. The sound way to wait: make a mark, look, and wait for the mark to be passed. */
    interface Mark {
        /**
         * Waits until there may be something new since the mark.
         *
         * @param nanos how long at most
         * @return false when the time is over or the source was closed
         */
        boolean await(long nanos) throws InterruptedException;

        /** Runs {@code callback} once, as soon as there may be something new since the mark. It must not block. */
        void onSignal(Runnable callback);
    }

    Mark mark();

    /** Whether a look would find nothing. */
    boolean knownEmpty(WindowMode mode);

    /** Whether a first look may be left out, because whoever waits has others look for many together. */
    boolean looksWhenWaiting(WindowMode mode);

    /**
     * Takes the next message, or null when there is none now.
     *
     * @param afresh false: where the last look found nothing, and no wake-up came since, none is needed
     */
    @Nullable
    Delivery take(SessionMode mode, boolean afresh) throws SQLException;

    /** Whether somebody is about to look here; a mark says so too. Consumers of lower priority then leave messages to it. */
    void looks(boolean now);

    /** A wake-up that was for this source is for others: it cannot be followed now. */
    void passOn();

    /** Lets go what the mode has claimed for this source and nobody has seen. */
    void releaseUnseen(WindowMode mode);

    /** Refuses to find nothing because the database is away. */
    void checkReachable() throws SQLException;

    boolean isFrom(String channel);

    /** Ends every wait. Idempotent. */
    void close();
}
