package io.sqlmq.benchmarks;

import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The PostgreSQL server that is measured: one started for the purpose, or the user's own. */
public final class Server implements AutoCloseable {

    private final @Nullable SqlmqEmbedded embedded;
    private final String url;

    private Server(@Nullable SqlmqEmbedded embedded, String url) {
        this.embedded = embedded;
        this.url = url;
    }

    /**
     * Starts one with PostgreSQL's own settings (fsync and synchronous_commit on), but for fewer checkpoints: one in the
     * middle of a round would make it incomparable to its neighbour.
     */
    static Server start() {
        SqlmqEmbedded started = SqlmqEmbedded.start(EmbeddedOptions.defaults()
                .fsync(true)
                .setting("checkpoint_timeout", "1h")
                .setting("max_wal_size", "8GB"));
        return new Server(started, started.jdbcUrl());
    }

    /** Starts one that writes to the disk whatever it commits, with PostgreSQL's own settings. */
    public static Server startAsInstalled() {
        SqlmqEmbedded started = SqlmqEmbedded.start(EmbeddedOptions.defaults().fsync(true));
        return new Server(started, started.jdbcUrl());
    }

    /**
     * The server at {@code url}.
     *
     * @param url of the PostgreSQL driver, with user and password
     */
    public static Server at(String url) {
        return new Server(null, url);
    }

    /** The URL with more parameters. */
    public String url(String parameters) {
        return url + (url.contains("?") ? "&" : "?") + parameters;
    }

    /** A new connection of the driver, nothing in between. */
    public Connection connect(String parameters) throws SQLException {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(url(parameters));
        return dataSource.getConnection();
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }
}
