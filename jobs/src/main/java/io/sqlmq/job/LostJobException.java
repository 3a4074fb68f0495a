package io.sqlmq.job;

import org.jspecify.annotations.Nullable;

/**
 * The job is not this handler's any more: its process was frozen or without a database for longer than a lease lasts, or the
 * runner was stopped, and somebody else may do it. What the handler has not committed it should roll back.
 */
public final class LostJobException extends JobException {
    private static final long serialVersionUID = 1L;

    /** With a cause. */
    public LostJobException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
