package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lets nobody ask the pool for connections while the database is away, and has those that are given watched.
 *
 * @param sendTimeout how long a send waits for the database
 */
record GatedSource(ConnectionSource source, Outage outage, Silence silence, Duration sendTimeout)
        implements ConnectionSource {

    @Override
    public Connection take() throws SQLException {
        outage.check();
        return watched(source.take());
    }

    @Override
    public Connection takeForSend() throws SQLException {
        outage.await(sendTimeout.toNanos());
        return watched(source.takeForSend());
    }

    @Override
    public Connection takeForBranch() throws SQLException {
        outage.await(sendTimeout.toNanos());
        return watched(source.takeForBranch());
    }

    @Override
    public void hostIsGone() {
        source.hostIsGone();
    }

    @Override
    public void reconnected() {
        source.reconnected();
    }

    @Override
    public @Nullable Connection openForListen() throws SQLException {
        Connection opened = source.openForListen();
        return opened == null ? null : watched(opened);
    }

    private Connection watched(Connection connection) throws SQLException {
        try {
            return silence.watch(connection);
        } catch (SQLException e) {
            Failures.close(connection);
            throw e;
        }
    }
}
