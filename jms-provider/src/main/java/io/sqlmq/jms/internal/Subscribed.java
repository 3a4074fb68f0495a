package io.sqlmq.jms.internal;

import io.sqlmq.engine.ChannelConsumer;
import io.sqlmq.engine.SubscriptionRequest;
import io.sqlmq.engine.Subscriptions.Membership;
import io.sqlmq.jms.SqlmqTopic;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;

/**
 * One consumer's part in a subscription to a topic (§4.2, §8.3), for a consumer of a session or of a connection.
 *
 * @param selector as getMessageSelector tells it
 */
record Subscribed(
        SqlmqConnection connection,
        SqlmqTopic topic,
        String topicName,
        @Nullable String selector,
        boolean noLocal,
        Membership membership) {

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
        if (connection.clientIdOrNull() == null) {
            throw new IllegalStateException(
                    "An unshared durable subscription needs a client identifier."
                            + " Set one on the connection or the connection factory.",
                    "CLIENT_ID");
        }
        return to(connection, topic, Subscribing.checkedName(name), selector, noLocal, false, true);
    }

    /** A part in a shared subscription. */
    static Subscribed shared(
            SqlmqConnection connection,
            Destination topic,
            @Nullable String name,
            @Nullable String selector,
            boolean durable)
            throws JMSException {
        return to(connection, topic, Subscribing.checkedName(name), selector, false, true, durable);
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
        String topicName = Destinations.topicName(destination);
        if (durable && TemporaryDestinations.isTemporary(topicName)) {
            throw new InvalidDestinationException(
                    "A temporary topic has no durable subscriptions. Use a topic that lasts.", "TEMPORARY_TOPIC");
        }
        String text = SubscriptionSelectors.checked(selector);
        connection.checkMayConsume(topicName);
        SubscriptionRequest request = new SubscriptionRequest(
                topicName,
                name,
                name == null ? "" : connection.clientIdOrEmpty(),
                shared,
                durable,
                text,
                noLocal ? connection.noLocalMark(durable) : null);
        Membership membership = Subscribing.subscribe(connection.engine(), request, connection);
        return new Subscribed(connection, Destinations.topic(topicName), topicName, text, noLocal, membership);
    }

    /** A place to take its messages from; they were selected when they were published. */
    ChannelConsumer open() {
        return connection.engine().consumer(membership.channel(), null, connection.failureRules(topicName));
    }
}
