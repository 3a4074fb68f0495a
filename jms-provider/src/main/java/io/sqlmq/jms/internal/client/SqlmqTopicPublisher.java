package io.sqlmq.jms.internal.client;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import org.jspecify.annotations.Nullable;

/** Publishes to a topic, or to the one given with each message. */
final class SqlmqTopicPublisher extends SqlmqMessageProducer implements TopicPublisher {
    private final @Nullable Topic topic;

    SqlmqTopicPublisher(SqlmqSession session, @Nullable Topic topic) {
        super(session, topic);
        this.topic = topic;
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int deliveryMode, int priority, long timeToLive) throws JMSException {
        send(message, deliveryMode, priority, timeToLive);
    }

    @Override
    public void publish(Topic topic, Message message) throws JMSException {
        send(topic, message);
    }

    @Override
    public void publish(Topic topic, Message message, int deliveryMode, int priority, long timeToLive)
            throws JMSException {
        send(topic, message, deliveryMode, priority, timeToLive);
    }

    @Override
    public @Nullable Topic getTopic() throws JMSException {
        getDestination(); // refused when closed
        return topic;
    }
}
