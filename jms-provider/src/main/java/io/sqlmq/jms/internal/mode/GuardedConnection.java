package io.sqlmq.jms.internal.mode;

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
public final class GuardedConnection implements InvocationHandler {
    private final Connection target;
    private final Connection proxy;
    private volatile boolean ended;

    public GuardedConnection(Connection target) {
        this.target = target;
        this.proxy = (Connection) Proxy.newProxyInstance(
                GuardedConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
    }

    public Connection proxy() {
        return proxy;
    }

    /** The transaction is over. */
    public void end() {
        ended = true;
    }

    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments) throws Throwable {
        Object first = arguments == null || arguments.length == 0 ? null : arguments[0];
        return switch (method.getName()) {
            case "equals" -> self == first;
            case "hashCode" -> System.identityHashCode(self);
            case "toString" -> "Connection of a session's transaction" + (ended ? " (ended)" : " (" + target + ")");
            case "close" -> null;
            case "isClosed" -> ended || target.isClosed();
            case "isValid" -> !ended && target.isValid(first instanceof Integer seconds ? seconds : 0);
            default -> inTransaction(method, arguments, first);
        };
    }

    private @Nullable Object inTransaction(Method method, Object @Nullable [] arguments, @Nullable Object first)
            throws Throwable {
        checkAlive();
        String name = method.getName();
        boolean wraps = first instanceof Class<?> type && type.isInstance(target);
        return switch (name) {
            case "commit", "abort" -> throw refused(name + "()");
            case "rollback" -> {
                if (!(first instanceof Savepoint)) {
                    throw refused("rollback()");
                }
                yield call(method, arguments);
            }
            case "setAutoCommit" -> {
                if (Boolean.TRUE.equals(first)) {
                    throw refused("setAutoCommit(true)");
                }
                yield null;
            }
            case "unwrap" -> wraps ? target : call(method, arguments);
            case "isWrapperFor" -> wraps || Boolean.TRUE.equals(call(method, arguments));
            default -> call(method, arguments);
        };
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
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
