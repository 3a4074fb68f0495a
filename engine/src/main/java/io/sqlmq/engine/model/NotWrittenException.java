package io.sqlmq.engine.model;

import java.sql.SQLException;

/** The connection broke, and it is certain that nothing was committed: it can be written again. */
public final class NotWrittenException extends Exception {

    private static final long serialVersionUID = 1L;

    public final SQLException reason;

    public NotWrittenException(SQLException reason) {
        super(reason);
        this.reason = reason;
    }
}
