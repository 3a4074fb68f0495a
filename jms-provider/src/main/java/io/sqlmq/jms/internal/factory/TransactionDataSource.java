package io.sqlmq.jms.internal.factory;

import io.sqlmq.jms.internal.client.SharedByConnections;
import io.sqlmq.jms.internal.client.SqlmqSession;
import jakarta.jms.JMSException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.function.Supplier;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A DataSource over the transactions of sessions: {@code getConnection()} returns the connection of the transacted
 * session that is current on the calling thread, which is the one whose listener runs on it, or that has received or sent on
 * it and not committed or rolled back since. The connection takes part in the session's transaction and cannot end it.
 * Without such a session the connection is one of the pool.
 */
final class TransactionDataSource implements DataSource {
    private final SharedByConnections shared;
    private final Supplier<DataSource> pool;

    TransactionDataSource(SharedByConnections shared, Supplier<DataSource> pool) {
        this.shared = shared;
        this.pool = pool;
    }

    @Override
    public Connection getConnection() throws SQLException {
        SqlmqSession managed = shared.managedSession().current();
        SqlmqSession session =
                managed != null ? managed : shared.currentSession().get();
        if (session == null || session.isClosed()) {
            return pool.get().getConnection();
        }
        try {
            return session.ownConnection();
        } catch (JMSException e) {
            throw new SQLException(e.getMessage(), "25000", e);
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException(
                "The connection belongs to the session's transaction; its role is that of the session's connection.");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new SQLException("Not a wrapper of " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
        throw new SQLFeatureNotSupportedException("Logging goes to SLF4J.");
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        throw new SQLFeatureNotSupportedException("The connection exists already; no login takes place.");
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("Logging goes to SLF4J.");
    }
}
