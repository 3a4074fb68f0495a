package io.sqlmq.engine.model;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Work in batches, each a transaction, has ended before all was done: one has failed, or the thread was interrupted. */
public final class PartlyDoneException extends SQLException {
    /** query_canceled. */
    private static final String CANCELED = "57014";

    private static final long serialVersionUID = 1L;

    private final long done;
    private final @Nullable SQLException failure;

    /**
     * After so many messages.
     *
     * @param failure of a batch; null if the thread was interrupted
     */
    public PartlyDoneException(long done, @Nullable SQLException failure) {
        super(
                failure == null ? "The thread was interrupted" : failure.getMessage(),
                failure == null ? CANCELED : failure.getSQLState(),
                failure);
        this.done = done;
        this.failure = failure;
    }

    /** How many messages it was done to. */
    public long done() {
        return done;
    }

    /** Null if the thread was interrupted. */
    public @Nullable SQLException failure() {
        return failure;
    }
}
