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
 * Connections as Flyway needs them, given back as they were. They look up nothing but what is in {@code pg_catalog}: Flyway's
 * statements compare names with strings, and operators that somebody has left for that in {@code public} would run as the role
 * that migrates. And they may be idle: one waits while another works.
 */
final class MigratingConnections {
    private static final String[] SETTINGS = {
        "search_path", "idle_session_timeout", "idle_in_transaction_session_timeout"
    };

    private static final String[] VALUES = {"", "0", "0"};

    private MigratingConnections() {}

    static DataSource over(DataSource dataSource) {
        return proxy(DataSource.class, (self, method, arguments) -> {
            Object result = invoke(method, dataSource, arguments);
            return method.getName().equals("getConnection") ? prepared((Connection) result) : result;
        });
    }

    private static Connection prepared(Connection connection) throws SQLException {
        String[] before = set(connection, VALUES);
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

    /** Returns what they were before. */
    private static String[] set(Connection connection, String[] values) throws SQLException {
        String[] before = new String[SETTINGS.length];
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT o.before, pg_catalog.set_config(o.name, o.value, false)
                  FROM (SELECT s.name, s.value, pg_catalog.current_setting(s.name) AS before
                          FROM ROWS FROM (pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::text[]))
                               WITH ORDINALITY AS s (name, value, n)
                         ORDER BY s.n) AS o""")) {
            statement.setArray(1, connection.createArrayOf("text", SETTINGS));
            statement.setArray(2, connection.createArrayOf("text", values));
            try (ResultSet rows = statement.executeQuery()) {
                for (int i = 0; rows.next(); i++) {
                    before[i] = rows.getString(1);
                }
            }
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        }
        return before;
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
                Proxy.newProxyInstance(MigratingConnections.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
