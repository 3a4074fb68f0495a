package io.sqlmq.engine.channel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for messages of a channel, in the order in which they are woken, and what they were told of. Thread-safe; {@code lock} is never held while
 * anything else is called but the executor.
 */
final class Waiters {

    /** Whoever was woken and has not looked by then may be kept from it. */
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ClaimCursors cursors;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    /** For those that look: they are not among the waiters. */
    private final Set<ChannelConsumer> consumers = ConcurrentHashMap.newKeySet();

    private final Announced announced = new Announced();
    private final AtomicLong version = new AtomicLong(1);
    /** How many threads were woken that have not looked yet, and when the last one was. */
    private final AtomicInteger coming = new AtomicInteger();

    private volatile long comingSince;
    /** Where it stood when somebody was told last without enough being woken for what is there. */
    private long unservedVersion = 1;

    private volatile boolean prioritized;
    private volatile boolean exclusive;
    private volatile boolean stirred;
    /** Where it stood when somebody was told last of whom nobody knows whether he takes all that is there; 0: there is no such thing left. */
    private volatile long unknownAt;

    /** Who was woken last, has not begun to look, and takes more than he was told of; null: nobody. */
    private volatile @Nullable ChannelConsumer spareTaker;

    private int spare;
    private long spareSince;

    Waiters(ClaimCursors cursors) {
        this.cursors = cursors;
    }

    void consumerOpened(ChannelConsumer consumer) {
        consumers.add(consumer);
    }

    void consumerClosed(ChannelConsumer consumer) {
        consumers.remove(consumer);
    }

    /** A consumer is there that has another priority than most. */
    void prioritize() {
        prioritized = true;
    }

    /** Whether there is one, or was. */
    boolean isPrioritized() {
        return prioritized;
    }

    /** A consumer is there that wants to be the only one. */
    void exclude() {
        exclusive = true;
    }

    /** Moves on with each signal. */
    long version() {
        return version.get();
    }

    /** Anything may be there: whoever has noted the version before has to look again. */
    void forgetVersion() {
        lock.lock();
        try {
            unservedVersion = version.incrementAndGet();
            announced.addUnknown(unservedVersion);
        } finally {
            lock.unlock();
        }
    }

    /** A message was handed over. */
    void handedOver(UUID message) {
        lock.lock();
        try {
            announced.handedOver(Ready.mark(message));
        } finally {
            lock.unlock();
        }
    }

