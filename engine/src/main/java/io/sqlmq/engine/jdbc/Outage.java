package io.sqlmq.engine.jdbc;

import io.sqlmq.engine.model.EngineReach;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
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
    private @Nullable Instant since;
    private boolean vain;

    /** Rises with each beginning and each end, so it is odd while the database is away. */
    private final AtomicInteger changes = new AtomicInteger();

    public boolean isDown() {
        return isDown(changes.get());
    }

    private static boolean isDown(int changes) {
        return (changes & 1) == 1;
    }

    /** For {@link #wasDownSince}. */
    public int mark() {
        return changes.get();
    }

    /** Whether the database was away at the time of the mark or since, for however short a time. */
    public boolean wasDownSince(int mark) {
        return isDown(mark) || changes.get() != mark;
    }

    /** With what is known of the outage, if there is one. */
    public EngineReach reach(EngineReach.Listen listen) {
        lock.lock();
        try {
            return isDown()
                    ? new EngineReach(listen, since, cause == null ? null : cause.getMessage())
                    : new EngineReach(listen, null, null);
        } finally {
            lock.unlock();
        }
    }

    /** Returns true if this is news. */
    public boolean begins(SQLException e) {
        lock.lock();
        try {
            if (isDown()) {
                return false;
            }
            cause = e;
            vain = false;
            since = Instant.now();
            changes.incrementAndGet();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** It does not pass by itself: until it has passed nobody waits. */
    public void isLasting(SQLException e) {
        lock.lock();
        try {
            cause = e;
            vain = true;
            over.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public void ends() {
        lock.lock();
        try {
            if (isDown()) {
                changes.incrementAndGet();
            }
            over.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Fails while the database is away. */
    public void check() throws SQLException {
        if (isDown()) {
            await(0);
        }
    }

    /** Waits for the database. */
    public void await(long nanos) throws SQLException {
        if (!isDown()) {
            return;
        }
        lock.lock();
        try {
            long rest = nanos;
            while (isDown() && !vain && rest > 0) {
                rest = over.awaitNanos(rest);
            }
            if (isDown()) {
                boolean readOnly = cause != null && Failures.READ_ONLY.equals(cause.getSQLState());
                throw new SQLTransientConnectionException(
                        (vain ? "" : "The database cannot be reached: ") + (cause == null ? "" : cause.getMessage()),
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
