package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.TemporaryNames;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells other processes about committed messages, off the hot path: NOTIFY takes a lock of the whole database at commit.
 * The first after a pause goes out at once; while there are more, they collect for longer and longer, up to 10 ms.
 */
public final class Notifier implements AutoCloseable {

    private static final String NOTIFYING = "notifying other processes of messages";
    /** Instead of milliseconds: later, nobody knows when. */
    public static final long LATER = -1;

    /** Instead of milliseconds: anything may have come. */
    private static final Long ANYTHING = 0L;

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Database database;
    private final Recurring recurring;
    private final Threads threads;
    private final Statements sql;
    private final ConsumerProcess owner;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private Batch dirty = new Batch();
    private boolean running;
    private boolean closed;

    /** Whether there is a job among what is told of, for programs that poll: the server is asked only where nobody knows. */
    public enum Polled {
        /** Only messages that are no jobs. */
        NO,
        /** The server is to look. */
        PERHAPS,
        /** A job. */
        YES;

        /** The stronger of both. */
        public Polled or(Polled other) {
            return compareTo(other) < 0 ? other : this;
        }
    }

    /** The channels with messages that can be delivered, and those where some can later, with the time of the next. */
    private static final class Batch {
        /** By channel what is told: 0 for anything, or see {@link Ready}. */
        final Map<String, Set<Long>> ready = new HashMap<>();

        final Map<String, Long> later = new HashMap<>();
        final Map<String, Polled> polled = new HashMap<>();

        boolean isEmpty() {
            return ready.isEmpty() && later.isEmpty();
        }

        /**
         * Returns false if the batch says so already.
         *
         * @param which null: nobody knows
         */
        boolean add(String channel, long dueMillis, @Nullable Ready which, Polled jobs) {
            Polled before = polled.get(channel);
            Polled after = before == null ? jobs : before.or(jobs);
            polled.put(channel, after);
            boolean isNews = dueMillis <= 0 ? addReady(channel, which) : addLater(channel, dueMillis);
            return isNews || after != before;
        }

        private boolean addReady(String channel, @Nullable Ready which) {
            Set<Long> told = ready.computeIfAbsent(channel, name -> new HashSet<>());
            if (told.contains(ANYTHING)) {
                return false;
            }
            if (which != null) {
                return which.addTo(told);
            }
            told.clear();
            return told.add(ANYTHING);
        }

        private boolean addLater(String channel, long dueMillis) {
            long at = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(dueMillis);
            Long known = later.get(channel);
            if (known != null && known - at <= 0) {
                return false;
            }
            later.put(channel, at);
            return true;
        }

        void addTo(List<String> channels, List<Long> due, List<String> jobs) {
            ready.forEach((channel, told) -> told.forEach(code -> {
                channels.add(channel);
                due.add(code);
            }));
            long now = System.nanoTime();
            later.forEach((channel, at) -> {
                channels.add(channel);
                due.add(Math.max(1, TimeUnit.NANOSECONDS.toMillis(at - now)));
            });
            Map<String, Polled> left = new HashMap<>(polled);
            for (String channel : channels) {
                Polled once = left.remove(channel);
                jobs.add((once == null ? Polled.NO : once).name());
            }
        }
    }

    public Notifier(Database database, Recurring recurring, Threads threads, Statements sql, ConsumerProcess owner) {
        this.database = database;
        this.recurring = recurring;
        this.threads = threads;
        this.sql = sql;
        this.owner = owner;
    }

    /**
     * Something was committed. Of a temporary channel of this process nobody else need hear.
     *
     * @param dueMillis in how many milliseconds it can be delivered
     */
    void post(String channel, long dueMillis, Polled jobs) {
        post(channel, dueMillis, null, jobs);
    }

    /** These messages were committed. */
    void post(String channel, Ready messages, Polled jobs) {
        post(channel, 0, messages, jobs);
    }

    private void post(String channel, long dueMillis, @Nullable Ready which, Polled jobs) {
        if (jobs == Polled.NO && TemporaryNames.isOf(channel, owner.idIfKnown())) {
            return;
        }
        lock.lock();
        try {
            if (closed || !dirty.add(channel, dueMillis, which, jobs)) {
                return;
            }
            if (!running) {
                running = true;
                threads.workers().execute(this::run);
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
            Batch batch = nextBatch();
            if (batch == null) {
                return;
            }
            send(batch);
            pause = pause(pause) ? Math.min(pause * 2, LONGEST_PAUSE_NANOS) : FIRST_PAUSE_NANOS;
        }
    }

    private @Nullable Batch nextBatch() {
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
            Batch batch = dirty;
            dirty = new Batch();
            return batch;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            running = false;
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void send(Batch batch) {
        List<String> channels = new ArrayList<>();
        List<Long> due = new ArrayList<>();
        List<String> jobs = new ArrayList<>();
        batch.addTo(channels, due, jobs);
        // A commit of notifications alone does not wait for the disk.
        Pipeline pipeline = new Pipeline()
                .query(
                        sql.notifyChannels,
                        p -> p.text(sql.topic)
                                .texts(channels.toArray(String[]::new))
                                .bigints(due.toArray(Long[]::new))
                                .texts(jobs.toArray(String[]::new))
                                .integer(owner.idIfKnown()),
                        rows -> {});
        try {
            database.run(pipeline);
            recurring.succeeded(NOTIFYING);
        } catch (SQLException e) {
            recurring.failed(NOTIFYING, e); // consumers elsewhere will find these messages by their safety poll
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
