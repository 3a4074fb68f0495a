package io.sqlmq.jms.internal.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.sqlmq.jms.SqlmqOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Connections to where those of a HikariCP pool of the application lead, but not of that pool: by its URL with all its parameters,
 * its properties, and the user and password that it has at the moment.
 */
final class BesideHikari implements Opener {
    private static final String USER = "user";
    private static final String PASSWORD = "password";

    private final HikariDataSource pool;
    private final SqlmqOptions options;
    private final String url;
    private final Map<String, String> parameters;

    private BesideHikari(HikariDataSource pool, SqlmqOptions options, SqlmqOptions ofUrl, String url) {
        this.pool = pool;
        this.options = options;
        this.url = url;
        this.parameters = parameters(pool.getDataSourceProperties(), ofUrl.getDriverParameters());
    }

    /** Null where the pool does not say itself how it connects: by a DataSource, by another driver, by a URL that we do not know. */
    static @Nullable BesideHikari of(HikariDataSource pool, SqlmqOptions options) {
        String poolUrl = pool.getJdbcUrl();
        String driver = pool.getDriverClassName();
        if (poolUrl == null
                || pool.getDataSource() != null
                || pool.getDataSourceClassName() != null
                || !(driver == null || driver.equals(Driver.class.getName()))) {
            return null;
        }
        try {
            SqlmqOptions ofUrl = SqlmqOptions.parse(poolUrl);
            String url = ofUrl.getUrl();
            return url == null ? null : new BesideHikari(pool, options, ofUrl, url);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** What the driver prefers, where both say something. */
    private static Map<String, String> parameters(Properties ofPool, Map<String, String> ofUrl) {
        Map<String, String> all = new HashMap<>();
        ofPool.forEach((name, value) -> all.put(String.valueOf(name), String.valueOf(value)));
        all.putAll(ofUrl);
        return all;
    }

    @Override
    public Connection open() throws SQLException {
        if (pool.isClosed()) {
            throw new SQLException("The pool " + pool.getPoolName() + " has been closed", "08003");
        }
        Credentials now = pool.getCredentials();
        Map<String, String> login = new HashMap<>(parameters);
        putIfThere(login, USER, now.getUsername());
        putIfThere(login, PASSWORD, now.getPassword());
        Connection connection = new DriverDataSource(options, url, login).getConnection();
        try {
            String sql = pool.getConnectionInitSql();
            if (sql != null) {
                initialize(connection, sql);
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void putIfThere(Map<String, String> login, String name, @Nullable String value) {
        if (value != null) {
            login.putIfAbsent(name, value);
        }
    }

    private static void initialize(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
