package io.sqlmq.jms.internal.threads;

import jakarta.jms.IllegalStateException;
import org.jspecify.annotations.Nullable;

/**
 * The life of a connection, session, producer, consumer or browser: open, closing (no new deliveries, but what a
 * running listener uses still works), closed. It also counts the calls inside, for which closing has to wait.
 */
public final class Lifecycle {
    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final String what;
    private final @Nullable Lifecycle parent;
    private volatile State state = State.OPEN;
    private int inside;
    private @Nullable Thread lastEntered;

    /**
     * A new, open life.
     *
     * @param what what it is the life of, for error texts
     * @param parent closed means closed here too
     */
    public Lifecycle(String what, @Nullable Lifecycle parent) {
        this.what = what;
        this.parent = parent;
    }

    /** Refuses a call on a closed object. */
    public void checkOpen() throws IllegalStateException {
        if (isClosed()) {
            throw new IllegalStateException("The " + what + " is closed. Create a new one.", "CLOSED");
        }
    }

    public boolean isClosed() {
        return state == State.CLOSED || (parent != null && parent.isClosed());
    }

    /** Whether deliveries have to end, because this or what it belongs to is closing or closed. */
    public boolean isClosing() {
        return state != State.OPEN || (parent != null && parent.isClosing());
    }

    /** Starts to close; false when another call did so before. */
    public synchronized boolean beginClose() {
        if (state != State.OPEN) {
            return false;
        }
        state = State.CLOSING;
        return true;
    }

    public synchronized void close() {
        state = State.CLOSED;
    }

    /** Enters a call for which closing waits; false when closing has begun. */
    public synchronized boolean enter() {
        if (isClosing()) {
            return false;
        }
        inside++;
        lastEntered = Thread.currentThread();
        return true;
    }

    public synchronized void leave() {
        inside--;
        if (inside == 0) {
            lastEntered = null;
            notifyAll();
        }
    }

    /** Waits until no call of another thread is inside. An interrupt is kept for later. */
    public synchronized void awaitLeft() {
        boolean interrupted = false;
        while (inside > 0 && lastEntered != Thread.currentThread()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
