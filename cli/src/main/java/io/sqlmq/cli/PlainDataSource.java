package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqOptions;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A new connection for each request, for the migrator. */
final class PlainDataSource implements DataSource {
    private final SqlmqOptions options;
    private final Ending ending;

    PlainDataSource(SqlmqOptions options, Ending ending) {
        this.options = options;
        this.ending = ending;
    }

    @Override
    public Connection getConnection() {
        Connection connection = Target.connect(options);
        ending.cancels(connection);
        return connection;
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("This DataSource has one role");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        // The driver logs by java.util.logging.
    }

    @Override
    public void setLoginTimeout(int seconds) {
        // connectTimeout in the URL decides.
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("Not a " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
