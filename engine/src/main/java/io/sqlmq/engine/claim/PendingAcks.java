package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Outage;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.EngineListeners;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process still has to tell the database about messages that the application is done with, because the statement
 * failed or its connection broke: acknowledgements, and leases that end. Tried until it is written. Meanwhile, and for a
 * while after, this process acknowledges messages that were acknowledged before instead of handing them over a second time;
 * their leases are renewed. Leases that end are not: they run out if nothing else helps. Thread-safe.
 */
public final class PendingAcks {

    private static final Logger LOG = LoggerFactory.getLogger(PendingAcks.class);
    private static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int BATCH = 500;
    private static final long MOST_MILLIS = 5_000;

    /** Leased messages that go back together. */
    private record GiveBack(
            List<Delivery> deliveries,
            RequeueStatements.Kind kind,
            @Nullable String error,
            long since) {

        GiveBack of(List<Delivery> some) {
            return new GiveBack(some, kind, error, since);
        }

        GiveBack withoutError() {
            return new GiveBack(deliveries, kind, null, since);
        }
    }

    private final Database database;
    private final Statements sql;
    private final Threads threads;
    private final ConsumerProcess owner;
    private final HeldLeases leases;
    private final RequeueStatements requeues;
    private final Payloads payloads;
    private final Wakeups wakeups;
    private final EngineListeners listeners;
    private final ConcurrentLinkedQueue<Delivery> open = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<GiveBack> owed = new ConcurrentLinkedQueue<>();
    private final Map<UUID, Long> settled = new ConcurrentHashMap<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ReentrantLock running = new ReentrantLock();
    private volatile long pauseMillis = Outage.PROBE_MILLIS;

    public PendingAcks(
            Database database,
            Statements sql,
            Threads threads,
            ConsumerProcess owner,
            HeldLeases leases,
            RequeueStatements requeues,
            Payloads payloads,
            Wakeups wakeups,
            EngineListeners listeners) {
        this.database = database;
        this.sql = sql;
        this.threads = threads;
        this.owner = owner;
        this.leases = leases;
        this.requeues = requeues;
        this.payloads = payloads;
        this.wakeups = wakeups;
        this.listeners = listeners;
    }

    /** True when the application has acknowledged this message already. */
    public boolean isSettled(UUID id) {
        return !settled.isEmpty() && settled.containsKey(id);
    }

    /** Writes the acknowledgement of messages whose transaction was lost, or could not be written, as soon as that is possible. */
    public void settle(List<Delivery> deliveries) {
        long now = System.nanoTime();
        deliveries.forEach(d -> settled.put(d.row().id(), now));
        open.addAll(deliveries);
        pauseMillis = Outage.PROBE_MILLIS;
        schedule(0);
    }

    /** Ends the leases of these messages, at once if possible. */
    public void giveBack(List<Delivery> deliveries, RequeueStatements.Kind kind, @Nullable String error) {
        GiveBack work = new GiveBack(deliveries, kind, error, System.nanoTime());
        // The server may still be busy with a lease in doubt.
        if (database.isDown() || kind == RequeueStatements.Kind.LEASE_IN_DOUBT) {
            owed.add(work);
        } else {
            owed.addAll(attempt(work));
        }
        pauseMillis = Outage.PROBE_MILLIS;
        scheduleRest();
    }

    /** The database is back. */
    public void soon() {
        pauseMillis = Outage.PROBE_MILLIS;
        threads.workers().execute(this::run);
    }

    private void scheduleRest() {
        if (!open.isEmpty() || !owed.isEmpty()) {
            schedule(pauseMillis);
        }
    }

    private void schedule(long millis) {
        if (scheduled.compareAndSet(false, true)) {
            threads.schedule(
                    () -> threads.workers().execute(() -> {
                        scheduled.set(false);
                        run();
                    }),
                    millis);
        }
    }

