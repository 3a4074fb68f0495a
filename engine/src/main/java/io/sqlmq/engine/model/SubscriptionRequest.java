package io.sqlmq.engine.model;

import org.jspecify.annotations.Nullable;

/**
 * What a consumer wants to subscribe to.
 *
 * @param topic the topic's name, empty for those by a pattern
 * @param pattern names and {@linkplain NamePattern patterns} of topics, separated by commas, or null for one topic
 * @param name of the subscription, or null for one that no other consumer can find
 * @param clientId the namespace of the name; empty for none
 * @param shared whether it may have several consumers at a time
 * @param durable whether it outlives its consumers
 * @param selector see {@link Subscription}
 * @param noLocal see {@link Subscription}
 */
public record SubscriptionRequest(
        String topic,
        @Nullable String pattern,
        @Nullable String name,
        String clientId,
        boolean shared,
        boolean durable,
        @Nullable String selector,
        @Nullable String noLocal) {}
