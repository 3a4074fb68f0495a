package io.sqlmq.engine;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A consumer's interest in one channel: where it waits without a connection or thread of its own. Creating and closing
 * one costs no SQL.
 *
 * <p>The sound way to wait: read {@link #mark()}, look ({@link Window#next}), and only if nothing was found wait for
 * that mark to be passed.
 */
public final class ChannelConsumer implements AutoCloseable {

    private final Engine engine;
    private final Channel channel;
    private final Head head;
    private final FailureRules rules;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private volatile boolean closed;

    ChannelConsumer(Engine engine, Head head, FailureRules rules) {
        this.engine = engine;
        this.head = head;
        this.channel = head.channel();
        this.rules = rules;
        channel.consumerOpened();
    }

    /** The channel's name. */
    public String channel() {
        return channel.name();
    }

    Channel state() {
        return channel;
    }

    Head head() {
        return head;
    }

    FailureRules rules() {
        return rules;
    }

    /** Whether many others in this process claim too, so that an order between groups is nobody's. */
    boolean isCrowded() {
        return engine.isCrowded();
    }

    /** Where the channel's wake-ups stand; read before looking. */
    public long mark() {
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
        if (!channel.addWaiter(mark, waiter)) {
            return true;
        }
        engine.waiting(channel);
        lock.lock();
        try {
            long rest = nanos;
            while (!waiter.signalled && !closed && rest > 0) {
                rest = woken.awaitNanos(rest);
            }
            waiter.over = true;
            return waiter.signalled && !closed;
        } finally {
            waiter.over = true;
            boolean passOn = waiter.signalled && closed;
            lock.unlock();
            channel.removeWaiter(waiter);
            if (passOn) {
                engine.signal(channel.name(), 1);
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
        if (channel.addWaiter(mark, new Callback(callback))) {
            engine.waiting(channel);
        } else {
            callback.run();
        }
    }

    /**
     * True when the last look found nothing and every wake-up since would have been noticed, so that looking again
     * before waiting a while would be for nothing.
     */
    public boolean knownEmpty() {
        return head.emptySinceLastSignal() && channel.isRegistered() && engine.hearsEverything();
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
        channel.consumerClosed();
    }

    private final class BlockedThread implements Channel.Waiter {
        private boolean signalled;
        private boolean over;

        @Override
        public boolean isSelective() {
            return head.selection() != null;
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

    private final class Callback implements Channel.Waiter {
        private final AtomicBoolean done = new AtomicBoolean();
        private final Runnable callback;

        Callback(Runnable callback) {
            this.callback = callback;
        }

        @Override
        public boolean isSelective() {
            return head.selection() != null;
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
