package io.sqlmq.jms.internal.pool;

import io.sqlmq.jms.SqlmqOptions;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** New connections of one role, as the options and the URL say. */
final class DriverDataSource implements DataSource {
    /** For all hosts of the URL together. */
    private static final int LOGIN_SECONDS = 30;

    private static final Driver DRIVER = new Driver();
    private static final int CLOSE_SECONDS = 5;
    private static final boolean PROMPT = PromptSocketFactory.isKnownTo(Driver.class.getClassLoader());

    private final String url;
    private final Map<String, String> urlParameters;
    private final String applicationName;
    private final boolean pgBouncer;
    private final int hostMillis;
    private final @Nullable String user;
    private final boolean toldOfPoolers;
    private volatile boolean withoutOptions;
    private volatile @Nullable String password;
    private volatile String refusedSetting = "";

    DriverDataSource(SqlmqOptions options, @Nullable String user, @Nullable String password) {
        this(options, url(options), options.getDriverParameters(), user, password, true);
    }

    /** By a URL of the application, whose parameters hold user and password, and may lead to a pooler that nobody told us of. */
    DriverDataSource(SqlmqOptions options, String driverUrl, Map<String, String> parameters) {
        this(options, driverUrl, parameters, parameters.get("user"), parameters.get("password"), false);
    }

    private DriverDataSource(
            SqlmqOptions options,
            String driverUrl,
            Map<String, String> parameters,
            @Nullable String user,
            @Nullable String password,
            boolean toldOfPoolers) {
        // Parameters in a URL prevail over properties; user and password of another role could not.
        this.url = driverUrl.replaceFirst("\\?.*", "");
        this.urlParameters = parameters;
        this.applicationName = options.getApplicationName();
        this.pgBouncer = options.isPgBouncer();
        this.hostMillis = Math.toIntExact(options.getHostTimeout());
        this.user = user;
        this.password = password;
        this.toldOfPoolers = toldOfPoolers;
        this.withoutOptions = pgBouncer;
        if (url.contains("@")) { // the driver would take it for a host's name, and say it in its errors
            throw new IllegalArgumentException("User and password do not belong before the host in a URL: " + shown()
                    + ". Write ?user=…&password=…");
        }
        if (!DRIVER.acceptsURL(url)) {
            throw new IllegalArgumentException("The driver does not understand the URL " + shown());
        }
    }

    private static String url(SqlmqOptions options) {
        String url = options.getUrl();
        if (url == null) {
            throw new IllegalArgumentException("No URL is given; use jdbc:postgresql://host:port/database");
        }
        return url;
    }

    /** For the connections from now on. */
    void setPassword(@Nullable String password) {
        this.password = password;
    }

    PasswordHash passwordHash() {
        return new PasswordHash(password);
    }

    @Override
    public Connection getConnection() throws SQLException {
        try {
            return connect();
        } catch (SQLException e) {
            String message = String.valueOf(e.getMessage());
            if (!refusedSetting.isEmpty() || withoutOptions) {
                throw e;
            }
            if (message.contains("unsupported startup parameter")) {
                if (!toldOfPoolers) {
                    withoutOptions = true;
                    return connect();
                }
                throw new SQLException(
                        message + ": PgBouncer is in between; set the option pgBouncer=true", e.getSQLState(), e);
            }
            if (!StartupOptions.concernedBy(message)) {
                throw e;
            }
            refusedSetting = message;
            return connect();
        }
    }

    private Connection connect() throws SQLException {
        Connection connection = DRIVER.connect(url, properties());
        if (connection == null) {
            throw new SQLException("The driver does not understand the URL " + shown(), "08001");
        }
        if (boundsConnecting()) {
            connection.setNetworkTimeout(Runnable::run, 0);
        }
        return connection;
    }

    /** While connecting, each answer is waited for so long; afterwards statements may take their time. */
    private boolean boundsConnecting() {
        return hostMillis > 0 && !urlParameters.containsKey(PGProperty.SOCKET_TIMEOUT.getName());
    }

    private Properties properties() {
        Properties properties = new Properties();
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        // A server that is just starting or stopping may accept a connection and never answer.
        PGProperty.LOGIN_TIMEOUT.set(properties, LOGIN_SECONDS);
        if (hostMillis > 0) {
            int seconds = (hostMillis + 999) / 1_000;
            PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
            PGProperty.SSL_RESPONSE_TIMEOUT.set(properties, hostMillis);
            PGProperty.SOCKET_TIMEOUT.set(properties, seconds);
        }
        PGProperty.APPLICATION_NAME.set(properties, applicationName);
        if (PROMPT) {
            PGProperty.SOCKET_FACTORY.set(properties, PromptSocketFactory.class.getName());
        }
        if (pgBouncer) {
            PGProperty.PREPARE_THRESHOLD.set(properties, 0);
        }
        properties.putAll(urlParameters);
        if (!withoutOptions) {
            PGProperty.OPTIONS.set(
                    properties, StartupOptions.merge(urlParameters.get(PGProperty.OPTIONS.getName()), refusedSetting));
        }
        set(properties, PGProperty.USER, user);
        set(properties, PGProperty.PASSWORD, password);
        return properties;
    }

    private static void set(Properties properties, PGProperty property, @Nullable String value) {
        if (value == null) {
            properties.remove(property.getName());
        } else {
            property.set(properties, value);
        }
    }

    @Override
    public Connection getConnection(String otherUser, String otherPassword) throws SQLException {
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
        // The driver's parameters loginTimeout and connectTimeout in the URL decide.
    }

    /** How long a pool that is closed waits for a connection that is just being made. */
    @Override
    public int getLoginTimeout() {
        return CLOSE_SECONDS;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        return DRIVER.getParentLogger();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (!type.isInstance(this)) {
            throw new SQLException("Not a " + type.getName());
        }
        return type.cast(this);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }

    /** Without what may be a password before an @. */
    private String shown() {
        return url.replaceFirst("//.*@", "//…@");
    }

    @Override
    public String toString() {
        return "DriverDataSource[" + shown() + ", user " + user + "]";
    }
}
