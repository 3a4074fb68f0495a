package io.sqlmq.engine.model;

import org.jspecify.annotations.Nullable;

/**
 * A subscription as publishers know it.
 *
 * @param channel where its messages go
 * @param durable whether it outlives its consumers; else its messages are kept in the unlogged table
 * @param selector which messages it wants, as its owner wrote it, or null
 * @param noLocal whose messages it does not want, as its owner wrote it, or null
 * @param pattern the topics that it is for, or null when it is for one
 * @param toQueue whether the channel is the queue of that name, to which the message then was sent
 */
public record Subscription(
        String channel,
        boolean durable,
        @Nullable String selector,
        @Nullable String noLocal,
        @Nullable String pattern,
        boolean toQueue) {

    /** Whether a channel is that of a subscription, and not a queue. */
    public static boolean isChannel(String name) {
        return name.matches("s:[0-9]+");
    }
}
