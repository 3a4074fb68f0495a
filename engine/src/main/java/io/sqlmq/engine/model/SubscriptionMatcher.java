package io.sqlmq.engine.model;

import java.util.Set;
import java.util.function.Predicate;

/** Tells which subscriptions get a message that the engine publishes by itself. Thread-safe. */
@FunctionalInterface
public interface SubscriptionMatcher {

    /**
     * Whether subscriptions want this message.
     *
     * @param senders what noLocal subscriptions may call its sender
     */
    Predicate<Subscription> of(NewMessage message, Set<String> senders);
}
