package io.sqlmq.engine.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lent connection of which {@link Tuning} has changed something; {@code close()} changes it back. */
final class TunedConnection implements InvocationHandler {

    private static final Logger LOG = LoggerFactory.getLogger(TunedConnection.class);

    private final Connection lent;
    private final boolean autoCommit;
    private final boolean readOnly;
    private final Map<String, String> settings;
    private boolean closed;

    TunedConnection(Connection lent, boolean autoCommit, boolean readOnly, Map<String, String> settings) {
        this.lent = lent;
        this.autoCommit = autoCommit;
        this.readOnly = readOnly;
        this.settings = settings;
    }

    Connection proxy() {
        return (Connection)
                Proxy.newProxyInstance(TunedConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
    }

    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments) throws Throwable {
        return switch (method.getName()) {
            case "equals" -> arguments != null && self == arguments[0];
            case "hashCode" -> System.identityHashCode(self);
            case "close" -> {
                close();
                yield null;
            }
            default -> call(lent, method, arguments);
        };
    }

    /** The call on {@code target}, with its exceptions. */
    static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private void close() throws SQLException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!lent.isClosed()) {
                restore();
            }
        } catch (SQLException e) {
            LOG.debug("Restoring a connection, which is of no use to its owner now", e);
            lent.abort(Runnable::run);
        } finally {
            lent.close();
        }
    }

    private void restore() throws SQLException {
        if (!settings.isEmpty()) {
            Tuning.set(lent, settings);
        }
        if (readOnly) {
            lent.setReadOnly(true);
        }
        if (!autoCommit) {
            lent.setAutoCommit(false);
        }
    }
}
