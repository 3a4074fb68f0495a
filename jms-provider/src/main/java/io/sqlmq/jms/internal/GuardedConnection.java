package io.sqlmq.jms.internal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a session's transaction in the hands of the application. It can do everything but end the
 * transaction: close() and setAutoCommit(false) are ignored, commit(), rollback() and setAutoCommit(true) are refused,
 * savepoints work. The handle dies with the transaction.
 */
final class GuardedConnection implements InvocationHandler {
    private final Connection target;
    private final Connection proxy;
    private volatile boolean ended;

    GuardedConnection(Connection target) {
        this.target = target;
        this.proxy = (Connection) Proxy.newProxyInstance(
                GuardedConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
    }

    Connection proxy() {
        return proxy;
    }

    /** The transaction is over. */
    void end() {
        ended = true;
    }

    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments) throws Throwable {
        Object first = arguments == null || arguments.length == 0 ? null : arguments[0];
        switch (method.getName()) {
            case "equals":
                return self == first;
            case "hashCode":
                return System.identityHashCode(self);
            case "toString":
                return "Connection of a session's transaction" + (ended ? " (ended)" : " (" + target + ")");
            case "close":
                return null;
            case "isClosed":
                return ended || target.isClosed();
            case "isValid":
                if (ended) {
                    return false;
                }
                break;
            default:
                checkAlive();
        }
        switch (method.getName()) {
            case "setAutoCommit":
                if (Boolean.TRUE.equals(first)) {
                    throw refused("setAutoCommit(true)");
                }
                return null;
            case "commit":
                throw refused("commit()");
            case "rollback":
                if (!(first instanceof Savepoint)) {
                    throw refused("rollback()");
                }
                break;
            case "abort":
                throw refused("abort()");
            case "unwrap":
                if (first instanceof Class<?> type && type.isInstance(target)) {
                    return target;
                }
                break;
            case "isWrapperFor":
                if (first instanceof Class<?> type && type.isInstance(target)) {
                    return true;
                }
                break;
            default:
        }
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private void checkAlive() throws SQLException {
        if (ended) {
            throw new SQLException(
                    "The session's transaction that this connection belonged to has ended. Ask the session again.",
                    "08003");
        }
    }

    private static SQLException refused(String call) {
        return new SQLException(
                call + " is not allowed on the connection of a session's transaction."
                        + " Call commit() or rollback() on the session, or use a savepoint.",
                "25000");
    }
}
