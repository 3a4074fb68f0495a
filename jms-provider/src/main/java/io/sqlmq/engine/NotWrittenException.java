package io.sqlmq.engine;

import java.sql.SQLException;

/** The connection broke, and it is certain that nothing was committed: it can be written again. */
final class NotWrittenException extends Exception {

    private static final long serialVersionUID = 1L;

    final SQLException reason;

    NotWrittenException(SQLException reason) {
        super(reason);
        this.reason = reason;
    }
}