    /** Tries once what is left; what is still left then is tried again, less and less often. */
    public void run() {
        running.lock();
        try {
            forgetOld();
            List<Delivery> acknowledged = drain(open);
            for (int from = 0; from < acknowledged.size(); from += BATCH) {
                open.addAll(attempt(acknowledged.subList(from, Math.min(from + BATCH, acknowledged.size()))));
            }
            drain(owed).forEach(work -> owed.addAll(attempt(work)));
        } finally {
            running.unlock();
        }
        scheduleRest();
        pauseMillis = Math.min(2 * pauseMillis, MOST_MILLIS);
    }

    private static <T> List<T> drain(Queue<T> queue) {
        List<T> all = new ArrayList<>();
        for (T next = queue.poll(); next != null; next = queue.poll()) {
            all.add(next);
        }
        return all;
    }

    /** What could not be written for so long is not renewed any more. */
    private void forgetOld() {
        long now = System.nanoTime();
        settled.values().removeIf(at -> now - at > REMEMBERED_NANOS);
        open.removeIf(d -> !isSettled(d.row().id()) && forget(List.of(d)));
        owed.removeIf(w -> now - w.since() > REMEMBERED_NANOS && forget(w.deliveries()));
    }

    private boolean forget(List<Delivery> deliveries) {
        leases.forget(deliveries);
        return true;
    }

    /** Acknowledges; returns what is left. */
    private List<Delivery> attempt(List<Delivery> batch) {
        try {
            return write(batch);
        } catch (SQLException e) {
            LOG.debug("{} acknowledgements wait", batch.size(), e);
            if (batch.size() == 1 || database.isDown()) {
                return batch;
            }
            // One of them may be why; it must not stop the others.
            return batch.stream().flatMap(d -> attempt(List.of(d)).stream()).toList();
        }
    }

    /** Gives back; returns what is left. */
    private List<GiveBack> attempt(GiveBack work) {
        try {
            return write(work) ? List.of() : List.of(work);
        } catch (SQLException e) {
            LOG.debug("{} leases wait to be ended", work.deliveries().size(), e);
            if (database.isDown()) {
                return List.of(work);
            }
            if (work.error() != null && Failures.isRefusal(e)) {
                return attempt(work.withoutError());
            }
            if (work.deliveries().size() > 1) {
                return work.deliveries().stream()
                        .flatMap(d -> attempt(work.of(List.of(d))).stream())
                        .toList();
            }
            return List.of(work);
        }
    }

    /** Returns those that others have locked: the server may not have noticed yet that the old connection is gone. */
    private List<Delivery> write(List<Delivery> batch) throws SQLException {
        Set<UUID> busy = new HashSet<>();
        Pipeline pipeline = new Pipeline();
        KeepStatements.add(pipeline, sql, batch, 0, false);
        pipeline.query(
                sql.ackIds,
                p -> p.texts(batch.stream().map(d -> d.row().channel()).toArray(String[]::new))
                        .uuids(batch.stream().map(d -> d.row().id()).toArray(UUID[]::new))
                        .integer(0)
                        .bigints(new Long[batch.size()]),
                rows -> {
                    while (rows.next()) {
                        if (rows.getBoolean(2)) {
                            busy.add(rows.getObject(1, UUID.class));
                        }
                    }
                });
        database.run(pipeline);
        List<Delivery> done =
                batch.stream().filter(d -> !busy.contains(d.row().id())).toList();
        leases.forget(done);
        wakeups.groupsReleased(done);
        payloads.released(done);
        listeners.acknowledged(done);
        return batch.stream().filter(d -> busy.contains(d.row().id())).toList();
    }

    /** Returns false when rows are busy; then it has to be done again, which leaves out what is done. */
    private boolean write(GiveBack work) throws SQLException {
        Pipeline pipeline = new Pipeline();
        int[] busy = requeues.add(pipeline, work.deliveries(), work.kind(), work.error(), owner.id());
        database.run(pipeline);
        if (busy[0] == 0) {
            leases.forget(work.deliveries());
        }
        wakeups.givenBack(work.deliveries());
        return busy[0] == 0;
    }
}
