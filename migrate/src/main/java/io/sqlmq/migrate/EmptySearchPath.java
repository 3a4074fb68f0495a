package io.sqlmq.migrate;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Connections that look up nothing but what is in {@code pg_catalog}, and are given back as they were. Flyway's statements compare
 * names with strings; operators that somebody has left for that in {@code public} would run as the role that migrates.
 */
final class EmptySearchPath {
    private EmptySearchPath() {}

    static DataSource over(DataSource dataSource) {
        return proxy(DataSource.class, (self, method, arguments) -> {
            Object result = invoke(method, dataSource, arguments);
            return method.getName().equals("getConnection") ? emptied((Connection) result) : result;
        });
    }

    private static Connection emptied(Connection connection) throws SQLException {
        String before = set(connection, "");
        return proxy(Connection.class, (self, method, arguments) -> {
            if (method.getName().equals("close") && !connection.isClosed()) {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                set(connection, before);
            }
            return invoke(method, connection, arguments);
        });
    }

    /** Returns what it was before. */
    private static String set(Connection connection, String path) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT o.path, pg_catalog.set_config('search_path', ?::text, false)
                  FROM pg_catalog.current_setting('search_path') AS o (path)""")) {
            statement.setString(1, path);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                String before = row.getString(1);
                if (!connection.getAutoCommit()) {
                    connection.commit();
                }
                return before;
            }
        }
    }

    private static Object invoke(java.lang.reflect.Method method, Object target, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(EmptySearchPath.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
