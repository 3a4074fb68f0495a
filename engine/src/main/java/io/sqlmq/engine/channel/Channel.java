package io.sqlmq.engine.channel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of one channel: who waits for it, how far its cursors have moved, and whether it is known to be
 * empty. Thread-safe; {@code lock} is never held while anything else is called but the executor.
 */
public final class Channel {

    /** Somebody who waits: woken once. */
    interface Waiter {
        /** For which consumer. */
        ChannelConsumer consumer();

        /** Whether it wants only some messages, so that it has to be woken besides those that take any. */
        default boolean isSelective() {
            return consumer().cursor().selection() != null;
        }

        /** Returns false if it does not wait any more, so that another one has to be woken. */
        boolean wake();
    }

    /** For so many claims without any, groups are still looked for in each. */
    private static final int GROUP_TURNS = 1_000;

    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final ClaimCursors cursors = new ClaimCursors(this);
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private final AtomicInteger consumers = new AtomicInteger();
    /** For those that look: they are not among the waiters. */
    private final Set<ChannelConsumer> all = ConcurrentHashMap.newKeySet();

    private volatile @Nullable ExclusiveChannel exclusive;
    private volatile boolean prioritized;
    private @Nullable Future<?> timer;
    private long wakeAt;

    private volatile boolean nextUnknown = true;
    private volatile boolean stirred;
    private volatile long lookedAt = System.nanoTime();
    private volatile boolean answered;

    private volatile @Nullable String waiting;
    private volatile boolean passedWaiting;

    private final AtomicInteger groupTurns = new AtomicInteger();
    private final AtomicLong version = new AtomicLong(1);
    private volatile boolean unknown;
    private volatile boolean registered;
    private volatile boolean sharesBodies;
    private volatile long unusedSince = System.nanoTime();

