package io.sqlmq.engine.model;

import java.sql.SQLException;

/** An acknowledge came after the message had been given to somebody else. What else it covered is acknowledged. */
public final class LeaseLostException extends SQLException {
    private static final long serialVersionUID = 1L;

    public LeaseLostException(String message) {
        super(message);
    }
}
