package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.send.QueueDepths;
import io.sqlmq.jms.DepthLimit;
import io.sqlmq.jms.WhenFull;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.errors.Right;
import io.sqlmq.jms.internal.threads.Lifecycle;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Where the sends of one session to queues with a limit wait or fail. Used by the session's thread. */
final class DepthGate {
    private static final long LOOK_MILLIS = 25;
    private static final String CODE = "QUEUE_FULL";

    private final QueueDepths depths;
    private final Function<String, DepthLimit> limits;
    private final long sendTimeout;
    private final Lifecycle session;
    /** What the session's transaction has sent, by queue. */
    private final Map<String, Long> uncommitted = new HashMap<>();

    /**
     * A gate.
     *
     * @param sendTimeout how many milliseconds a send waits; 0: for ever
     */
    DepthGate(QueueDepths depths, Function<String, DepthLimit> limits, long sendTimeout, Lifecycle session) {
        this.depths = depths;
        this.limits = limits;
        this.sendTimeout = sendTimeout;
        this.session = session;
    }

    /**
     * Returns when a message may be sent to the queue.
     *
     * @param transacted whether the session's own transaction sends it
     */
    void pass(String queue, boolean transacted) throws JMSException {
        DepthLimit limit = limits.apply(queue);
        if (limit.maxDepth() == 0) {
            return;
        }
        long own = transacted ? uncommitted.getOrDefault(queue, 0L) : 0;
        if (own >= limit.maxDepth()) {
            throw new ResourceAllocationException(
                    "The transaction has sent " + own + " messages to queue " + queue
                            + ", as many as maxDepth allows. Commit more often, or raise maxDepth.",
                    CODE);
        }
        await(queue, limit, own);
        if (transacted) {
            uncommitted.put(queue, own + 1);
        }
    }

    private void await(String queue, DepthLimit limit, long own) throws JMSException {
        long began = System.nanoTime();
        String what = "Looking for room in queue " + queue;
        while (!ExceptionTranslation.call(Right.SEND, what, () -> depths.admit(queue, limit.maxDepth(), own))) {
            if (limit.whenFull() == WhenFull.FAIL) {
                throw new ResourceAllocationException(
                        full(queue, limit) + ". Consume some, raise maxDepth, or set whenFull=block to wait.", CODE);
            }
            long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            if (sendTimeout > 0 && waited >= sendTimeout) {
                throw new ResourceAllocationException(
                        full(queue, limit) + ", and there was no room within sendTimeout=" + sendTimeout
                                + ". Consume some, or raise maxDepth or sendTimeout.",
                        CODE);
            }
            pause();
            if (session.isClosing()) {
                throw new IllegalStateException(
                        "The session was closed while a send waited for room in queue " + queue + ".", "CLOSED");
            }
        }
    }

    private static String full(String queue, DepthLimit limit) {
        return "Queue " + queue + " is full: it holds the " + limit.maxDepth() + " messages that maxDepth allows";
    }

    private static void pause() throws JMSException {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JMSException("The thread was interrupted while a send waited for room.", "INTERRUPTED", e);
        }
    }

    /** The session's transaction has ended. */
    void transactionEnded() {
        uncommitted.clear();
    }
}
