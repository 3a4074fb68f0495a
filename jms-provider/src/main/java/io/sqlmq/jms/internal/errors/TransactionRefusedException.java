package io.sqlmq.jms.internal.errors;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Nothing can be sent or received in a transaction of the application; the message says why and what to do. */
public final class TransactionRefusedException extends SQLException {
    private static final long serialVersionUID = 1L;

    /** An exception whose message is a whole sentence. */
    public TransactionRefusedException(String message, String sqlState, @Nullable Throwable cause) {
        super(message, sqlState, cause);
    }
}
