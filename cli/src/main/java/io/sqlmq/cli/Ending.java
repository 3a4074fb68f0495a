package io.sqlmq.cli;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.postgresql.PGConnection;

/**
 * What becomes of a verb on Ctrl-C, or SIGTERM: statements that look or stand alone are cancelled at the server, which would go on with them for
 * nobody; the process stays until the step that it is in has come to its end, and no other begins. Its exit code is that of the signal.
 */
final class Ending implements AutoCloseable {
    private final ReentrantLock step = new ReentrantLock();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final Set<Connection> cancelled = ConcurrentHashMap.newKeySet();
    private final Duration patience;
    private final Thread hook = new Thread(this::endNow, "sqlmq-end");
    private volatile Runnable last = () -> {};
    private volatile Runnable first = () -> {};
    private volatile boolean isClosed;

    /**
     * Until it is closed.
     *
     * @param patience how long the process stays at most, should a step not come to its end
     */
    Ending(Duration patience) {
        this.patience = patience;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** What is done at the end, on a thread of its own, between steps. */
    void last(Runnable what) {
        last = what;
    }

    /** What makes the step end sooner. */
    void first(Runnable what) {
        first = what;
    }

    /** Whose statement is cancelled. */
    void cancels(Connection connection) {
        cancelled.add(connection);
    }

    /** It comes to its end by itself. */
    void spares(Connection connection) {
        cancelled.remove(connection);
    }

    /** Waits until {@link #last} has been done. */
    void await() {
        try {
            hook.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Keeps the step locked: whoever would begin another is waiting for it when the process is gone. */
    private void endNow() {
        asked.countDown();
        first.run();
        cancelled.forEach(Ending::cancel);
        try {
            if (step.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS) && !isClosed) {
                last.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void cancel(Connection connection) {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // It is closed, or the server has gone: there is nothing to cancel.
        }
    }

    /** Begins what is not to be left half done, by the thread that ends or closes it. */
    void begin() {
        step.lock();
    }

    void end() {
        step.unlock();
    }

    /** Whether this thread is in a step. */
    boolean isInStep() {
        return step.isHeldByCurrentThread();
    }

    /** Whether the verb is to come to its end. */
    boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** Returns after that time, or when the verb is to come to its end. */
    void sleep(long millis) throws InterruptedException {
        asked.await(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        isClosed = true;
        while (step.isHeldByCurrentThread()) {
            step.unlock();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It runs already.
        }
    }
}
