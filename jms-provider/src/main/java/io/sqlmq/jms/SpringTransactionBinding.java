package io.sqlmq.jms;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Binds sessions to Spring's transactions: those of a {@code DataSourceTransactionManager}, or of any other transaction
 * manager that exposes its JDBC connection for the same {@link DataSource}. Needs spring-jdbc and spring-tx on the class
 * path; nothing else in sqlmq refers to this class.
 */
public final class SpringTransactionBinding implements TransactionBinding {
    private final DataSource dataSource;

    /** A binding to the transactions that Spring runs on {@code dataSource}, the one its transaction manager has. */
    public SpringTransactionBinding(DataSource dataSource) {
        this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
    }

    @Override
    public @Nullable BoundTransaction current() throws SQLException {
        if (!TransactionSynchronizationManager.isActualTransactionActive()
                || !(TransactionSynchronizationManager.getResource(dataSource) instanceof ConnectionHolder holder)) {
            return null;
        }
        Connection connection = DataSourceUtils.getConnection(dataSource);
        // A connection that is only kept for the length of somebody else's transaction is in auto-commit mode.
        if (connection.getAutoCommit()) {
            DataSourceUtils.releaseConnection(connection, dataSource);
            return null;
        }
        return new SpringTransaction(holder, connection, dataSource);
    }

    private record SpringTransaction(ConnectionHolder holder, Connection connection, DataSource dataSource)
            implements BoundTransaction {
        @Override
        public Object key() {
            return holder;
        }

        @Override
        public void beforeCommit(Runnable action) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void beforeCommit(boolean readOnly) {
                    action.run();
                }
            });
        }

        @Override
        public void afterCompletion(Consumer<Status> action) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCompletion(int status) {
                    action.accept(statusOf(status));
                }
            });
        }

        @Override
        public void release() {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }

        private static Status statusOf(int status) {
            return switch (status) {
                case TransactionSynchronization.STATUS_COMMITTED -> Status.COMMITTED;
                case TransactionSynchronization.STATUS_ROLLED_BACK -> Status.ROLLED_BACK;
                default -> Status.UNKNOWN;
            };
        }
    }
}