    Channel(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    // Consumers

    void consumerOpened(ChannelConsumer consumer) {
        all.add(consumer);
        consumers.incrementAndGet();
    }

    void consumerClosed(ChannelConsumer consumer) {
        all.remove(consumer);
        cursors.endUse(consumer.cursor());
        if (consumers.decrementAndGet() == 0) {
            unusedSince = System.nanoTime();
        }
    }

    /** A consumer is there that is not like the usual ones. */
    void standsOut(ChannelConsumer consumer, Function<Channel, ExclusiveChannel> exclusives) {
        if (consumer.preference().priority() != 0) {
            prioritized = true;
        }
        if (consumer.preference().exclusive()) {
            lock.lock();
            try {
                if (exclusive == null) {
                    exclusive = exclusives.apply(this);
                }
            } finally {
                lock.unlock();
            }
            exclusive.join(consumer);
        }
    }

    /** What there is about exclusive consumers; null: there were none. */
    @Nullable
    public ExclusiveChannel exclusive() {
        return exclusive;
    }

    /** Whether a consumer has, or had, another priority than most. */
    boolean isPrioritized() {
        return prioritized;
    }

    public boolean hasSeveralConsumers() {
        return consumers.get() > 1;
    }

    public boolean hasConsumers() {
        return consumers.get() > 0;
    }

    boolean unusedFor(long nanos) {
        return consumers.get() == 0 && System.nanoTime() - unusedSince >= nanos;
    }

    // Wake-ups

    public long version() {
        return version.get();
    }

    /** Adds a waiter unless the version has moved on; then returns false. */
    boolean addWaiter(long mark, Waiter waiter) {
        lock.lock();
        try {
            if (version.get() != mark) {
                return false;
            }
            enqueue(waiter);
            waiter.consumer().looks(false);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Behind those of the same or a higher priority. */
    private void enqueue(Waiter waiter) {
        int priority = waiter.consumer().preference().priority();
        ArrayDeque<Waiter> behind = new ArrayDeque<>();
        while (prioritized
                && !waiters.isEmpty()
                && waiters.getLast().consumer().preference().priority() < priority) {
            behind.addFirst(waiters.removeLast());
        }
        waiters.addLast(waiter);
        waiters.addAll(behind);
    }

    /**
     * Whether what is there is for a consumer of a higher priority: one that waits, and is woken now, or one that looks.
     * Whoever finds messages then wakes the next.
     */
    boolean isForHigher(int priority) {
        if (!prioritized) {
            return false;
        }
        Waiter higher = null;
        boolean sought;
        lock.lock();
        try {
            for (Waiter waiter : waiters) {
                if (waiter.consumer().preference().priority() <= priority) {
                    break;
                }
                if (!waiter.isSelective() && waiter.consumer().isEligible()) {
                    higher = waiter;
                    higher.consumer().looks(true);
                    waiters.remove(waiter);
                    break;
                }
            }
            sought = all.stream().anyMatch(consumer -> consumer.looksBefore(priority));
        } finally {
            lock.unlock();
        }
        if (!sought) {
            return false;
        }
        unknown = true;
        if (higher != null && !higher.wake()) {
            higher.consumer().looks(false);
            return isForHigher(priority);
        }
        return true;
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
            stirred = true;
            cursors.plain().announced();
            int plainLeft = messages;
            for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
                Waiter waiter = each.next();
                if (!waiter.consumer().isEligible()) {
                    continue;
                }
                if (waiter.isSelective() || plainLeft > 0) {
                    plainLeft -= waiter.isSelective() ? 0 : 1;
                    woken.add(waiter);
                    waiter.consumer().looks(true);
                    each.remove();
                } else if (cursors.isPlainOnly()) {
                    break;
                }
            }
        } finally {
            lock.unlock();
        }
        for (Waiter waiter : woken) {
            if (!waiter.wake()) {
                waiter.consumer().looks(false);
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
    public void passOn(boolean full, Executor executor) {
        if (!unknown) {
            return;
        }
        if (full) {
            signal(1, executor);
        } else {
            unknown = false;
        }
    }

    public boolean isRegistered() {
        return registered;
    }

    public void setRegistered(boolean registered) {
        this.registered = registered;
    }

    /**
     * Has a timer come at this time, unless one comes earlier already.
     *
     * @param start starts it
     */
    void wakeAt(long nanoTime, Supplier<Future<?>> start) {
        lock.lock();
        try {
            Future<?> earlier = timer;
            if (earlier != null) {
                if (wakeAt - nanoTime <= 0) {
                    return;
                }
                earlier.cancel(false);
            }
            wakeAt = nanoTime;
            timer = start.get();
        } finally {
            lock.unlock();
        }
    }

    /** The timer for this time has come; false if another one has replaced it. */
    boolean wakeCame(long nanoTime) {
        lock.lock();
        try {
            if (timer == null || wakeAt != nanoTime) {
                return false;
            }
            timer = null;
            lookEverywhere();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a message may be due earlier than there is a timer, so that whoever waits has to look for the next. */
    public boolean isNextUnknown() {
        return nextUnknown;
    }

    void setNextUnknown(boolean nextUnknown) {
        this.nextUnknown = nextUnknown;
    }

    /** A look begins. */
    void looks() {
        nextUnknown = false;
        stirred = false;
        lookedAt = System.nanoTime();
    }

    /** When the last look began, as of System.nanoTime. */
    long lookedAt() {
        return lookedAt;
    }

    /** Whether there was any signal since the last look, so that messages may be there that others work on. */
    boolean isStirred() {
        return stirred;
    }

    /** Whether a look has told, or failed to; false the first time. */
    boolean setAnswered() {
        boolean before = answered;
        answered = true;
        return before;
    }

    /** Anything may be there: what looks have found before does not count any more. */
    void forgetLooks() {
        version.incrementAndGet();
        nextUnknown = true;
        lookEverywhere();
    }

    // Groups

    /** Messages of groups were sent here or came from here. */
    void sawGroups() {
        groupTurns.set(GROUP_TURNS);
    }

    /** Whether that is not long ago. Asked once a claim. */
    boolean mayHaveGroups() {
        return groupTurns.get() > 0 && groupTurns.decrementAndGet() >= 0;
    }

    /** Whether claims look for groups now. */
    boolean hasGroups() {
        return groupTurns.get() > 0;
    }

    // Cursors

    /** Rows are due, or were given back. */
    void lookEverywhere() {
        cursors.plain().lookEverywhere();
    }

    public boolean sharesBodies() {
        return sharesBodies;
    }

    /** Rows of the channel were seen that share their bodies with others. */
    public void setSharesBodies() {
        sharesBodies = true;
    }

    /** Where rows that wait begin, as {@code mq_first_waiting} told; null: anywhere. */
    public @Nullable String waiting() {
        return waiting;
    }

    public void setWaiting(@Nullable String waiting) {
        this.waiting = waiting;
    }

    /** Messages that had waited may be gone: {@link #waiting} is to be raised. */
    public void passedWaiting() {
        passedWaiting = true;
    }

    /** Whether that was so since this was last asked. */
    public boolean hasPassedWaiting() {
        boolean passed = passedWaiting;
        passedWaiting = false;
        return passed;
    }

    public ClaimCursors cursors() {
        return cursors;
    }
}
