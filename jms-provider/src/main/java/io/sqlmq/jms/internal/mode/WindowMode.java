package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A mode of a session that works in a {@link Window} of its own.
 *
 * <p>The monitor guards what this class remembers of the window; what is in the window is guarded by the window's own lock,
 * also against a stop, timers and other windows, which come another way. The monitor is held for the length of a statement, never while user code
 * runs or anything waits. The order of locks is in docs/design/threads-and-connections.md.
 */
public abstract class WindowMode extends SessionMode {
    /** From so many on it is asked which of them the window does hold more of. */
    private static final int MANY_CHANNELS = 100;

    final Engine engine;
    private final Window.Mode windowMode;
    private volatile @Nullable Window window;
    /** The channels from which the last look took a message, so that the window may hold more. */
    private final Set<String> perhapsUnseen = new HashSet<>();

    private boolean closed;

    WindowMode(Engine engine, Window.Mode windowMode) {
        this.engine = engine;
        this.windowMode = windowMode;
    }

    @Override
    public synchronized @Nullable Delivery take(ChannelConsumer consumer) throws SQLException {
        if (closed) {
            return null;
        }
        Delivery delivery = window().next(consumer);
        if (delivery == null) {
            perhapsUnseen.remove(consumer.channel());
        } else {
            perhapsUnseen.add(consumer.channel());
            if (perhapsUnseen.size() > MANY_CHANNELS) {
                perhapsUnseen.retainAll(window().unseenChannels());
            }
        }
        return delivery;
    }

    /** Whether others look for this consumer as soon as it waits; they do not see what the window has claimed, either. */
    final synchronized boolean looksWhenWaiting(ChannelConsumer consumer) {
        return !perhapsUnseen.contains(consumer.channel()) && consumer.looksWhenWaiting();
    }

    /**
     * Whether a look would find nothing. What the window has claimed and not handed over yet is there for this session
     * only, so that others may have found the channel empty.
     */
    final synchronized boolean knownEmpty(ChannelConsumer consumer) {
        return consumer.knownEmpty()
                && !(perhapsUnseen.contains(consumer.channel())
                        && window().unseenChannels().contains(consumer.channel()));
    }

    /** The session's window, made when first needed. Call with the monitor held. */
    final Window window() {
        Window current = window;
        if (current == null) {
            current = engine.window(windowMode());
            window = current;
        }
        return current;
    }

    /** The window if there is one already. */
    final @Nullable Window existingWindow() {
        return window;
    }

    /** Ends the window; the next use makes another. Call with the monitor held. */
    final void endWindow() {
        Window current = window;
        window = null;
        perhapsUnseen.clear();
        if (current != null) {
            current.close();
        }
    }

    Window.Mode windowMode() {
        return windowMode;
    }

    /** Lets go what is claimed and unseen; any thread. */
    public void release() {
        Window current = window;
        if (current != null) {
            current.release();
        }
    }

    /** Lets go what is claimed for one consumer and unseen; any thread. */
    public void releaseUnseen(ChannelConsumer consumer) {
        Window current = window;
        if (current != null) {
            current.releaseUnseen(consumer);
        }
    }

    /** Whether there is anything that the application may yet commit. */
    public boolean hasWork() {
        return false;
    }

    /** Ends the session's work: what is not acknowledged or committed goes back. */
    public synchronized void close() {
        closed = true;
        endWindow();
    }
}
