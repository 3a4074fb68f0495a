package io.sqlmq.jms.internal.client;

import io.sqlmq.jms.DestinationOptions;
import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.internal.destination.ForeignWildcards;
import io.sqlmq.jms.internal.errors.Right;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Topic;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The topic, or the topics, of a subscription.
 *
 * @param topic as a destination
 * @param name the name of one topic; for several their names and patterns, separated by commas
 * @param several whether the name stands for several topics
 * @param options what the name says besides
 */
record TopicAddress(Topic topic, String name, boolean several, DestinationOptions options) {

    /** What a consumer may subscribe to. */
    static TopicAddress of(SqlmqDestination destination, SqlmqConnection connection) throws JMSException {
        List<SqlmqDestination> parts = destination.getCompositeDestinations();
        for (SqlmqDestination part : parts) {
            if (part.isQueue()) {
                throw new InvalidDestinationException(
                        "A consumer takes messages from queues or from topics, not from both: " + destination
                                + ". Create one for the queues and one for the topics.",
                        "COMPOSITE_DESTINATION");
            }
            connection.checkMayConsume(part.getName());
            ForeignWildcards.tell(part);
            if (part.isPattern()) {
                QueueSources.pattern(part);
            } else {
                connection.services().checks().checkDeclared(part, Right.RECEIVE);
            }
        }
        return new TopicAddress(
                (Topic) destination,
                parts.stream().map(SqlmqDestination::getName).collect(Collectors.joining(",")),
                destination.isComposite() || destination.isPattern(),
                destination.getOptions());
    }

    /** What publishers compare with the names of topics, or null for one topic. */
    @Nullable
    String pattern() {
        return several ? name : null;
    }

    /** The name of the one topic; empty for several. */
    String oneName() {
        return several ? "" : name;
    }
}
