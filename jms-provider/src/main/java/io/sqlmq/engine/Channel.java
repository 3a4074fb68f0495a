package io.sqlmq.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What this process knows of one channel: who waits for it, how far its head has moved, and whether it is known to be
 * empty. Thread-safe; {@code lock} is never held while anything else is called but the executor.
 */
final class Channel {

    /** How many claims look at the unlogged table only when the other gives too little, for one that looks there first. */
    private static final int TWIN_TURN = 8;

    /**
     * A range of ranks where a claim looks, see mq_claim.
     *
     * @param floor where the ready rows of {@code from} begin
     * @param twinFloor the same in the unlogged table
     */
    record Lane(int from, int to, long floor, long twinFloor) {
        /** Everywhere. */
        static final List<Lane> ALL = List.of(new Lane(0, 9, 0, 0));
    }

    /** Somebody who waits: woken once. */
    interface Waiter {
        /** Returns false if it does not wait any more, so that another one has to be woken. */
        boolean wake();
    }

    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private final AtomicInteger consumers = new AtomicInteger();
    private final AtomicInteger claims = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();

    private boolean wakeScheduled;
    private long wakeAt;

    private final AtomicLong version = new AtomicLong(1);
    private volatile long emptyVersion;
    private volatile List<Lane> lanes = Lane.ALL;
    private volatile int takenRanks;
    private volatile boolean unknown;
    private volatile boolean registered;
    private volatile long unusedSince = System.nanoTime();

    Channel(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    // Consumers

    void consumerOpened() {
        consumers.incrementAndGet();
    }

    void consumerClosed() {
        if (consumers.decrementAndGet() == 0) {
            unusedSince = System.nanoTime();
        }
    }

    boolean hasConsumers() {
        return consumers.get() > 0;
    }

    boolean unusedFor(long nanos) {
        return consumers.get() == 0 && System.nanoTime() - unusedSince > nanos;
    }

    // Wake-ups

    long version() {
        return version.get();
    }

    /** Adds a waiter unless the version has moved on; then returns false. */
    boolean addWaiter(long mark, Waiter waiter) {
        lock.lock();
        try {
            if (version.get() != mark) {
                return false;
            }
            waiters.add(waiter);
            return true;
        } finally {
            lock.unlock();
        }
    }

    void removeWaiter(Waiter waiter) {
        lock.lock();
        try {
            waiters.remove(waiter);
        } finally {
            lock.unlock();
        }
    }

    boolean hasWaiters() {
        lock.lock();
        try {
            return !waiters.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Something may be there: up to {@code messages} of those who wait are woken. */
    void signal(int messages, Executor executor) {
        List<Waiter> woken = new ArrayList<>();
        lock.lock();
        try {
            version.incrementAndGet();
            while (woken.size() < messages && !waiters.isEmpty()) {
                woken.add(waiters.poll());
            }
        } finally {
            lock.unlock();
        }
        for (Waiter waiter : woken) {
            if (!waiter.wake()) {
                executor.execute(() -> signal(1, executor));
            }
        }
    }

    /** As {@link #signal}, when nobody knows of how many messages: who finds enough wakes the next. */
    void signalUnknown(Executor executor) {
        unknown = true;
        signal(1, executor);
    }

    /** A claim found messages, perhaps as many as it asked for. */
    void passOn(boolean full, Executor executor) {
        if (!unknown) {
            return;
        }
        if (full) {
            signal(1, executor);
        } else {
            unknown = false;
        }
    }

    /** A claim that began at {@code mark} found nothing at all. */
    void foundEmpty(long mark) {
        emptyVersion = mark;
    }

    boolean emptySinceLastSignal() {
        return emptyVersion == version.get();
    }

    boolean isRegistered() {
        return registered;
    }

    void setRegistered(boolean registered) {
        this.registered = registered;
    }

    /** Notes that the channel is to be woken at this time; false if it is woken early enough already. */
    boolean wakesAt(long nanoTime) {
        lock.lock();
        try {
            if (wakeScheduled && wakeAt - nanoTime <= 0) {
                return false;
            }
            wakeScheduled = true;
            wakeAt = nanoTime;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The wake-up that was noted for this time has come; false if an earlier one has replaced it. */
    boolean wakeCame(long nanoTime) {
        lock.lock();
        try {
            if (!wakeScheduled || wakeAt != nanoTime) {
                return false;
            }
            wakeScheduled = false;
            return true;
        } finally {
            lock.unlock();
        }
    }

    // Where to look

    List<Lane> lanes() {
        return lanes;
    }

    void setLanes(List<Lane> lanes) {
        this.lanes = lanes;
    }

    boolean twinFirst() {
        return claims.incrementAndGet() % TWIN_TURN == 0;
    }

    void countTaken(List<Delivery> messages) {
        int ranks = 0;
        for (Delivery message : messages) {
            ranks |= 1 << (9 - message.row().priority());
        }
        takenRanks = takenRanks | ranks; // a lost update costs a late floor, nothing else
        taken.addAndGet(messages.size());
    }

    boolean hasTakenFrom(int rank) {
        return (takenRanks & 1 << rank) != 0;
    }

    /** How many messages have been taken since the last call that returned at least {@code least}; else 0. */
    int takenAtLeast(int least) {
        int count = taken.get();
        if (count < least) {
            return 0;
        }
        taken.addAndGet(-count);
        return count;
    }
}
