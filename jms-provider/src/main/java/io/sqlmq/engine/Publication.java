package io.sqlmq.engine;

import java.util.function.Predicate;

/**
 * Makes a message one for a topic: it is written once for each subscription that wants it.
 *
 * @param topic the topic's name
 * @param wanted whether a subscription gets the message; called when the message is written, perhaps more than once, on
 *     any thread
 */
public record Publication(String topic, Predicate<Subscription> wanted) {}
