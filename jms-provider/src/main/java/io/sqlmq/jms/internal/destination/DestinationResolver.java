package io.sqlmq.jms.internal.destination;

import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.SqlmqTopic;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;

/**
 * How names are to be understood.
 *
 * @param literal every name is just a name; else question marks, commas, wildcards and virtual topics mean what they mean
 *     in ActiveMQ
 */
public record DestinationResolver(boolean literal) {
    private static final String CONSUMER = "Consumer.";
    private static final String VIRTUAL_TOPIC = "VirtualTopic.";

    /** The queue that an application calls so. */
    public SqlmqQueue queue(@Nullable String name) throws InvalidDestinationException {
        return literal && name != null
                ? Destinations.checked(() -> Destinations.queue(name))
                : Destinations.newQueue(name);
    }

    /** The topic that an application calls so. */
    public SqlmqTopic topic(@Nullable String name) throws InvalidDestinationException {
        return literal && name != null
                ? Destinations.checked(() -> Destinations.topic(name))
                : Destinations.newTopic(name);
    }

    /** The destination of sqlmq that a destination of the application is, perhaps one of another provider. */
    public SqlmqDestination resolve(@Nullable Destination destination) throws JMSException {
        if (destination instanceof SqlmqDestination own && (!literal || own.isLiteral())) {
            return own;
        }
        return Destinations.isTopic(destination)
                ? topic(Destinations.rawTopicName(destination))
                : queue(Destinations.rawQueueName(destination));
    }

    /**
     * The topic whose messages the queue of that name receives too, or null: {@code Consumer.a.VirtualTopic.b} receives
     * those of {@code VirtualTopic.b}.
     */
    @Nullable
    public String virtualTopicOf(String queue) {
        if (literal || !queue.startsWith(CONSUMER)) {
            return null;
        }
        int dot = queue.indexOf('.', CONSUMER.length());
        return dot > CONSUMER.length()
                        && queue.startsWith(VIRTUAL_TOPIC, dot + 1)
                        && queue.length() > dot + 1 + VIRTUAL_TOPIC.length()
                ? queue.substring(dot + 1)
                : null;
    }
}
