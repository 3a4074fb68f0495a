package io.sqlmq.engine.channel;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exclusive consumers of one channel in this process, and whether this process holds the channel. A row in the
 * database says which process does; it is taken when a consumer first looks for messages, given back when the last one
 * closes, and free when its process is dead. Thread-safe; {@code database} is held over statements, never together with
 * a channel's lock.
 */
final class ExclusiveChannel {

    private static final Logger LOG = LoggerFactory.getLogger(ExclusiveChannel.class);

    /** For so long the row need not be looked at again: others take it over only from the dead. */
    private static final long CONFIRMED_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Consumers shared;
    private final Channel channel;
    private final List<ChannelConsumer> candidates = new ArrayList<>();
    private final ReentrantLock database = new ReentrantLock();
    private final AtomicBoolean burying = new AtomicBoolean();
    private volatile @Nullable ChannelConsumer first;
    private volatile boolean held;
    private volatile long confirmedAt;
    private boolean tried;
    private long triedAt;

    ExclusiveChannel(Consumers shared, Channel channel) {
        this.shared = shared;
        this.channel = channel;
    }

    /** Adds a consumer, behind those of the same or a higher priority. */
    synchronized void join(ChannelConsumer consumer) {
        int place = 0;
        while (place < candidates.size()
                && candidates.get(place).preference().priority()
                        >= consumer.preference().priority()) {
            place++;
        }
        candidates.add(place, consumer);
        first = candidates.get(0);
    }

    /** Takes a consumer off; the next one takes its place, here or in another process. */
    void leave(ChannelConsumer consumer) {
        boolean last;
        synchronized (this) {
            if (!candidates.remove(consumer)) {
                return;
            }
            last = candidates.isEmpty();
            first = last ? null : candidates.get(0);
        }
        if (last && held) {
            shared.threads.workers().execute(this::release);
        } else {
            shared.threads.workers().execute(() -> channel.waiters().signalUnknown(shared.threads.workers()));
        }
    }

    /** Whether the consumer may get what is there: an exclusive one if it is the first, another if there are none. */
    boolean isEligible(ChannelConsumer consumer) {
        ChannelConsumer served = first;
        return served == null || served == consumer;
    }

    /** As {@link #isEligible}, and the channel is held by this process, or is taken now. */
    boolean mayTake(ChannelConsumer consumer) throws SQLException {
        if (first == null) {
            return true;
        }
        if (!isEligible(consumer)) {
            return false;
        }
        if (isConfirmed()) {
            return true;
        }
        database.lock();
        try {
            if (isConfirmed()) {
                return isEligible(consumer);
            }
            if (!held && tried && System.nanoTime() - triedAt < RETRY_NANOS) {
                return false;
            }
            return take() && isEligible(consumer);
        } finally {
            database.unlock();
        }
    }

    private boolean isConfirmed() {
        return held && !shared.listenState.isDoubtful() && System.nanoTime() - confirmedAt < CONFIRMED_NANOS;
    }

    private boolean take() throws SQLException {
        long now = System.nanoTime();
        tried = true;
        triedAt = now;
        int me = shared.owner.id();
        shared.upkeep.alive();
        int holder = shared.exclusives.take(channel.name());
        held = holder == me;
        confirmedAt = now;
        if (!held && burying.compareAndSet(false, true)) {
            shared.threads.workers().execute(() -> takeOver(holder));
        }
        return held;
    }

    /** Takes the channel from a process that is dead. */
    private void takeOver(int holder) {
        try {
            if (shared.liveness.buryDead(List.of(holder))) {
                database.lock();
                try {
                    tried = false;
                } finally {
                    database.unlock();
                }
                channel.waiters().signalUnknown(shared.threads.workers());
            }
        } catch (SQLException e) {
            LOG.debug("Whether the holder of {} is alive will be looked at again", channel.name(), e);
        } finally {
            burying.set(false);
        }
    }

    private void release() {
        database.lock();
        try {
            if (first != null || !held) {
                return;
            }
            held = false;
            tried = false;
            shared.exclusives.release(channel.name());
        } finally {
            database.unlock();
        }
        shared.wakeups.announce(channel.name(), 0, 1);
    }
}
