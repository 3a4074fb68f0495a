package io.sqlmq.boot;

import org.jspecify.annotations.Nullable;

/** sqlmq cannot start, for a reason that a user can do something about. */
final class SqlmqStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String action;

    /**
     * @param description what is wrong
     * @param action what to do about it
     */
    SqlmqStartException(String description, String action, @Nullable Throwable cause) {
        super(description, cause);
        this.action = action;
    }

    String action() {
        return action;
    }
}
