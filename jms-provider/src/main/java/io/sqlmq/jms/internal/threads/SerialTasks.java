package io.sqlmq.jms.internal.threads;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks one at a time, in order, on threads of an executor; while there are none, no thread is held. */
public final class SerialTasks {
    private static final Logger log = LoggerFactory.getLogger(SerialTasks.class);

    private final Executor executor;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean running;
    private volatile @Nullable Thread thread;

    public SerialTasks(Executor executor) {
        this.executor = executor;
    }

    public void add(Runnable task) {
        synchronized (this) {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        executor.execute(this::runAll);
    }

    /** Whether the calling thread runs one of the tasks. */
    public boolean inTask() {
        return thread == Thread.currentThread();
    }

    private void runAll() {
        for (Runnable task = next(); task != null; task = next()) {
            thread = Thread.currentThread();
            try {
                task.run();
            } catch (Throwable t) {
                log.error("A listener of the application failed", t);
            } finally {
                thread = null;
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable task = tasks.poll();
        running = task != null;
        return task;
    }
}
