package io.sqlmq.engine.channel;

import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The timer of a channel that comes when the next message is due. Thread-safe. */
final class WakeTimer {

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Future<?> timer;
    private long at;

    /**
     * Has a timer come at this time, unless one comes earlier already.
     *
     * @param start starts it
     */
    void comeAt(long nanoTime, Supplier<Future<?>> start) {
        lock.lock();
        try {
            Future<?> earlier = timer;
            if (earlier != null) {
                if (at - nanoTime <= 0) {
                    return;
                }
                earlier.cancel(false);
            }
            at = nanoTime;
            timer = start.get();
        } finally {
            lock.unlock();
        }
    }

    /** The timer for this time has come; false if another one has replaced it. */
    boolean came(long nanoTime) {
        lock.lock();
        try {
            if (timer == null || at != nanoTime) {
                return false;
            }
            timer = null;
            return true;
        } finally {
            lock.unlock();
        }
    }
}
