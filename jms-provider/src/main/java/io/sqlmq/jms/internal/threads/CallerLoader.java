package io.sqlmq.jms.internal.threads;

import org.jspecify.annotations.Nullable;

/**
 * The context class loader of whoever registers a callback. The callback is run with it, whichever thread does that: objects
 * of the application's classes are found as the application finds them.
 */
public record CallerLoader(@Nullable ClassLoader loader) {

    /** Of the calling thread. */
    public static CallerLoader current() {
        return new CallerLoader(Thread.currentThread().getContextClassLoader());
    }

    /** Runs the callback on the calling thread, which gets its own loader back. */
    public void run(Runnable callback) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            callback.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
