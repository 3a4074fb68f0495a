package io.sqlmq.jms.internal.client;

import io.sqlmq.jms.internal.mode.OneChannel;
import jakarta.jms.JMSException;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;

/** Consumes from a subscription (§4.2). Its messages were selected when they were published. */
final class SqlmqTopicSubscriber extends SqlmqMessageConsumer implements TopicSubscriber {
    private final Subscribed subscribed;

    SqlmqTopicSubscriber(SqlmqSession session, Subscribed subscribed) {
        super(session, subscribed.topic(), new OneChannel(subscribed.open()), subscribed.selector());
        this.subscribed = subscribed;
    }

    @Override
    boolean consumesFrom(String name) {
        return !lifecycle().isClosed() && subscribed.name().equals(name);
    }

    @Override
    void ended() {
        subscribed.membership().leave();
    }

    @Override
    public Topic getTopic() throws JMSException {
        lifecycle().checkOpen();
        return subscribed.topic();
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        lifecycle().checkOpen();
        return subscribed.noLocal();
    }
}
