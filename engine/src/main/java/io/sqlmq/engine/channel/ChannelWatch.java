package io.sqlmq.engine.channel;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Waits for whichever of several channels is the first to be signalled. The sound way to wait: read the {@linkplain
 * ChannelConsumer#mark() marks} of all consumers, look with each, and only if nothing was found watch for one of the marks
 * to be passed. Thread-safe.
 */
public final class ChannelWatch implements AutoCloseable {

    /** A consumer and the mark that was read before the last look. */
    public record Marked(ChannelConsumer consumer, long mark) {}

    private final List<Entry> entries;
    private final Runnable callback;
    private final AtomicBoolean over = new AtomicBoolean();

    private ChannelWatch(List<Marked> watched, Runnable callback) {
        this.entries = watched.stream().map(Entry::new).toList();
        this.callback = callback;
    }

    /**
     * Runs {@code callback} once, as soon as there may be something new since one of the marks (perhaps before this method
     * returns), on an engine thread or the calling one. It must not block. Not called after {@link #close()}.
     */
    public static ChannelWatch start(List<Marked> watched, Runnable callback) {
        ChannelWatch watch = new ChannelWatch(watched, callback);
        for (Entry entry : watch.entries) {
            if (!entry.consumer.watch(entry.mark, entry)) {
                watch.fire();
                break;
            }
        }
        if (watch.over.get()) {
            watch.forget();
        }
        return watch;
    }

    /** Ends the wait as a signal does. */
    public void fire() {
        if (over.compareAndSet(false, true)) {
            forget();
            callback.run();
        }
    }

    /** Whether the callback was called, or will not be. */
    public boolean isOver() {
        return over.get();
    }

    /** Ends the wait; false if it was over: then there was a signal, perhaps, that somebody has to follow. */
    public boolean cancel() {
        if (!over.compareAndSet(false, true)) {
            return false;
        }
        forget();
        return true;
    }

    /** Ends the wait. Idempotent. */
    @Override
    public void close() {
        cancel();
    }

    private void forget() {
        entries.forEach(entry -> entry.consumer.state().waiters().remove(entry));
    }

    /** The wait for one of the channels. */
    private final class Entry implements Waiter {
        private final ChannelConsumer consumer;
        private final long mark;

        Entry(Marked marked) {
            this.consumer = marked.consumer();
            this.mark = marked.mark();
        }

        @Override
        public ChannelConsumer consumer() {
            return consumer;
        }

        @Override
        public boolean wake() {
            if (consumer.isClosed() || !over.compareAndSet(false, true)) {
                return false;
            }
            forget();
            callback.run();
            return true;
        }
    }
}
