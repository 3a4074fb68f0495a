package io.sqlmq.engine.jdbc;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Whether the database can be reached. While it cannot, calls wait here instead of in the pool, whose own attempts to
 * reconnect become rare with time.
 */
public final class Outage {

    /** How long to wait before the next attempt to reach the database. */
    public static final long PROBE_MILLIS = 200;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition over = lock.newCondition();
    private @Nullable SQLException cause;
    private volatile boolean down;

    public boolean isDown() {
        return down;
    }

    /** Returns true if this is news. */
    public boolean begins(SQLException e) {
        lock.lock();
        try {
            if (down) {
                return false;
            }
            cause = e;
            down = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    public void ends() {
        lock.lock();
        try {
            down = false;
            over.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Fails while the database is away. */
    public void check() throws SQLException {
        if (down) {
            await(0);
        }
    }

    /** Waits for the database. */
    public void await(long nanos) throws SQLException {
        if (!down) {
            return;
        }
        lock.lock();
        try {
            long rest = nanos;
            while (down && rest > 0) {
                rest = over.awaitNanos(rest);
            }
            if (down) {
                boolean readOnly = cause != null && Failures.READ_ONLY.equals(cause.getSQLState());
                throw new SQLTransientConnectionException(
                        "The database cannot be reached: " + (cause == null ? "" : cause.getMessage()),
                        readOnly ? Failures.READ_ONLY : "08001",
                        cause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException("Interrupted while waiting for the database", "08001", cause);
        } finally {
            lock.unlock();
        }
    }
}
