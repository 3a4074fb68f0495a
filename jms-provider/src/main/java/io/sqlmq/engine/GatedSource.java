package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lets nobody ask the pool for connections while the database is away.
 *
 * @param sendTimeout how long a send waits for the database
 */
record GatedSource(ConnectionSource source, Outage outage, Duration sendTimeout) implements ConnectionSource {

    @Override
    public void watchedBy(Watcher watcher) {
        source.watchedBy(watcher);
    }

    @Override
    public Connection take() throws SQLException {
        outage.check();
        return source.take();
    }

    @Override
    public Connection takeForSend() throws SQLException {
        outage.await(sendTimeout.toNanos());
        return source.takeForSend();
    }

    @Override
    public Connection takeForBranch() throws SQLException {
        outage.await(sendTimeout.toNanos());
        return source.takeForBranch();
    }

    @Override
    public Connection openForProbe() throws SQLException {
        return source.openForProbe();
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
        return source.openForListen();
    }
}
