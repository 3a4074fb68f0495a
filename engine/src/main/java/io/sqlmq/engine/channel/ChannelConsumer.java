package io.sqlmq.engine.channel;

import io.sqlmq.engine.model.ConsumerPreference;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.FailureRules;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A consumer's interest in one channel: where it waits without a connection or thread of its own. Creating and closing
 * one costs no SQL.
 *
 * <p>The sound way to wait: read {@link #mark()}, look ({@code Window.next}), and only if nothing was found wait for
 * that mark to be passed.
 */
public final class ChannelConsumer implements AutoCloseable {

    /** Claims are as large as the window finds useful. */
    public static final int AS_NEEDED = Integer.MAX_VALUE;

    /** Who has not finished its look by then does not keep messages from those of lower priority any longer. */
    private static final long LOOK_MILLIS = 50;

    private final Consumers shared;
    private final Channel channel;
    private final ClaimCursor cursor;
    private final FailureRules rules;
    private final int maxClaim;
    private final ConsumerPreference preference;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private volatile boolean closed;
    private volatile int ordered = AS_NEEDED;
    private volatile int claimSize = 1;
    private final AtomicBoolean coming = new AtomicBoolean();
    /** As of System.nanoTime; 0: it does not look. */
    private volatile long looksUntil;
    /** As of System.nanoTime; 0: it was not woken, or nobody wants to know. */
    private volatile long wokenAt;

    ChannelConsumer(
            Consumers shared, ClaimCursor cursor, FailureRules rules, int maxClaim, ConsumerPreference preference) {
        this.shared = shared;
        this.cursor = cursor;
        this.channel = cursor.channel();
        this.rules = rules;
        this.maxClaim = maxClaim;
        this.preference = preference;
        channel.consumerOpened(this);
    }

    ConsumerPreference preference() {
        return preference;
    }

    /** Whether nothing that this process knows of keeps it from getting messages. */
    boolean isEligible() {
        ExclusiveChannel exclusive = channel.exclusive();
        return (exclusive == null || exclusive.isEligible(this)) && !shared.restrictions.isPaused(channel.name());
    }

    /**
     * Whether it may get what is there, now. Costs a statement the first time in a process, and may later if there are exclusive consumers.
     *
     * @param joined the connection of a transaction in which it takes them, which may be the only one that can be had; else null
     */
    public boolean mayTake(@Nullable Connection joined) throws SQLException {
        ExclusiveChannel exclusive = channel.exclusive();
        int mark = shared.database.outageMark();
        try {
            if (shared.restrictions.isPaused(channel.name(), joined)) {
                return false;
            }
            if (exclusive != null && !exclusive.mayTake(this)) {
                return false;
            }
        } catch (SQLException e) {
            if (shared.database.wasDownSince(mark)) {
                return false; // as for a claim: whoever waits is woken when the database is back
            }
            throw e;
        }
        if (channel.waiters().isForHigher(preference.priority())) {
            shared.looks.wakeIn(channel.name(), (double) LOOK_MILLIS); // should that one not take it after all
            return false;
        }
        return true;
    }

    /** Whether its channel is limited: each delivery needs a slot. */
    public boolean isLimited() {
        return shared.restrictions.isLimited(channel.name());
    }

    /** No slot of its channel is free now, but perhaps in so many milliseconds. */
    public void comeBackIn(double millis) {
        shared.looks.wakeIn(channel.name(), millis);
    }

    /**
     * Whether it looks for messages, or is about to: then those of lower priority leave them to it. Ends by itself with a
     * message, with a wait, and after a while.
     */
    public void looks(boolean now) {
        if (!now && coming.compareAndSet(true, false)) {
            channel.waiters().comes(false);
        }
        if (channel.waiters().isPrioritized()) {
            looksUntil = now ? System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS) : 0;
        }
    }

    /** It waited, and is woken. */
    void woken() {
        looks(true);
        if (shared.listeners.any()) {
            wokenAt = System.nanoTime();
        }
    }

    /** It has a message. */
    public void got(Delivery delivery) {
        looks(false); // before it is told what is taken, see Waiters.isServed
        channel.handedOver(delivery.row().id());
        if (shared.listeners.any()) {
            long woken = wokenAt;
            if (woken != 0) {
                wokenAt = 0;
                shared.listeners.wokenUp(delivery, System.nanoTime() - woken);
            }
            shared.listeners.delivered(delivery);
        }
    }

    /** It is woken, and will look before it does anything else. */
    void comes() {
        if (coming.compareAndSet(false, true)) {
            channel.waiters().comes(true);
        }
    }

    boolean looksBefore(int priority) {
        long until = looksUntil;
        return until != 0
                && until - System.nanoTime() > 0
                && preference.priority() > priority
                && cursor.selection() == null
                && isEligible();
    }

    /** The channel's name. */
    public String channel() {
        return channel.name();
    }

    /**
     * How many messages are to be claimed at once: all that are left of a fixed number, or {@link #AS_NEEDED}. With 0
     * nothing is claimed in advance.
     */
    public void order(int messages) {
        ordered = messages;
    }

    public int ordered() {
        return ordered;
    }

    /** How many messages its last claim asked for, as the next one will, about. */
    public void setClaimSize(int messages) {
        claimSize = messages;
    }

    Channel state() {
        return channel;
    }

    public ClaimCursor cursor() {
        return cursor;
    }

    public FailureRules rules() {
        return rules;
    }

    /** The most messages that a claim for this consumer takes, whatever its window thinks. */
    public int maxClaim() {
        return maxClaim;
    }

    /** Whether many others in this process claim too, so that an order between groups is nobody's. */
    public boolean isCrowded() {
        return shared.transactions.isCrowded();
    }

    /** Where the channel's wake-ups stand; read before looking. */
    public long mark() {
        looks(true);
        channel.waiters().takesNoMore(this);
        return channel.version();
    }

    /**
     * Waits until there may be something new since {@code mark}.
     *
     * @param nanos how long at most; 0 or less returns at once
     * @return false when the time is over or this consumer was closed
     */
    public boolean await(long mark, long nanos) throws InterruptedException {
        BlockedThread waiter = new BlockedThread();
        if (closed || nanos <= 0) {
            return !closed && channel.version() != mark;
        }
        if (!channel.waiters().add(mark, waiter)) {
            return true;
        }
        shared.upkeep.waiting(channel);
        boolean follows = false;
        lock.lock();
        try {
            long rest = nanos;
            while (!waiter.signalled && !closed && rest > 0) {
                rest = woken.awaitNanos(rest);
            }
            follows = waiter.signalled && !closed;
            return follows;
        } finally {
            waiter.over = true;
            boolean passOn = waiter.signalled && !follows;
            lock.unlock();
            channel.waiters().remove(waiter);
            if (passOn) {
                passOn();
            }
        }
    }

    /**
     * Runs {@code callback} once, as soon as there may be something new since {@code mark} (perhaps before this method
     * returns), on an engine thread or the calling one. It must not block. Never called after {@link #close()}.
     */
    public void onSignal(long mark, Runnable callback) {
        if (closed) {
            return;
        }
        if (channel.waiters().add(mark, new Callback(callback))) {
            shared.upkeep.waiting(channel);
        } else {
            callback.run();
        }
    }

    /** Registers a waiter; false when the mark is passed already. */
    boolean watch(long mark, Waiter waiter) {
        if (!channel.waiters().add(mark, waiter)) {
            return false;
        }
        shared.upkeep.waiting(channel);
        return true;
    }

    /** A wake-up that this consumer had is for another one. */
    public void passOn() {
        channel.waiters().takesNoMore(this);
        Executor workers = shared.threads.workers();
        workers.execute(() -> channel.waiters().signalAgain(workers)); // many may pass it on, one after the other
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * True when the last look found nothing, or what has come since is handed over or for others, who are woken and about to take
     * it, and every wake-up would have been noticed, so that looking again before waiting a while would be for nothing.
     */
    public boolean knownEmpty() {
        return cursor.emptySinceLastSignal(coming.get()) && channel.isRegistered() && shared.listenState.isListening();
    }

    /** Whether a look is for nothing because there will be one, for many channels together, as soon as this consumer waits. */
    public boolean looksWhenWaiting() {
        return channel.exclusive() == null
                && ((!channel.isRegistered() && shared.listenState.isListening()) || channel.isNextUnknown());
    }

    /** Fails while the database is away: a look that found nothing then says nothing. */
    public void checkReachable() throws SQLException {
        shared.database.checkReachable();
    }

    /** Ends every wait on this consumer. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            woken.signalAll();
        } finally {
            lock.unlock();
        }
        looks(false);
        ExclusiveChannel exclusive = channel.exclusive();
        if (exclusive != null && preference.exclusive()) {
            exclusive.leave(this);
        }
        channel.consumerClosed(this);
        shared.channels.consumerClosed(channel);
    }

    private final class BlockedThread implements Waiter {
        private boolean signalled;
        private boolean over;

        @Override
        public ChannelConsumer consumer() {
            return ChannelConsumer.this;
        }

        @Override
        public int takes() {
            return claimSize;
        }

        @Override
        public boolean looksAtOnce() {
            return true;
        }

        @Override
        public boolean wake() {
            lock.lock();
            try {
                if (over || closed) {
                    return false;
                }
                signalled = true;
                woken.signalAll();
                return true;
            } finally {
                lock.unlock();
            }
        }
    }

    private final class Callback implements Waiter {
        private final AtomicBoolean done = new AtomicBoolean();
        private final Runnable callback;

        Callback(Runnable callback) {
            this.callback = callback;
        }

        @Override
        public ChannelConsumer consumer() {
            return ChannelConsumer.this;
        }

        @Override
        public int takes() {
            return claimSize;
        }

        @Override
        public boolean wake() {
            if (closed || !done.compareAndSet(false, true)) {
                return false;
            }
            callback.run();
            return true;
        }
    }
}
