package io.sqlmq.jms;

import io.sqlmq.jms.internal.client.SqlmqConnection;
import io.sqlmq.jms.internal.client.SqlmqSession;
import jakarta.jms.JMSException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.datasource.ConnectionHandle;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jms.connection.JmsResourceHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * A transaction that {@link SqlmqTransactionManager} has begun: that of a session, which has a database connection from the
 * first message or SQL on. It is bound until it ends, so that callbacks after the end are in none. Used by one thread at a time.
 */
final class SpringSessionTransaction implements ConnectionHandle {
    private final SqlmqConnectionFactory factory;
    private final SqlmqSession session;
    private final List<DataSource> dataSources;
    private final JmsHolder jms;
    private final JdbcHolder jdbc = new JdbcHolder(this);

    /**
     * A transaction in which nothing has been done.
     *
     * @param dataSources for whose SQL it is
     */
    SpringSessionTransaction(
            SqlmqConnectionFactory factory,
            SqlmqConnection connection,
            SqlmqSession session,
            List<DataSource> dataSources) {
        this.factory = factory;
        this.session = session;
        this.dataSources = dataSources;
        this.jms = new JmsHolder(this, connection);
    }

    /**
     * The session in whose transaction the calling thread is, or null.
     *
     * @throws SQLException if the transaction's time is over
     */
    static @Nullable SqlmqSession current(SqlmqConnectionFactory factory) throws SQLException {
        if (TransactionSynchronizationManager.getResource(factory) instanceof JmsHolder holder
                && holder.transaction.isCurrent()) {
            SpringTransactionBinding.requireTime(holder);
            return holder.transaction.session;
        }
        return null;
    }

    /** Whether no transaction of another manager stands before it. */
    private boolean isCurrent() {
        for (DataSource dataSource : dataSources) {
            if (TransactionSynchronizationManager.getResource(dataSource) != jdbc) {
                return false;
            }
        }
        return true;
    }

    /** What Spring's JMS classes find under the connection factory. */
    private static final class JmsHolder extends JmsResourceHolder {
        private final SpringSessionTransaction transaction;

        JmsHolder(SpringSessionTransaction transaction, SqlmqConnection connection) {
            super(transaction.factory, connection, transaction.session);
            this.transaction = transaction;
            setSynchronizedWithTransaction(true);
        }
    }

    /** What Spring's JDBC classes find under the DataSource. A DataSourceTransactionManager takes part in it. */
    static final class JdbcHolder extends ConnectionHolder {
        private final SpringSessionTransaction transaction;

        JdbcHolder(SpringSessionTransaction transaction) {
            super(transaction);
            this.transaction = transaction;
            setTransactionActive(true);
        }

        SpringSessionTransaction transaction() {
            return transaction;
        }
    }

    SqlmqSession session() {
        return session;
    }

    JdbcHolder jdbc() {
        return jdbc;
    }

    /** Lets the calling thread work in it. */
    void bind() {
        TransactionSynchronizationManager.bindResource(factory, jms);
        dataSources.forEach(dataSource -> TransactionSynchronizationManager.bindResource(dataSource, jdbc));
    }

    private void unbind() {
        TransactionSynchronizationManager.unbindResourceIfPossible(factory);
        dataSources.forEach(TransactionSynchronizationManager::unbindResourceIfPossible);
    }

    void setTimeout(int seconds) {
        jms.setTimeoutInSeconds(seconds);
        jdbc.setTimeoutInSeconds(seconds);
    }

    void setRollbackOnly() {
        jms.setRollbackOnly();
        jdbc.setRollbackOnly();
    }

    /** Whoever takes part knows only one of the two. */
    boolean isRollbackOnly() {
        return jms.isRollbackOnly() || jdbc.isRollbackOnly();
    }

    void commit() throws JMSException {
        unbind();
        session.commitManaged();
    }

    void rollback() throws JMSException {
        unbind();
        session.rollbackManaged();
    }

    @Override
    public Connection getConnection() {
        try {
            return session.managedConnection();
        } catch (JMSException e) {
            throw new CannotGetJdbcConnectionException(
                    "No connection for the session's transaction",
                    new SQLException(e.getMessage(), e.getErrorCode(), e));
        }
    }
}
