package io.sqlmq.jms.internal;

import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.SqlmqTopic;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Destinations as text ({@code queue://x}, {@code topic://x}, {@code temp-queue://x}, {@code temp-topic://x}) and back.
 * Destinations of other providers are known by their names.
 */
final class Destinations {
    private static final String QUEUE = "queue://";
    private static final String TOPIC = "topic://";
    private static final String TEMPORARY_QUEUE = "temp-queue://";
    private static final String TEMPORARY_TOPIC = "temp-topic://";

    private Destinations() {}

    /** The name of the queue that {@code destination} is. */
    static String queueName(@Nullable Destination destination) throws JMSException {
        if (destination instanceof Queue queue && queue.getQueueName() != null) {
            return checkedName(queue);
        }
        if (destination instanceof Topic) {
            throw Topics.unavailable();
        }
        throw unknown(destination);
    }

    /** What is stored with a message for {@code destination}. */
    static String text(Destination destination) throws JMSException {
        if (destination instanceof Queue queue && queue.getQueueName() != null) {
            String name = checkedName(queue);
            boolean temporary = destination instanceof TemporaryQueue || TemporaryDestinations.isTemporary(name);
            return (temporary ? TEMPORARY_QUEUE : QUEUE) + name;
        }
        if (destination instanceof Topic topic && topic.getTopicName() != null) {
            return (destination instanceof TemporaryTopic ? TEMPORARY_TOPIC : TOPIC) + topic.getTopicName();
        }
        throw unknown(destination);
    }

    /** The destination that {@link #text} wrote; a bare name, as SQL users may write it, is a queue. */
    static Destination parse(String text) throws InvalidDestinationException {
        if (text.startsWith(TEMPORARY_QUEUE)) {
            return checked(() -> new SqlmqTemporaryQueue(text.substring(TEMPORARY_QUEUE.length()), null));
        }
        if (text.startsWith(TOPIC)) {
            return checked(() -> new SqlmqTopic(text.substring(TOPIC.length())));
        }
        if (text.startsWith(TEMPORARY_TOPIC)) {
            return checked(() -> new SqlmqTopic(text.substring(TEMPORARY_TOPIC.length())));
        }
        return newQueue(text.startsWith(QUEUE) ? text.substring(QUEUE.length()) : text);
    }

    /** The queue of that name. */
    static SqlmqQueue queue(@Nullable String name) {
        return name != null && TemporaryDestinations.isTemporary(name)
                ? new SqlmqTemporaryQueue(name, null)
                : new SqlmqQueue(name);
    }

    /** As {@link #queue}, for a name that nobody has checked. */
    static SqlmqQueue newQueue(@Nullable String name) throws InvalidDestinationException {
        return checked(() -> queue(name));
    }

    private static <D> D checked(Supplier<D> destination) throws InvalidDestinationException {
        try {
            return destination.get();
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage(), "DESTINATION", e);
        }
    }

    private static String checkedName(Queue queue) throws JMSException {
        return queue instanceof SqlmqQueue own
                ? own.getName()
                : newQueue(queue.getQueueName()).getQueueName();
    }

    private static InvalidDestinationException unknown(@Nullable Destination destination) {
        return new InvalidDestinationException(
                destination == null
                        ? "The destination is null. Give a queue."
                        : "A destination of type " + destination.getClass().getName()
                                + " has neither a queue name nor a topic name.",
                "DESTINATION");
    }
}
