package io.sqlmq.jms.internal.destination;

import io.sqlmq.jms.SqlmqDestination;
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
public final class Destinations {
    private static final String QUEUE = "queue://";
    private static final String TOPIC = "topic://";
    private static final String TEMPORARY_QUEUE = "temp-queue://";
    private static final String TEMPORARY_TOPIC = "temp-topic://";

    private Destinations() {}

    /** What {@code destination} itself says is its name as a queue. */
    public static String rawQueueName(@Nullable Destination destination) throws JMSException {
        if (destination instanceof Queue queue && queue.getQueueName() != null) {
            return queue.getQueueName();
        }
        throw unknown(destination);
    }

    /** What {@code destination} itself says is its name as a topic. */
    public static String rawTopicName(@Nullable Destination destination) throws JMSException {
        if (destination instanceof Topic topic && topic.getTopicName() != null) {
            return topic.getTopicName();
        }
        throw unknown(destination);
    }

    /** Whether {@code destination} is a topic; objects of other providers may have the interfaces of both. */
    public static boolean isTopic(@Nullable Destination destination) throws JMSException {
        return destination instanceof Topic topic
                && topic.getTopicName() != null
                && !(destination instanceof Queue queue && queue.getQueueName() != null);
    }

    /** What is stored with a message for {@code destination}. */
    public static String text(Destination destination) throws JMSException {
        if (destination instanceof Queue queue && queue.getQueueName() != null) {
            String name = checkedName(queue);
            boolean temporary = destination instanceof TemporaryQueue || TemporaryDestinations.isTemporary(name);
            return (temporary ? TEMPORARY_QUEUE : QUEUE) + name;
        }
        if (destination instanceof Topic topic && topic.getTopicName() != null) {
            String name = checkedName(topic);
            boolean temporary = destination instanceof TemporaryTopic || TemporaryDestinations.isTemporary(name);
            return (temporary ? TEMPORARY_TOPIC : TOPIC) + name;
        }
        throw unknown(destination);
    }

    /** The one destination that {@link #text} wrote; a bare name, as SQL users may write it, is a queue. */
    public static Destination parse(String text) throws InvalidDestinationException {
        if (text.startsWith(TEMPORARY_QUEUE)) {
            return checked(() -> new SqlmqTemporaryQueue(text.substring(TEMPORARY_QUEUE.length()), null));
        }
        if (text.startsWith(TOPIC)) {
            return checked(() -> topic(text.substring(TOPIC.length())));
        }
        if (text.startsWith(TEMPORARY_TOPIC)) {
            return checked(() -> new SqlmqTemporaryTopic(text.substring(TEMPORARY_TOPIC.length()), null));
        }
        return checked(() -> queue(text.startsWith(QUEUE) ? text.substring(QUEUE.length()) : text));
    }

    /** As {@link #parse}, for where answers go: that may be several destinations. */
    public static Destination parseReplyTo(String text) throws InvalidDestinationException {
        Destination one = parse(text);
        return one instanceof SqlmqDestination own && own.isLiteral() && text.indexOf('?') < 0
                ? checked(() -> own.isQueue() ? new SqlmqQueue(own.getName()) : new SqlmqTopic(own.getName()))
                : one;
    }

    /** The queue of exactly that name. */
    public static SqlmqQueue queue(String name) {
        return TemporaryDestinations.isTemporary(name) ? new SqlmqTemporaryQueue(name, null) : SqlmqQueue.literal(name);
    }

    /** The queue that an application calls so. */
    static SqlmqQueue newQueue(@Nullable String name) throws InvalidDestinationException {
        return checked(() -> name != null && TemporaryDestinations.isTemporary(name)
                ? new SqlmqTemporaryQueue(name, null)
                : new SqlmqQueue(name));
    }

    /** The topic of exactly that name. */
    public static SqlmqTopic topic(String name) {
        return TemporaryDestinations.isTemporary(name) ? new SqlmqTemporaryTopic(name, null) : SqlmqTopic.literal(name);
    }

    /** The topic that an application calls so. */
    static SqlmqTopic newTopic(@Nullable String name) throws InvalidDestinationException {
        return checked(() -> name != null && TemporaryDestinations.isTemporary(name)
                ? new SqlmqTemporaryTopic(name, null)
                : new SqlmqTopic(name));
    }

    /** Makes a destination; a name that is not possible is told as the exception of the specification. */
    public static <D> D checked(Supplier<D> destination) throws InvalidDestinationException {
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

    private static String checkedName(Topic topic) throws JMSException {
        return topic instanceof SqlmqTopic own
                ? own.getName()
                : newTopic(topic.getTopicName()).getTopicName();
    }

    private static InvalidDestinationException unknown(@Nullable Destination destination) {
        return new InvalidDestinationException(
                destination == null
                        ? "The destination is null. Give a queue or topic."
                        : "A destination of type " + destination.getClass().getName()
                                + " has not the name that is needed here, of a queue or of a topic.",
                "DESTINATION");
    }
}
