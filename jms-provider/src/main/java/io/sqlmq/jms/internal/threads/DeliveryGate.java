package io.sqlmq.jms.internal.threads;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the deliveries of one session through while its connection is started. A delivery is the look into the queue
 * together with the hand-over that follows: the return of a receive, or the run of a listener. {@code stop} and
 * {@code close} wait for the delivery on its way, never for a receive that only waits.
 */
public final class DeliveryGate {
    private final BooleanSupplier started;
    private final BooleanSupplier closing;
    private int deliveries;
    private volatile @Nullable Thread listenerThread;

    public DeliveryGate(BooleanSupplier started, BooleanSupplier closing) {
        this.started = started;
        this.closing = closing;
    }

    /** Begins a delivery; false when stopped or closing. */
    public synchronized boolean tryBegin() {
        if (closing.getAsBoolean() || !started.getAsBoolean()) {
            return false;
        }
        deliveries++;
        return true;
    }

    /**
     * Begins a delivery as soon as the connection is started.
     *
     * @param deadline in terms of {@link System#nanoTime}
     * @return false when the time is over or {@code ended} became true
     */
    public synchronized boolean begin(Deadline deadline, BooleanSupplier ended) throws InterruptedException {
        while (!ended.getAsBoolean()) {
            if (tryBegin()) {
                return true;
            }
            long left = deadline.remainingNanos();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return false;
    }

    public synchronized void end() {
        deliveries--;
        notifyAll();
    }

    /** Something that {@link #begin} waits for has changed. */
    public synchronized void changed() {
        notifyAll();
    }

    /** Waits until no delivery is on its way. An interrupt is kept for later. */
    public synchronized void awaitQuiet() {
        boolean interrupted = false;
        while (deliveries > 0) {
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

    public void listenerStarts() {
        listenerThread = Thread.currentThread();
    }

    public void listenerEnds() {
        listenerThread = null;
    }

    /** Whether the calling thread runs a listener of this session. */
    public boolean inListener() {
        return listenerThread == Thread.currentThread();
    }
}