    /** A look for any message that began at this version found nothing. */
    void foundEmpty(long mark) {
        lock.lock();
        try {
            if (announced.foundEmpty(mark)) {
                passedOn(mark);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A look for any message that began at this version took whatever was there. */
    void foundAll(long mark) {
        if (unknownAt != 0) {
            lock.lock();
            try {
                passedOn(mark);
            } finally {
                lock.unlock();
            }
        }
    }

    private void passedOn(long mark) {
        if (unknownAt <= mark) {
            unknownAt = 0;
        }
    }

    /** Whether all that was announced since a look found nothing is handed over. */
    boolean isNothingLeft() {
        return announced.isNothingLeft();
    }

    /** Whether a few are left of that, and nothing else. */
    boolean isFewAnnouncedLeft() {
        return announced.isFewLeft();
    }

    /** Whether some are left of that, all in that table, and nothing else. */
    boolean isOnlyAnnouncedLeft(boolean inUnlogged) {
        return announced.isOnlyTheseLeft(inUnlogged);
    }

    /** A consumer was woken that looks at once, or has looked. */
    void comes(boolean now) {
        if (now) {
            comingSince = System.nanoTime();
            coming.incrementAndGet();
        } else {
            coming.decrementAndGet();
        }
    }

    /**
     * Whether there is nothing but what was announced and others are woken for, who are about to look.
     *
     * @param himself whether the one who asks is among those
     */
    boolean isServed(boolean himself) {
        return !prioritized
                && !exclusive
                && announced.isFewLeft()
                && announced.count() <= coming.get() - (himself ? 1 : 0)
                && System.nanoTime() - comingSince < LATE_NANOS;
    }

    /** Whether there was any signal since the last look, so that messages may be there that others work on. */
    boolean isStirred() {
        return stirred;
    }

    /** A look begins. */
    void looks() {
        stirred = false;
    }

    /**
     * Adds a waiter unless the version has moved on; then returns false. What others were woken for is theirs, so that it does
     * not keep this one from waiting; they pass on what they do not take.
     */
    boolean add(long mark, Waiter waiter) {
        lock.lock();
        try {
            boolean any = waiter.isSelective() || prioritized || exclusive;
            if ((any ? version.get() : unservedVersion) > mark) {
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
                    higher.consumer().woken();
                    waiters.remove(waiter);
                    break;
                }
            }
            sought = consumers.stream().anyMatch(consumer -> consumer.looksBefore(priority));
            if (sought) {
                unknownAt = version.get();
            }
        } finally {
            lock.unlock();
        }
        if (!sought) {
            return false;
        }
        if (higher != null && !higher.wake()) {
            higher.consumer().looks(false);
            return isForHigher(priority);
        }
        return true;
    }

    void remove(Waiter waiter) {
        lock.lock();
        try {
            waiters.remove(waiter);
        } finally {
            lock.unlock();
        }
    }

    int count() {
        lock.lock();
        try {
            return waiters.size();
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return waiters.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Something may be there: as many of those who wait are woken as take {@code messages}. */
    void signal(int messages, Executor executor) {
        signal(messages, null, false, executor);
    }

    /** These messages are committed, for which as many of those who wait are woken as take them. */
    void signal(Ready messages, Executor executor) {
        signal(messages.count(), messages, !messages.isCountKnown(), executor);
    }

    /** As {@link #signal}, when nobody knows of how many messages: who finds enough wakes the next. */
    void signalUnknown(Executor executor) {
        signal(1, null, true, executor);
    }

    /** A wake-up that somebody had is for another one: nothing has come since, and nobody knows of how many messages it was. */
    void signalAgain(Executor executor) {
        signal(1, new Ready(), true, executor);
    }

    private void signal(int messages, @Nullable Ready which, boolean perhapsMore, Executor executor) {
        List<Waiter> woken = new ArrayList<>();
        lock.lock();
        try {
            long now = version.incrementAndGet();
            if (which == null) {
                announced.addUnknown(now);
            } else {
                announced.add(which.logged(), false, now);
                announced.add(which.unlogged(), true, now);
            }
            stirred = true;
            cursors.plain().announced();
            int plainLeft = messages - takeSpare(messages);
            boolean reliesOnOne = perhapsMore || plainLeft < messages;
            for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
                Waiter waiter = each.next();
                ChannelConsumer consumer = waiter.consumer();
                if (!consumer.isEligible()) {
                    continue;
                }
                if (waiter.isSelective() || plainLeft > 0) {
                    woken.add(waiter);
                    consumer.woken();
                    if (!waiter.isSelective()) {
                        reliesOnOne |= plainLeft > 1 && waiter.takes() > 1;
                        plainLeft -= waiter.takes();
                        if (waiter.looksAtOnce()) {
                            consumer.comes();
                        }
                        if (plainLeft < 0) {
                            spareTaker = consumer;
                            spare = -plainLeft;
                            spareSince = System.nanoTime();
                        }
                    }
                    each.remove();
                } else if (cursors.isPlainOnly()) {
                    break;
                }
            }
            if (plainLeft > 0) {
                unservedVersion = now;
            }
            if (reliesOnOne) {
                unknownAt = now;
            }
        } finally {
            lock.unlock();
        }
        for (Waiter waiter : woken) {
            if (!waiter.wake()) {
                waiter.consumer().looks(false);
                takesNoMore(waiter.consumer());
                executor.execute(() -> signalAgain(executor));
            }
        }
    }

    /** How many of so many messages are left to the one who was woken before and has not begun to look. */
    private int takeSpare(int messages) {
        if (spareTaker == null || System.nanoTime() - spareSince >= LATE_NANOS) {
            return 0;
        }
        int taken = Math.min(spare, messages);
        spare -= taken;
        return taken;
    }

    /** The consumer begins to look, or will not: what becomes ready from now on is not left to it. */
    void takesNoMore(ChannelConsumer consumer) {
        if (spareTaker == consumer) {
            lock.lock();
            try {
                if (spareTaker == consumer) {
                    spareTaker = null;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** A claim found as many messages as it asked for: there may be more than those know of who are woken. */
    void passOn(Executor executor) {
        if (unknownAt != 0) {
            signal(1, new Ready(), false, executor);
        }
    }
}
