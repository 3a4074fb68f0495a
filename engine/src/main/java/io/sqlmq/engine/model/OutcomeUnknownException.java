package io.sqlmq.engine.model;

import java.sql.SQLException;

/** The connection broke while a COMMIT was on its way, and the database could not be asked what became of it. */
public final class OutcomeUnknownException extends SQLException {
    private static final long serialVersionUID = 1L;

    public OutcomeUnknownException(String message, SQLException cause) {
        super(message, cause.getSQLState(), cause);
    }
}
