package io.sqlmq.engine;

import org.jspecify.annotations.Nullable;

/**
 * A subscription as publishers know it.
 *
 * @param channel where its messages go
 * @param durable whether it outlives its consumers; else its messages are kept in the unlogged table
 * @param selector which messages it wants, as its owner wrote it, or null
 * @param noLocal whose messages it does not want, as its owner wrote it, or null
 */
public record Subscription(
        String channel,
        boolean durable,
        @Nullable String selector,
        @Nullable String noLocal) {}
