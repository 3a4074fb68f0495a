package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.ConsumerPreference;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.SubscriptionRequest;
import io.sqlmq.engine.topic.Subscriptions.Membership;
import io.sqlmq.jms.DestinationOptions;
import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.internal.destination.Destinations;
import io.sqlmq.jms.internal.destination.TemporaryDestinations;
import io.sqlmq.jms.internal.mapping.Selectors;
import io.sqlmq.jms.internal.mapping.SubscriptionSelectors;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

/**
 * One consumer's part in a subscription to a topic (§4.2, §8.3), for a consumer of a session or of a connection.
 *
 * @param name of the destination
 * @param selector as getMessageSelector tells it
 */
record Subscribed(
        SqlmqConnection connection,
        TopicAddress address,
        String name,
        @Nullable String selector,
        boolean noLocal,
        Membership membership,
        FailureRules rules) {

    /** A subscription of one consumer that ends with it. */
    static Subscribed alone(SqlmqConnection connection, Destination topic, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return to(connection, topic, null, selector, noLocal, false, false);
    }

    /** An unshared durable subscription. */
    static Subscribed durable(
            SqlmqConnection connection,
            Destination topic,
            @Nullable String name,
            @Nullable String selector,
            boolean noLocal)
            throws JMSException {
        return to(connection, topic, SubscriptionCalls.checkedName(name), selector, noLocal, false, true);
    }

    /** A part in a shared subscription. */
    static Subscribed shared(
            SqlmqConnection connection,
            Destination topic,
            @Nullable String name,
            @Nullable String selector,
            boolean durable)
            throws JMSException {
        return to(connection, topic, SubscriptionCalls.checkedName(name), selector, false, true, durable);
    }

    private static Subscribed to(
            SqlmqConnection connection,
            Destination destination,
            @Nullable String name,
            @Nullable String selector,
            boolean noLocal,
            boolean shared,
            boolean durable)
            throws JMSException {
        Destinations.rawTopicName(destination);
        SqlmqDestination resolved = connection.services().names().resolve(destination);
        if (durable && TemporaryDestinations.isTemporary(resolved.getName())) {
            throw new InvalidDestinationException(
                    "A temporary topic has no durable subscriptions. Use a topic that lasts.", "TEMPORARY_TOPIC");
        }
        if (durable && !shared && connection.clientIdOrNull() == null) {
            throw new IllegalStateException(
                    "An unshared durable subscription needs a client identifier."
                            + " Set one on the connection or the connection factory.",
                    "CLIENT_ID");
        }
        DestinationOptions options = resolved.getOptions();
        String text = SubscriptionSelectors.checked(Selectors.text(selector) == null ? options.selector() : selector);
        boolean withoutOwn = noLocal || (!shared && options.noLocal());
        TopicAddress topic = TopicAddress.of(resolved, connection);
        FailureRules rules = connection.services().failureRules(topic.name(), options);
        SubscriptionRequest request = new SubscriptionRequest(
                topic.oneName(),
                topic.pattern(),
                name,
                name == null ? "" : connection.clientIdOrEmpty(),
                shared,
                durable,
                SubscriptionSelectors.stored(text),
                withoutOwn ? connection.noLocalMark(durable) : null);
        Membership membership =
                SubscriptionCalls.subscribe(connection.services().engine(), request, connection);
        return new Subscribed(connection, topic, resolved.getName(), text, withoutOwn, membership, rules);
    }

    /** The topic as a destination. */
    Topic topic() {
        return address.topic();
    }

    /** A place to take its messages from; they were selected when they were published. */
    ChannelConsumer open() {
        DestinationOptions options = address.options();
        ConsumerPreference preference = new ConsumerPreference(false, options.priority());
        return connection
                .services()
                .engine()
                .consumer(membership.channel(), null, rules, options.prefetchSize(), preference);
    }
}
