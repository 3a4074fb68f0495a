package io.sqlmq.jms.internal.mode;

import io.sqlmq.jms.TransactionBinding;
import io.sqlmq.jms.TransactionBinding.BoundTransaction;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that the application joined by hand: until the scope is closed, the sessions used on its thread take
 * part in the transaction of the given connection. Scopes nest; the innermost counts.
 */
public final class JoinedConnection implements AutoCloseable, BoundTransaction {
    private static final ThreadLocal<@Nullable JoinedConnection> CURRENT = new ThreadLocal<>();

    /** The transaction joined by the calling thread, or null. */
    public static final TransactionBinding BINDING = CURRENT::get;

    private final Connection connection;
    private final @Nullable JoinedConnection outer = CURRENT.get();
    private final Thread thread = Thread.currentThread();
    private boolean closed;

    private JoinedConnection(Connection connection) {
        this.connection = connection;
    }

    /** Opens a scope on the calling thread. */
    public static JoinedConnection join(Connection connection) throws SQLException {
        if (connection.getAutoCommit()) {
            throw new SQLException(
                    "The connection to join is in auto-commit mode, so it has no transaction."
                            + " Call setAutoCommit(false) first.",
                    "25P01");
        }
        JoinedConnection scope = new JoinedConnection(connection);
        CURRENT.set(scope);
        return scope;
    }

    /** Whether the calling thread is in a scope. */
    public static boolean isJoined() {
        return CURRENT.get() != null;
    }

    @Override
    public Object key() {
        return connection;
    }

    @Override
    public Connection connection() {
        return connection;
    }

    /** Ends the scope, not the transaction. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (CURRENT.get() != this || thread != Thread.currentThread()) {
            throw new IllegalStateException(
                    "Scopes of joined connections must be closed on the thread that opened them, innermost first.");
        }
        closed = true;
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
    }
}
