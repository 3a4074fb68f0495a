package io.sqlmq.job;

import org.jspecify.annotations.Nullable;

/** Something about jobs could not be done; the cause tells what the database or the payload had to do with it. */
public class JobException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a cause. */
    public JobException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
