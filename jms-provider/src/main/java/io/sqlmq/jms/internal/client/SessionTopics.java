package io.sqlmq.jms.internal.client;

import io.sqlmq.jms.internal.destination.Destinations;
import io.sqlmq.message.MessageFactory;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import org.jspecify.annotations.Nullable;

/** The part of a session that is about topics (§4.2) and subscriptions (§8.3). */
abstract class SessionTopics extends SessionMessages implements TopicSession {
    private final SqlmqConnection connection;
    private final Domain domain;

    SessionTopics(SqlmqConnection connection, MessageFactory messages, Domain domain) {
        super(messages);
        this.connection = connection;
        this.domain = domain;
    }

    /** This session, for what belongs to it. */
    abstract SqlmqSession self();

    /** A consumer was made. */
    abstract <C extends SqlmqMessageConsumer> C opened(C consumer);

    private void checkTopics(String method) throws IllegalStateException {
        checkOpen();
        domain.requireTopics(method);
    }

    @Override
    public final Topic createTopic(@Nullable String name) throws JMSException {
        checkTopics("createTopic");
        return connection.services().names().topic(name);
    }

    @Override
    public final TemporaryTopic createTemporaryTopic() throws JMSException {
        checkTopics("createTemporaryTopic");
        return connection.temporaries().createTopic();
    }

    @Override
    public final TopicPublisher createPublisher(@Nullable Topic topic) throws JMSException {
        checkTopics("createPublisher");
        if (topic != null) {
            Destinations.rawTopicName(topic);
            connection
                    .services()
                    .checks()
                    .checkKnown(connection.services().names().resolve(topic));
        }
        return new SqlmqTopicPublisher(self(), topic);
    }

    // ---- subscriptions of one consumer that are not durable

    @Override
    public final TopicSubscriber createSubscriber(Topic topic) throws JMSException {
        return createSubscriber(topic, null, false);
    }

    @Override
    public final TopicSubscriber createSubscriber(Topic topic, @Nullable String selector, boolean noLocal)
            throws JMSException {
        checkTopics("createSubscriber");
        return topicConsumer(topic, selector, noLocal);
    }

    /** A consumer with a subscription of its own. */
    final SqlmqTopicSubscriber topicConsumer(Destination topic, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return consumer(Subscribed.alone(connection, topic, selector, noLocal));
    }

    // ---- durable ones

    @Override
    public final TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        return createDurableSubscriber(topic, name, null, false);
    }

    @Override
    public final TopicSubscriber createDurableSubscriber(
            Topic topic, String name, @Nullable String selector, boolean noLocal) throws JMSException {
        checkTopics("createDurableSubscriber");
        return durable(topic, name, selector, noLocal);
    }

    @Override
    public final MessageConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        return createDurableConsumer(topic, name, null, false);
    }

    @Override
    public final MessageConsumer createDurableConsumer(
            Topic topic, String name, @Nullable String selector, boolean noLocal) throws JMSException {
        checkTopics("createDurableConsumer");
        return durable(topic, name, selector, noLocal);
    }

    private SqlmqTopicSubscriber durable(Topic topic, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return consumer(Subscribed.durable(connection, topic, name, selector, noLocal));
    }

    // ---- shared ones

    @Override
    public final MessageConsumer createSharedConsumer(Topic topic, String name) throws JMSException {
        return createSharedConsumer(topic, name, null);
    }

    @Override
    public final MessageConsumer createSharedConsumer(Topic topic, String name, @Nullable String selector)
            throws JMSException {
        checkTopics("createSharedConsumer");
        return consumer(Subscribed.shared(connection, topic, name, selector, false));
    }

    @Override
    public final MessageConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        return createSharedDurableConsumer(topic, name, null);
    }

    @Override
    public final MessageConsumer createSharedDurableConsumer(Topic topic, String name, @Nullable String selector)
            throws JMSException {
        checkTopics("createSharedDurableConsumer");
        return consumer(Subscribed.shared(connection, topic, name, selector, true));
    }

    @Override
    public final void unsubscribe(String name) throws JMSException {
        checkTopics("unsubscribe");
        SubscriptionCalls.unsubscribe(connection.services().engine(), name, connection.clientIdOrEmpty());
    }

    private SqlmqTopicSubscriber consumer(Subscribed subscribed) {
        return opened(new SqlmqTopicSubscriber(self(), subscribed));
    }
}
