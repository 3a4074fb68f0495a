package io.sqlmq.jms;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Binds sessions to the transactions of a transaction-aware {@link DataSource}: one whose {@code getConnection()}
 * returns the connection of the calling thread's transaction while there is one. A connection in auto-commit mode means
 * that there is none. Needs no framework; each operation of a session borrows a connection for its duration.
 */
public final class DataSourceTransactionBinding implements TransactionBinding {
    private final DataSource dataSource;

    /** A binding to the transactions of {@code dataSource}. */
    public DataSourceTransactionBinding(DataSource dataSource) {
        this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
    }

    @Override
    public @Nullable BoundTransaction current() throws SQLException {
        Connection connection = dataSource.getConnection();
        boolean bound = false;
        try {
            bound = !connection.getAutoCommit();
        } finally {
            if (!bound) {
                connection.close();
            }
        }
        return bound ? new Borrowed(connection) : null;
    }

    private record Borrowed(Connection connection) implements BoundTransaction {
        @Override
        public Object key() {
            try {
                return connection.unwrap(Connection.class);
            } catch (SQLException e) {
                return connection;
            }
        }

        @Override
        public void release() throws SQLException {
            connection.close();
        }
    }
}
