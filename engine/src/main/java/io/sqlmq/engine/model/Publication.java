package io.sqlmq.engine.model;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

/**
 * Makes a message one for a topic: it is written once for each subscription that wants it.
 *
 * @param topic the topic's name
 * @param wanted whether a subscription gets the message; called when the message is written, perhaps more than once, on
 *     any thread
 */
public record Publication(String topic, Predicate<Subscription> wanted) {

    /** Copies of one message that can be told apart by their ids. */
    public static final int MOST_COPIES = 1 << 20;

    private static final long COPY_BITS = MOST_COPIES - 1;
    private static final long VARIANT_BITS = 0xC000_0000_0000_0000L;

    /**
     * The id of a message for a topic: that of a row for a queue, but with the last 20 bits left to its copies. They
     * cannot be what {@code id} has there, because ids of the same millisecond may differ in nothing else.
     */
    public static UUID messageId(UUID id) {
        long random = ThreadLocalRandom.current().nextLong() & ~VARIANT_BITS & ~COPY_BITS;
        return new UUID(id.getMostSignificantBits(), (id.getLeastSignificantBits() & VARIANT_BITS) | random);
    }

    /** The id of a copy, counted from 0: the first is the message itself. */
    public static UUID copyId(UUID messageId, int copy) {
        return new UUID(messageId.getMostSignificantBits(), (messageId.getLeastSignificantBits() & ~COPY_BITS) | copy);
    }
}
