package io.sqlmq.engine.jdbc;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of an engine: workers, as many as there is work, and a timer that only starts work. All go when there is
 * nothing to do for a while. Thread-safe.
 */
public final class Threads {

    private static final Logger LOG = LoggerFactory.getLogger(Threads.class);
    private static final long IDLE_SECONDS = 10;

    private final ExecutorService pool = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons("sqlmq-engine"));
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemons("sqlmq-timer"));
    private final Executor workers = this::execute;

    public Threads() {
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    private static ThreadFactory daemons(String name) {
        return task -> Daemons.thread(task, name);
    }

    /** Runs work soon; once the engine is closed, not at all. */
    public Executor workers() {
        return workers;
    }

    private void execute(Runnable task) {
        try {
            pool.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("The engine is closed");
        }
    }

    /** Starts a task on the timer's thread, which must not wait for anything; does nothing once the engine is closed. */
    public void schedule(Runnable task, long millis) {
        try {
            ScheduledFuture<?> unused = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("The engine is closed");
        }
    }

    /** As {@link #schedule}, for what will often not be needed, or has to be in time. */
    public Future<?> startTimer(Runnable task, long nanos) {
        try {
            return timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Nothing is started by itself any more. */
    public void stopTimer() {
        timer.shutdownNow();
    }

    /** Takes no more work, and waits a while for what is on its way: it uses connections that are about to be closed. */
    public void close(long seconds) {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(seconds, TimeUnit.SECONDS)) {
                LOG.debug("Some work of the engine goes on after its close");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
