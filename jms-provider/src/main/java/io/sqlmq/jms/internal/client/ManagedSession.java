package io.sqlmq.jms.internal.client;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a transaction manager of ours has begun a transaction on the calling thread. It is that of a session, and all
 * sessions of the factory that the thread uses work in it.
 */
@FunctionalInterface
public interface ManagedSession {
    /** No transaction manager. */
    ManagedSession NONE = () -> null;

    /**
     * The session that a transaction manager commits and rolls back, or null.
     *
     * @throws SQLException if nothing can be done in its transaction any more
     */
    @Nullable
    SqlmqSession current() throws SQLException;
}
