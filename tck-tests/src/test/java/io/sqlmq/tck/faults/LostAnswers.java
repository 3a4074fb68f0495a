package io.sqlmq.tck.faults;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A DataSource whose connections can lose an answer: the server has done what it was told, the connection is gone, and the
 * client does not know.
 */
final class LostAnswers {

    private final DataSource real;
    private final AtomicReference<@Nullable String> next = new AtomicReference<>();

    LostAnswers(DataSource real) {
        this.real = real;
    }

    /** Loses the answer to the next statement that contains this. */
    void loseNextOf(String sql) {
        next.set(sql);
    }

    boolean hasLost() {
        return next.get() == null;
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
            Object result = call(statement, method, arguments);
            String lost = next.get();
            if (method.getName().equals("execute") && lost != null && sql.contains(lost)) {
                next.set(null);
                connection.close();
                throw new SQLException("The answer is lost", "08006");
            }
            return result;
        });
    }

    private static @Nullable Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(LostAnswers.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
