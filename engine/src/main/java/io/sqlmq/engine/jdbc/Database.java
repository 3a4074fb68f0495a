package io.sqlmq.engine.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;

/** The engine's way to the database: connections, statements that stand alone, and whether it can be reached. Thread-safe. */
public final class Database {

    private final ConnectionSource connections;
    private final Outage outage;
    private final long patienceNanos;
    private volatile Consumer<SQLException> whenLost = e -> {};
    private volatile boolean closed;

    /**
     * Opens no connection.
     *
     * @param connections waits for the database, or fails, while it is away
     * @param patience how long sends wait for the database
     */
    public Database(ConnectionSource connections, Outage outage, Duration patience) {
        this.connections = connections;
        this.outage = outage;
        this.patienceNanos = patience.toNanos();
    }

    /** Who hears of each statement whose connection broke; set before there is one. */
    public void whenLost(Consumer<SQLException> listener) {
        whenLost = listener;
    }

    public ConnectionSource connections() {
        return connections;
    }

    /** Runs statements on a connection of their own, committed as they are. */
    public void run(Pipeline pipeline) throws SQLException {
        Connection connection = connections.takeForSend();
        try {
            pipeline.run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            statementFailed(e, broken);
            throw e;
        }
        Failures.close(connection);
    }

    /** As {@link #run}, of one query whose only row is a number. */
    public long number(String sql, Pipeline.Binder binder) throws SQLException {
        long[] number = new long[1];
        run(new Pipeline().query(sql, binder, rows -> {
            rows.next();
            number[0] = rows.getLong(1);
        }));
        return number[0];
    }

    /** A statement failed; {@code broken} means that its connection did. */
    public void statementFailed(SQLException e, boolean broken) {
        if (broken && !closed) {
            whenLost.accept(e);
        }
    }

    public boolean isDown() {
        return outage.isDown();
    }

    /** See {@link Outage#mark}. */
    public int outageMark() {
        return outage.mark();
    }

    /** See {@link Outage#wasDownSince}. What failed meanwhile is no fault, even if all is well again when that is asked. */
    public boolean wasDownSince(int mark) {
        return outage.wasDownSince(mark);
    }

    /** Fails while the database is away. */
    public void checkReachable() throws SQLException {
        outage.check();
    }

    /** Waits for the database as sends do. */
    public void awaitReachable() throws SQLException {
        outage.await(patienceNanos);
    }

    /** From now on broken connections are no news. Returns false if it was closed before. */
    public synchronized boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    public boolean isClosed() {
        return closed;
    }
}
