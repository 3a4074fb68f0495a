package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.ConsumerPreference;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.NamePattern;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.jms.DestinationOptions;
import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.internal.destination.ForeignWildcards;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.errors.Right;
import io.sqlmq.jms.internal.mode.OneChannel;
import io.sqlmq.jms.internal.mode.SeveralChannels;
import io.sqlmq.jms.internal.mode.Source;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what one consumer of a queue, or of several, takes its messages from. */
final class QueueSources {
    private static final Logger log = LoggerFactory.getLogger(QueueSources.class);

    private final SqlmqConnection connection;
    private final DestinationOptions options;
    private final @Nullable Selection selection;

    /**
     * For one consumer.
     *
     * @param selection which messages are wanted, or null for all
     */
    QueueSources(SqlmqConnection connection, DestinationOptions options, @Nullable Selection selection) {
        this.connection = connection;
        this.options = options;
        this.selection = selection;
    }

    /** The messages of what {@code queue} stands for. */
    Source source(SqlmqDestination queue) throws JMSException {
        queue.getCompositeDestinations().forEach(ForeignWildcards::tell);
        if (!queue.isComposite() && !isSearched(queue)) {
            return new OneChannel(consumer(queue.getName()));
        }
        for (SqlmqDestination part : queue.getCompositeDestinations()) {
            if (!part.isQueue()) {
                throw new InvalidDestinationException(
                        "A consumer takes messages from queues or from topics, not from both: " + queue
                                + ". Create one for the queues and one for the topics.",
                        "COMPOSITE_DESTINATION");
            }
        }
        SeveralChannels several = new SeveralChannels();
        try {
            for (SqlmqDestination part : queue.getCompositeDestinations()) {
                if (isSearched(part)) {
                    search(part, several);
                } else {
                    several.add(consumer(part.getName()));
                }
            }
        } catch (JMSException e) {
            several.close();
            throw e;
        }
        return several;
    }

    /** Whether the queues have to be searched for; a virtual topic's queue for several topics is one queue. */
    private boolean isSearched(SqlmqDestination queue) {
        return queue.isPattern() && connection.services().names().virtualTopicOf(queue.getName()) == null;
    }

    private void search(SqlmqDestination queues, SeveralChannels several) throws JMSException {
        NamePattern pattern = pattern(queues);
        several.endWith(ExceptionTranslation.call(
                "Looking for the queues of " + queues,
                () -> connection
                        .services()
                        .engine()
                        .queueDiscovery()
                        .search(pattern, name -> several.add(found(name)))));
    }

    /** A pattern of destinations. */
    static NamePattern pattern(SqlmqDestination destination) throws InvalidDestinationException {
        try {
            return NamePattern.parse(destination.getName());
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage(), "DESTINATION_PATTERN", e);
        }
    }

    /** Whoever has found the queue is not the one to hear that the options do not fit its policy. */
    private ChannelConsumer found(String name) {
        FailureRules rules;
        try {
            rules = connection.services().failureRulesOf(name, options);
        } catch (IllegalArgumentException e) {
            log.warn("The redelivery options of the consumer do not fit queue://{}, whose own policy holds", name, e);
            rules = connection.services().failureRulesOf(name, DestinationOptions.NONE);
        }
        return consumer(name, rules);
    }

    private ChannelConsumer consumer(String name) throws JMSException {
        return supplier(name).get();
    }

    /** Opens places to take the messages of one queue from. */
    Supplier<ChannelConsumer> supplier(String name) throws JMSException {
        connection.checkMayConsume(name);
        connection.services().checks().checkDeclared(SqlmqQueue.literal(name), Right.RECEIVE);
        String topic = connection.services().names().virtualTopicOf(name);
        if (topic != null) {
            boolean several = NamePattern.isPattern(topic);
            if (several) {
                pattern(new SqlmqQueue(topic));
            }
            ExceptionTranslation.run(
                    "Binding queue://" + name + " to topic://" + topic,
                    () -> connection
                            .services()
                            .engine()
                            .destinations()
                            .bind(name, several ? "" : topic, several ? topic : null));
        }
        FailureRules rules = connection.services().failureRules(name, options);
        return () -> consumer(name, rules);
    }

    private ChannelConsumer consumer(String name, FailureRules rules) {
        ConsumerPreference preference = new ConsumerPreference(options.exclusive(), options.priority());
        return connection.services().engine().consumer(name, selection, rules, options.prefetchSize(), preference);
    }

    /** The name of what must be one queue. */
    static String oneName(SqlmqDestination queue, String what) throws InvalidDestinationException {
        if (queue.isComposite() || queue.isPattern()) {
            throw new InvalidDestinationException(
                    queue + " stands for several queues, which cannot be " + what
                            + " together. Name one. For a name with commas, * or > use SqlmqQueue.literal, or the option"
                            + " destinationNames=literal.",
                    "DESTINATION");
        }
        return queue.getName();
    }
}
