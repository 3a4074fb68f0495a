package io.sqlmq.engine.model;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Hears what an engine does in this process, for metrics. Implement what is of interest; the rest does nothing.
 *
 * <p>Called on the threads that work with messages, some of which hold locks: a method has to return at once, and must not use
 * anything of sqlmq. What it throws is logged, once, and changes nothing.
 *
 * <p>A destination is the name of a queue, or {@code topic://} and the name of a topic. There may be very many, above all of
 * temporary queues ({@link #isTemporary}).
 */
public interface EngineListener {

    /** Whether that is the name of a temporary queue or topic, which no other connection will ever use. */
    static boolean isTemporary(String destination) {
        return destination.startsWith(TemporaryNames.PREFIX);
    }

    /**
     * Messages were written: committed, or, in a transaction of the application, just written. One that is published to a topic
     * counts once for each subscription that gets it.
     */
    default void sent(String destination, int messages) {}

    /**
     * A message was handed to a consumer.
     *
     * @param redelivered whether it had been before
     * @param waitedMillis since it could be delivered, which is when it was sent, or the end of its delay, by the clock of its sender;
     *     -1 if that is not known
     */
    default void delivered(String destination, boolean redelivered, long waitedMillis) {}

    /**
     * A message is done with: its acknowledgement, or the transaction that received it, is committed.
     *
     * @param workedNanos since it was delivered here; -1 if that is not known
     */
    default void acknowledged(String destination, long workedNanos) {}

    /**
     * A delivery has failed: it was rolled back or recovered, a listener threw, or its process died.
     *
     * @param workedNanos since it was delivered here; -1 if that is not known, as after a crash
     */
    default void rolledBack(String destination, long workedNanos) {}

    /** A message was moved to a dead-letter queue, after its last delivery failed. */
    default void deadLettered(String destination) {}

    /** A message can be neither delivered nor moved to a dead-letter queue, and was set aside. */
    default void setAside(String destination) {}

    /**
     * Messages have expired, and were dropped or moved to a dead-letter queue.
     *
     * @param destination null for those that nobody consumed, which are swept from all queues together
     */
    default void expired(@Nullable String destination, int messages) {}

    /**
     * A consumer that waited has got a message.
     *
     * @param nanos since it was woken, so with the claim of the message
     */
    default void wokenUp(String destination, long nanos) {}

    /** Messages that were sent outside of transactions were committed together, so many of them. */
    default void flushed(int messages) {}

    /** The database cannot be reached, or a connection to it was lost. */
    default void outageBegan(SQLException cause) {}

    /**
     * It answers again.
     *
     * @param nanos since the outage began
     */
    default void outageEnded(long nanos) {}
}
