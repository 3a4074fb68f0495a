package io.sqlmq.job;

import java.sql.SQLException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts a handler, but not what the runner itself says to the database: a virtual thread that is interrupted while it does that
 * loses the connection, and with it the claim, which would count as a failure of the job. Thread-safe.
 */
final class Interruption {
    /** Speaks to the database. */
    interface Work {
        void run() throws SQLException;
    }

    private final Lock lock = new ReentrantLock();
    private @Nullable Thread handler;
    private boolean wanted;

    /** From now on until {@link #end} this thread may be interrupted; it is at once if that was asked for before. */
    void begin() {
        lock.lock();
        try {
            handler = Thread.currentThread();
            if (wanted) {
                handler.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            handler = null;
            Thread.interrupted(); // whoever it was meant for has returned
        } finally {
            lock.unlock();
        }
    }

    /** Runs what the handler has the runner say to the database; an interruption waits for its end. */
    void shield(Work work) throws SQLException {
        if (!isHere()) {
            work.run();
            return;
        }
        boolean interrupted = Thread.currentThread().isInterrupted();
        end();
        try {
            work.run();
        } finally {
            begin();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Not where a handler has given its job to a thread of its own. */
    private boolean isHere() {
        lock.lock();
        try {
            return handler == Thread.currentThread();
        } finally {
            lock.unlock();
        }
    }

    void now() {
        lock.lock();
        try {
            wanted = true;
            if (handler != null) {
                handler.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
