package io.sqlmq.engine.claim;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.Owner;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Sql;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.LeaseLostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages that this process works on for longer than a transaction may stay open. A lease is in the row: its end in
 * attempt_at, its owner, and a token that fences the acknowledge. The process renews together the leases that it knows of, and
 * ends those that are in its name and that it does not know of. Thread-safe.
 */
public final class Leases {

    private static final long LEAST_GRACE_MILLIS = 50;

    private final Engine engine;
    private final Owner owner;
    private final Grace grace;
    private final AtomicBoolean lookingAfterGrace = new AtomicBoolean();
    /** The tokens of this process are greater; where they begin is its own. */
    private final long noToken = ThreadLocalRandom.current().nextLong(1L << 40) << 20;

    // All of these are guarded by the lock.
    private final ReentrantLock lock = new ReentrantLock();
    /** What is worked on, or acknowledged and not written yet: to be renewed. */
    private final Set<Delivery> held = Collections.newSetFromMap(new IdentityHashMap<>());
    /** What is being leased, or must end: neither renewed nor ended by {@link #renew}. */
    private final Set<Delivery> passing = Collections.newSetFromMap(new IdentityHashMap<>());

    private long lastToken = noToken;

    public Leases(Engine engine, Owner owner, Grace grace) {
        this.engine = engine;
        this.owner = owner;
        this.grace = grace;
    }

    /**
     * Adds the statement that leases rows which the transaction has locked. Whatever becomes of it has to be told, by
     * {@link #taken} or {@link #inDoubt}.
     */
    public void add(Pipeline pipeline, List<Delivery> deliveries) {
        engine.leasing();
        long token = begin(deliveries);
        List<String> tids = new ArrayList<>();
        List<String> twinTids = new ArrayList<>();
        for (Delivery delivery : deliveries) {
            (delivery.twin() ? twinTids : tids).add(delivery.tid);
        }
        pipeline.query(
                engine.sql().lease,
                p -> p.tids(tids)
                        .tids(twinTids)
                        .integer(owner.id())
                        .bigint(token)
                        .bigint(engine.options().leaseTime().toMillis()),
                rows -> {});
    }

    private long begin(List<Delivery> deliveries) {
        lock.lock();
        try {
            long token = ++lastToken;
            deliveries.forEach(d -> d.leaseToken = token);
            passing.addAll(deliveries);
            return token;
        } finally {
            lock.unlock();
        }
    }

    /** The transaction with the leases is committed. */
    public void taken(List<Delivery> deliveries) {
        move(deliveries, passing, held);
        deliveries.forEach(d -> d.state = Delivery.State.LEASED);
    }

    /**
     * The transaction with the leases failed, perhaps after its commit. Nobody works on these messages any more: if they are
     * leased all the same, the leases end.
     */
    public void inDoubt(List<Delivery> deliveries) {
        engine.repair().giveBack(deliveries, GiveBacks.Kind.LEASE_IN_DOUBT, null);
    }

    /**
     * Deletes leased messages. After a failure they are leased as before.
     *
     * @throws LeaseLostException when one or more had been given to somebody else; the others are deleted
     */
    public void acknowledge(List<Delivery> deliveries) throws SQLException {
        int n = deliveries.size();
        String[] channels = new String[n];
        UUID[] ids = new UUID[n];
        Long[] leaseTokens = new Long[n];
        for (int i = 0; i < n; i++) {
            channels[i] = deliveries.get(i).row().channel();
            ids[i] = deliveries.get(i).row().id();
            leaseTokens[i] = deliveries.get(i).leaseToken;
        }
        Set<UUID> lost = new HashSet<>();
        Set<UUID> busy = new HashSet<>();
        Pipeline pipeline = new Pipeline();
        if (engine.options().asyncAck()) {
            pipeline.add(Sql.BEGIN).add(Sql.RELAXED_COMMIT);
        }
        pipeline.query(
                engine.sql().ackIds,
                p -> p.texts(channels).uuids(ids).integer(owner.id()).bigints(leaseTokens),
                rows -> {
                    while (rows.next()) {
                        (rows.getBoolean(2) ? busy : lost).add(rows.getObject(1, UUID.class));
                    }
                });
        if (engine.options().asyncAck()) {
            pipeline.add(Sql.COMMIT);
        }
        Connection connection;
        try {
            connection = engine.connections().take();
        } catch (SQLException e) {
            engine.log().debug("{} acknowledgements wait for a connection", n, e);
            settleLater(deliveries);
            return;
        }
        try {
            pipeline.run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            engine.statementFailed(e, broken);
            if (!broken) {
                throw e;
            }
            settleLater(deliveries);
            return;
        }
        Failures.close(connection);
        settleLater(deliveries.stream().filter(d -> busy.contains(d.row().id())).toList());
        List<Delivery> done =
                deliveries.stream().filter(d -> !busy.contains(d.row().id())).toList();
        forget(done);
        done.forEach(d -> d.state = Delivery.State.DONE);
        engine.wakeups().groupsReleased(done);
        engine.payloads().released(done);
        if (!lost.isEmpty()) {
            throw new LeaseLostException(lost.size() + " of " + n
                    + " acknowledged messages had been given to another consumer, because this process could not renew"
                    + " its lease in time: " + lost);
        }
    }

