package io.sqlmq.engine;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells other processes about committed messages, off the hot path: NOTIFY takes a lock of the whole database at commit.
 * The first after a pause goes out at once; while there are more, they collect for longer and longer, up to 10 ms.
 */
final class Notifier implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Engine engine;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private Map<String, Long> dirty = new HashMap<>();
    private boolean running;
    private boolean closed;

    Notifier(Engine engine) {
        this.engine = engine;
    }

    /**
     * Something was committed.
     *
     * @param dueMillis in how many milliseconds it can be delivered
     */
    void post(String channel, long dueMillis) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            Long known = dirty.get(channel);
            if (known != null && known <= dueMillis) {
                return;
            }
            dirty.put(channel, dueMillis);
            if (!running) {
                running = true;
                engine.threads().workers().execute(this::run);
            } else {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long pause = FIRST_PAUSE_NANOS;
        while (true) {
            Map<String, Long> batch = nextBatch();
            if (batch == null) {
                return;
            }
            send(batch);
            pause = pause(pause) ? Math.min(pause * 2, LONGEST_PAUSE_NANOS) : FIRST_PAUSE_NANOS;
        }
    }

    private @Nullable Map<String, Long> nextBatch() {
        lock.lock();
        try {
            long rest = IDLE_NANOS;
            while (dirty.isEmpty() && rest > 0 && !closed) {
                rest = work.awaitNanos(rest);
            }
            if (dirty.isEmpty()) {
                running = false;
                return null;
            }
            Map<String, Long> batch = dirty;
            dirty = new HashMap<>();
            return batch;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            running = false;
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void send(Map<String, Long> batch) {
        String[] channels = batch.keySet().toArray(String[]::new);
        Long[] due = new Long[channels.length];
        for (int i = 0; i < due.length; i++) {
            due[i] = batch.get(channels[i]);
        }
        // A commit of notifications alone does not wait for the disk.
        Pipeline pipeline = new Pipeline()
                .query(
                        engine.sql().notifyChannels,
                        p -> p.text(engine.sql().topic)
                                .texts(channels)
                                .bigints(due)
                                .integer(engine.owner().idIfKnown()),
                        rows -> {});
        try {
            engine.runAlone(pipeline);
        } catch (SQLException e) {
            LOG.debug("Consumers elsewhere will find these messages by their safety poll", e);
        }
    }

    /** Lets messages collect; returns whether any have. */
    private boolean pause(long nanos) {
        long end = System.nanoTime() + nanos;
        lock.lock();
        try {
            for (long rest = nanos; rest > 0 && !closed; rest = end - System.nanoTime()) {
                work.awaitNanos(rest);
            }
            return !dirty.isEmpty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
