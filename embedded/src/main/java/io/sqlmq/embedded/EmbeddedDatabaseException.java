package io.sqlmq.embedded;

import org.jspecify.annotations.Nullable;

/** An embedded or test database could not be prepared, started or stopped. The message says why and what helps. */
public final class EmbeddedDatabaseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    EmbeddedDatabaseException(String message) {
        super(message);
    }

    EmbeddedDatabaseException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
