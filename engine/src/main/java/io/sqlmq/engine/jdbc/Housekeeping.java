package io.sqlmq.engine.jdbc;

import io.sqlmq.engine.Engine;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the engine's own for what it does by itself every second, so that no pool has to keep one for it. A
 * source without connections to spare lends one each time.
 */
public final class Housekeeping implements AutoCloseable {

    private final Engine engine;
    private final ConnectionSource source;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Connection kept;
    private volatile boolean stale;
    private boolean closed;

    public Housekeeping(Engine engine, ConnectionSource source) {
        this.engine = engine;
        this.source = source;
    }

    public void run(Pipeline pipeline) throws SQLException {
        lock.lock();
        try {
            if (stale) {
                stale = false;
                drop();
            }
            if (kept == null && !closed) {
                kept = source.openForListen();
            }
            Connection connection = kept;
            if (connection == null) {
                engine.runAlone(pipeline);
                return;
            }
            try {
                pipeline.run(connection);
            } catch (SQLException e) {
                boolean broken = Failures.isBroken(e, connection);
                kept = null;
                Failures.close(connection);
                engine.statementFailed(e, broken);
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The server is not the one that the connection was made to; that it is broken is no news. */
    void reconnected() {
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
