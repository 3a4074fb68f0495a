package io.sqlmq.embedded;

import io.sqlmq.jms.SqlmqConnectionFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A real PostgreSQL server that lives as long as this JVM: nothing of it, neither process nor directory, stays behind
 * when the JVM ends, not even after {@code kill -9}. It listens on 127.0.0.1 and accepts any password. Thread-safe.
 *
 * <pre>{@code
 * try (SqlmqEmbedded server = SqlmqEmbedded.start();
 *         SqlmqConnectionFactory factory = server.connectionFactory()) {
 *     …
 * }
 * }</pre>
 */
public final class SqlmqEmbedded implements AutoCloseable {

    /** The superuser that the URLs of this class log in as. */
    static final String USER = "postgres";

    private static final String DATABASE = "postgres";
    private static final String ROLE_EXISTS = "42710";
    private static final Map<String, SqlmqEmbedded> NAMED = new ConcurrentHashMap<>();

    private final String name;
    private final EmbeddedOptions options;
    private final RunningServer server;

    private SqlmqEmbedded(String name, EmbeddedOptions options, RunningServer server) {
        this.name = name;
        this.options = options;
        this.server = server;
    }

    /**
     * Starts a server of the caller's own, who closes it.
     *
     * @throws EmbeddedDatabaseException if it cannot be started; the message has the end of the server's log
     */
    public static SqlmqEmbedded start() {
        return start(EmbeddedOptions.defaults());
    }

    /** As {@link #start()}, with options. */
    public static SqlmqEmbedded start(EmbeddedOptions options) {
        return new SqlmqEmbedded("", options, RunningServer.start(options));
    }

    /**
     * The server of that name in this JVM, which is started if it does not run. {@code sqlmq:embedded} is the one named
     * {@code default}. It ends with the JVM, or when anyone closes it.
     *
     * @throws EmbeddedDatabaseException if it cannot be started
     */
    public static SqlmqEmbedded named(String name) {
        return named(name, EmbeddedOptions.defaults());
    }

    /**
     * As {@link #named(String)}.
     *
     * @param options how to start it; {@link EmbeddedOptions#defaults()} takes a running server as it is
     * @throws IllegalArgumentException if the server runs with other options than those asked for
     */
    public static SqlmqEmbedded named(String name, EmbeddedOptions options) {
        SqlmqEmbedded embedded = NAMED.compute(name, (key, running) -> {
            if (running != null && !running.server.ended()) {
                return running;
            }
            if (running != null) {
                running.server.stop();
            }
            return new SqlmqEmbedded(name, options, RunningServer.start(options));
        });
        if (!options.equals(EmbeddedOptions.defaults()) && !options.equals(embedded.options)) {
            throw new IllegalArgumentException("The embedded database \"" + name + "\" runs already, with "
                    + embedded.options + "; use another name for one with " + options);
        }
        return embedded;
    }

    /** Whether a URL leads to a server of this class that runs in this JVM. */
    public static boolean isEmbedded(String jdbcUrl) {
        return RunningServer.ports().anyMatch(port -> jdbcUrl.startsWith("jdbc:postgresql://127.0.0.1:" + port + "/"));
    }

    /** URL of the database {@code postgres}, with the user. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    /** URL of another database of this server, which the caller has created. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + database + "?user=" + USER;
    }

    /** Opens a new connection to the database {@code postgres} for each request. */
    public DataSource dataSource() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(jdbcUrl());
        return dataSource;
    }

    /** A new factory on the database {@code postgres}, whose tables it creates if need be; the caller closes it. */
    public SqlmqConnectionFactory connectionFactory() {
        return Provider.connectionFactory(EmbeddedUrl.append(jdbcUrl(), Provider.MIGRATE));
    }

    /** The TCP port on 127.0.0.1. */
    public int port() {
        return server.port();
    }

    /** The server's data directory; temporary unless the options say otherwise. */
    public Path dataDirectory() {
        return server.dataDirectory();
    }

    /** The URL for the provider: with the options of sqlmq and the parameters of the driver. */
    String jdbcUrl(Map<String, String> parameters) {
        Map<String, String> all = new LinkedHashMap<>(Provider.MIGRATE);
        all.putAll(parameters);
        String user = all.getOrDefault("user", USER);
        admit(user);
        all.put("user", user);
        return EmbeddedUrl.append("jdbc:postgresql://127.0.0.1:" + server.port() + "/" + DATABASE, all);
    }

    /** Creates the role if it does not exist. */
    void admit(String user) {
        if (user.equals(USER)) {
            return;
        }
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE \"" + user.replace("\"", "\"\"") + "\" SUPERUSER LOGIN");
        } catch (SQLException e) {
            if (!ROLE_EXISTS.equals(e.getSQLState())) {
                throw new EmbeddedDatabaseException(
                        "The embedded database refuses to create the user \"" + user + "\": " + e.getMessage(), e);
            }
        }
    }

    /** Stops the server and deletes its data directory, unless that is to be kept. Closing twice is harmless. */
    @Override
    public void close() {
        NAMED.remove(name, this);
        server.stop();
    }

    @Override
    public String toString() {
        return "SqlmqEmbedded[" + (name.isEmpty() ? "" : name + ", ") + jdbcUrl() + "]";
    }
}
