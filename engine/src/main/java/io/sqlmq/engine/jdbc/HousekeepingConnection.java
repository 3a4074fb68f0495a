package io.sqlmq.engine.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the engine's own for what it does by itself every second, so that no pool has to keep one for it. A
 * source without connections to spare lends one each time.
 */
public final class HousekeepingConnection implements AutoCloseable {

    private final Database database;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Connection kept;
    private volatile boolean stale;
    private boolean closed;

    public HousekeepingConnection(Database database) {
        this.database = database;
    }

    public void run(Pipeline pipeline) throws SQLException {
        lock.lock();
        try {
            if (stale) {
                stale = false;
                drop();
            }
            if (kept == null && !closed) {
                kept = database.connections().openForListen();
            }
            Connection connection = kept;
            if (connection == null) {
                database.run(pipeline);
                return;
            }
            try {
                pipeline.run(connection);
            } catch (SQLException e) {
                boolean broken = Failures.isBroken(e, connection);
                kept = null;
                Failures.close(connection);
                database.statementFailed(e, broken);
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The server is not the one that the connection was made to; that it is broken is no news. */
    public void reconnected() {
        stale = true;
    }

    private void drop() {
        Connection connection = kept;
        kept = null;
        if (connection != null) {
            Failures.close(connection);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            drop();
        } finally {
            lock.unlock();
        }
    }
}