    /** The application has acknowledged; that it cannot be written at once is not its business. */
    public void settleLater(List<Delivery> deliveries) {
        if (!deliveries.isEmpty()) {
            deliveries.forEach(d -> d.state = Delivery.State.LOST);
            engine.repair().settle(deliveries);
        }
    }

    /** Gives leased messages back, at once or as soon as that can be written. */
    public void giveBack(List<Delivery> deliveries, GiveBacks.Kind kind, @Nullable String error) {
        if (!deliveries.isEmpty()) {
            move(deliveries, held, passing);
            engine.repair().giveBack(deliveries, kind, error);
        }
    }

    private void move(List<Delivery> deliveries, Set<Delivery> from, Set<Delivery> to) {
        lock.lock();
        try {
            deliveries.forEach(from::remove);
            to.addAll(deliveries);
        } finally {
            lock.unlock();
        }
    }

    /** The leases of these messages are no more, or not this process's to renew. */
    public void forget(List<Delivery> deliveries) {
        lock.lock();
        try {
            deliveries.forEach(held::remove);
            deliveries.forEach(passing::remove);
        } finally {
            lock.unlock();
        }
    }

    /** The number of this process, or 0 if it has not had a lease yet. It does not claim what it has under a lease itself. */
    int owner() {
        return owner.idIfKnown();
    }

    /**
     * Whether messages may be claimed because the leases of others have run out. If not, who waits is told when they may be,
     * since what is due does not become due once more.
     */
    boolean lapse() {
        boolean lapse = !grace.isOn();
        if (!lapse && lookingAfterGrace.compareAndSet(false, true)) {
            lookAfterGrace();
        }
        return lapse;
    }

    private void lookAfterGrace() {
        engine.threads()
                .schedule(
                        () -> {
                            if (grace.isOn()) {
                                lookAfterGrace();
                            } else {
                                lookingAfterGrace.set(false);
                                engine.looks().want(engine.channels().all());
                            }
                        },
                        Math.max(grace.millisLeft(), LEAST_GRACE_MILLIS));
    }

    /** Moves the end of the leases that this process knows of on, and ends the others that are in its name. */
    public void renew() throws SQLException {
        if (owner.idIfKnown() == 0) {
            return;
        }
        Renewal renewal = renewal();
        long sent = System.nanoTime();
        if (renewal.ids.length == 0) {
            engine.runHousekeeping(renewal.pipeline());
        } else {
            engine.runAlone(renewal.pipeline());
        }
        grace.answered(sent);
        renewal.tellFreed();
    }

    /** As {@link #renew}, before anything else happens after an outage, on the first connection. */
    public void reconcile(Connection connection) throws SQLException {
        if (owner.idIfKnown() != 0) {
            Renewal renewal = renewal();
            renewal.pipeline().run(connection);
            renewal.tellFreed();
        }
    }

    private Renewal renewal() {
        lock.lock();
        try {
            return new Renewal(held, passing, lastToken);
        } finally {
            lock.unlock();
        }
    }

    /** What this process knows of its leases at one moment. */
    private final class Renewal {
        private final UUID[] ids;
        private final Long[] tokens;
        private final Long[] busy;
        private final long last;
        private final Set<String> freed = new TreeSet<>();

        Renewal(Collection<Delivery> held, Collection<Delivery> passing, long last) {
            this.ids = held.stream().map(d -> d.row().id()).toArray(UUID[]::new);
            this.tokens = held.stream().map(d -> d.leaseToken).toArray(Long[]::new);
            this.busy = passing.stream().map(d -> d.leaseToken).distinct().toArray(Long[]::new);
            this.last = last;
        }

        Pipeline pipeline() {
            return new Pipeline()
                    .query(
                            engine.sql().renewLeases,
                            p -> p.integer(owner.idIfKnown())
                                    .bigint(engine.options().leaseTime().toMillis())
                                    .uuids(ids)
                                    .bigints(tokens)
                                    .bigint(noToken)
                                    .bigint(last)
                                    .bigints(busy),
                            rows -> {
                                while (rows.next()) {
                                    freed.add(rows.getString(1));
                                }
                            });
        }

        void tellFreed() {
            if (!freed.isEmpty()) {
                engine.log().info("Let go of messages whose acknowledgement or lease was lost: {}", freed);
            }
            freed.forEach(channel -> engine.wakeups().letGo(channel));
        }
    }
}
