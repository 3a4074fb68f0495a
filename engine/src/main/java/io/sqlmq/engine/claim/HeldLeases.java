package io.sqlmq.engine.claim;

import io.sqlmq.engine.model.Delivery;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/** Which messages this process has under a lease, and by which tokens. No statements. Thread-safe. */
public final class HeldLeases {

    /** The tokens of this process are greater; where they begin is its own. */
    private final long noToken = ThreadLocalRandom.current().nextLong(1L << 40) << 20;

    // All of these are guarded by the lock.
    private final ReentrantLock lock = new ReentrantLock();
    /** What is worked on, or acknowledged and not written yet: to be renewed. */
    private final Set<Delivery> held = Collections.newSetFromMap(new IdentityHashMap<>());
    /** What is being leased, or must end: neither renewed nor ended by {@link Leases#renew}. */
    private final Set<Delivery> passing = Collections.newSetFromMap(new IdentityHashMap<>());

    private long lastToken = noToken;

    /**
     * What this process knows of its leases at one moment.
     *
     * @param ids what is to be renewed, by {@code tokens}
     * @param busy tokens of leases that begin or end just now
     * @param none all tokens of this process are greater
     * @param last the last token that was given
     */
    record Known(List<UUID> ids, List<Long> tokens, List<Long> busy, long none, long last) {}

    /** Leases begin; returns their token. */
    long begin(List<Delivery> deliveries) {
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

    /** They have begun. */
    void taken(List<Delivery> deliveries) {
        move(deliveries, passing, held);
    }

    /** They are to end. */
    void ending(List<Delivery> deliveries) {
        move(deliveries, held, passing);
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

    /** They are no more, or not this process's to renew. */
    public void forget(List<Delivery> deliveries) {
        lock.lock();
        try {
            deliveries.forEach(held::remove);
            deliveries.forEach(passing::remove);
        } finally {
            lock.unlock();
        }
    }

    /** How many there are. */
    public int count() {
        lock.lock();
        try {
            return held.size();
        } finally {
            lock.unlock();
        }
    }

    Known known() {
        lock.lock();
        try {
            List<Long> busy = passing.stream().map(d -> d.leaseToken).distinct().toList();
            List<UUID> ids = held.stream().map(d -> d.row().id()).toList();
            List<Long> tokens = held.stream().map(d -> d.leaseToken).toList();
            return new Known(ids, tokens, busy, noToken, lastToken);
        } finally {
            lock.unlock();
        }
    }
}
