package io.sqlmq.job.internal;

import io.sqlmq.engine.jdbc.Daemons;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Threads for jobs: virtual ones where the JVM has them (Java 21), else daemons. */
public final class JobThreads {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private JobThreads() {}

    /** Runs each task on a thread of its own. Needs no shutdown. */
    public static Executor executor() {
        Executor virtual = virtual();
        return virtual != null
                ? virtual
                : new ThreadPoolExecutor(
                        0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), JobThreads::thread);
    }

    private static Thread thread(Runnable task) {
        return Daemons.thread(task, "sqlmq-job-" + NUMBER.incrementAndGet());
    }

    private static @Nullable Executor virtual() {
        try {
            Method factory = java.util.concurrent.Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
            return (Executor) factory.invoke(null);
        } catch (ReflectiveOperationException e) {
            return null; // an older JVM
        }
    }
}
