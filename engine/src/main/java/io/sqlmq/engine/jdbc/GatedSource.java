package io.sqlmq.engine.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lets nobody ask the pool for connections while the database is away, nor a listener wait there for others that do as it does: it holds the connection of its transaction while it asks somebody, in another session, and waits for the answer.
 *
 * @param sendTimeout how long a send waits for the database
 */
public record GatedSource(ConnectionSource source, Outage outage, OpenTransactions transactions, Duration sendTimeout)
        implements ConnectionSource {

    private interface Door {
        Connection take() throws SQLException;
    }

    @Override
    public void watchedBy(Watcher watcher) {
        source.watchedBy(watcher);
    }

    @Override
    public Connection take() throws SQLException {
        outage.check();
        return through(InListener.runs() && transactions.hasOneOfThisThread() ? source::takeForBranch : source::take);
    }

    @Override
    public boolean isPlannerPinned(Connection connection) throws SQLException {
        return source.isPlannerPinned(connection);
    }

    @Override
    public Connection takeForSend() throws SQLException {
        outage.await(sendTimeout.toNanos());
        return through(source::takeForSend);
    }

    @Override
    public Connection takeForBranch() throws SQLException {
        outage.await(sendTimeout.toNanos());
        return through(source::takeForBranch);
    }

    /** Says why where there is but one pool for all. */
    private Connection through(Door door) throws SQLException {
        try {
            return door.take();
        } catch (SQLTransientConnectionException e) {
            if (Failures.isUnreachable(e) || !transactions.hasOneOfThisThread()) {
                throw e;
            }
            int held = transactions.count();
            throw new SQLTransientConnectionException(
                    e.getMessage()
                            + "; "
                            + held
                            + " sessions of this connection factory hold one each, and one of them was taken by this thread: "
                            + "who asks and waits for an answer within a listener or a transaction needs two. Give the pool "
                            + "at least "
                            + 2 * held,
                    e.getSQLState(),
                    e);
        }
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
