package io.sqlmq.integration.faults;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A DataSource whose connections fail once, over a statement that a test chooses. */
final class InjectedFaults {

    /** How a statement fails. */
    enum Kind {
        /** The server refuses it; the connection is intact. */
        REFUSED,
        /** The server has done it, and an error is said all the same; the connection is intact. */
        DONE_AND_REFUSED,
        /** The connection is gone before the server hears of it. */
        BROKEN,
        /** The server has done it, the connection is gone, and the client does not know. */
        ANSWER_LOST
    }

    /**
     * What is to fail.
     *
     * @param skipped how many statements of those that are meant succeed before it
     */
    private record Plan(Pattern sql, Kind kind, int skipped) {}

    /** Takes a connection away, so that the server ends its transaction. */
    @FunctionalInterface
    interface Breaker {
        void breakConnection(Connection connection) throws SQLException;
    }

    private final DataSource real;
    private final Breaker breaker;
    private final AtomicReference<@Nullable Plan> plan = new AtomicReference<>();
    private volatile @Nullable String failed;

    InjectedFaults(DataSource real, Breaker breaker) {
        this.real = real;
        this.breaker = breaker;
    }

    /** Loses the answer to the next statement that contains this. */
    void loseNextOf(String sql) {
        fail(Kind.ANSWER_LOST, Pattern.compile(Pattern.quote(sql)), 0);
    }

    /**
     * Lets a statement fail.
     *
     * @param sql found in the statements that are meant
     * @param skipped how many of those succeed before
     */
    void fail(Kind kind, Pattern sql, int skipped) {
        failed = null;
        plan.set(new Plan(sql, kind, skipped));
    }

    /** From now on nothing fails. Returns the statement that did, or null. */
    @Nullable
    String end() {
        plan.set(null);
        return failed;
    }

    boolean hasFailed() {
        return failed != null;
    }

    DataSource dataSource() {
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            Object result = call(real, method, arguments);
            return result instanceof Connection connection ? of(connection) : result;
        });
    }

    private Connection of(Connection connection) {
        return proxy(Connection.class, (proxy, method, arguments) -> {
            Object result = call(connection, method, arguments);
            return result instanceof PreparedStatement statement
                    ? of(statement, connection, String.valueOf(arguments[0]))
                    : result;
        });
    }

    private PreparedStatement of(PreparedStatement statement, Connection connection, String sql) {
        return proxy(PreparedStatement.class, (proxy, method, arguments) -> {
            Kind kind = method.getName().equals("execute") ? fault(sql) : null;
            Object result = kind == Kind.REFUSED || kind == Kind.BROKEN ? null : call(statement, method, arguments);
            if (kind == Kind.REFUSED || kind == Kind.DONE_AND_REFUSED) {
                throw new SQLException("An injected error", "53100");
            } else if (kind != null) {
                breaker.breakConnection(connection);
                throw new SQLException("The connection is gone", "08006");
            }
            return result;
        });
    }

    private @Nullable Kind fault(String sql) {
        while (true) {
            Plan current = plan.get();
            if (current == null || !current.sql().matcher(sql).find()) {
                return null;
            }
            Plan next = current.skipped() == 0 ? null : new Plan(current.sql(), current.kind(), current.skipped() - 1);
            if (plan.compareAndSet(current, next)) {
                if (next == null) {
                    failed = sql;
                    return current.kind();
                }
                return null;
            }
        }
    }

    private static @Nullable Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(InjectedFaults.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
