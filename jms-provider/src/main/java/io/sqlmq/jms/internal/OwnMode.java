package io.sqlmq.jms.internal;

import io.sqlmq.engine.ChannelConsumer;
import io.sqlmq.engine.Delivery;
import io.sqlmq.engine.Engine;
import io.sqlmq.engine.Window;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A mode of a session that works in a {@link Window} of its own.
 *
 * <p>This class owns the lock of the session's window: its monitor. It is held for the length of a statement, never
 * while user code runs or anything waits. Order: a {@link DeliveryGate} or {@link Lifecycle} monitor is never held when
 * it is taken, nor taken under it.
 */
abstract class OwnMode extends SessionMode {
    final Engine engine;
    private final Window.Mode windowMode;
    private volatile @Nullable Window window;
    private boolean closed;

    OwnMode(Engine engine, Window.Mode windowMode) {
        this.engine = engine;
        this.windowMode = windowMode;
    }

    @Override
    synchronized @Nullable Delivery take(ChannelConsumer consumer) throws SQLException {
        return closed ? null : window().next(consumer);
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
        if (current != null) {
            current.close();
        }
    }

    Window.Mode windowMode() {
        return windowMode;
    }

    /** Lets go what is claimed and unseen; any thread. */
    void release() {
        Window current = window;
        if (current != null) {
            current.release();
        }
    }

    /** Lets go what is claimed for one consumer and unseen; any thread. */
    void releaseUnseen(ChannelConsumer consumer) {
        Window current = window;
        if (current != null) {
            current.releaseUnseen(consumer);
        }
    }

    /** Ends the session's work: what is not acknowledged or committed goes back. */
    synchronized void close() {
        closed = true;
        endWindow();
    }
}
