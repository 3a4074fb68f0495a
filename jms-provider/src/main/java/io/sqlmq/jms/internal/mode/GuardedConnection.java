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
    /** What a session does when the application makes savepoints and rolls back to them. */
    interface Savepoints {
        /** One is about to be made: what the session has done up to now comes before it. */
        default void beforeSavepoint() throws SQLException {}

        default void made(Savepoint savepoint) {}

        default void rolledBackTo(Savepoint savepoint) {}
    }

    private final Connection target;
    private final Savepoints savepoints;
    private final Connection proxy;
    private volatile boolean ended;
    private volatile boolean altered;

    /** Over the connection of a transaction that does all at once. */
    public GuardedConnection(Connection target) {
        this(target, new Savepoints() {});
    }

    GuardedConnection(Connection target, Savepoints savepoints) {
        this.target = target;
        this.savepoints = savepoints;
        this.proxy = (Connection) Proxy.newProxyInstance(
                GuardedConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
    }

    public Connection proxy() {
        return proxy;
    }

    /** Whether the application has set something on it that outlives the transaction. */
    boolean isAltered() {
        return altered;
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
                if (!(first instanceof Savepoint savepoint)) {
                    throw refused("rollback()");
                }
                Object nothing = call(method, arguments);
                savepoints.rolledBackTo(savepoint);
                yield nothing;
            }
            case "setSavepoint" -> {
                savepoints.beforeSavepoint();
                Object made = call(method, arguments);
                if (made instanceof Savepoint savepoint) {
                    savepoints.made(savepoint);
                }
                yield made;
            }
            case "setAutoCommit" -> {
                if (Boolean.TRUE.equals(first)) {
                    throw refused("setAutoCommit(true)");
                }
                yield null;
            }
            case "setSchema", "setCatalog", "setNetworkTimeout", "setClientInfo", "setTypeMap", "setHoldability" -> {
                altered = true;
                yield call(method, arguments);
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
