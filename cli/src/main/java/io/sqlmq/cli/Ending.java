package io.sqlmq.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What becomes of a verb on Ctrl-C, or SIGTERM: the process stays until the step that it is in has come to its end, and no other begins.
 * Its exit code is that of the signal.
 */
final class Ending implements AutoCloseable {
    private final ReentrantLock step = new ReentrantLock();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean isClosed;

    /**
     * Until it is closed.
     *
     * @param patience how long the process stays at most, should a step not come to its end
     * @param last what is done then, on a thread of its own, between steps
     */
    Ending(Duration patience, Runnable last) {
        hook = new Thread(() -> end(patience, last), "sqlmq-end");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Keeps the step locked: whoever would begin another is waiting for it when the process is gone. */
    private void end(Duration patience, Runnable last) {
        asked.countDown();
        try {
            if (step.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS) && !isClosed) {
                last.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Begins what is not to be left half done, by the thread that ends or closes it. */
    void begin() {
        step.lock();
    }

    void end() {
        step.unlock();
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
        if (step.isHeldByCurrentThread()) {
            step.unlock();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It runs already.
        }
    }
}
