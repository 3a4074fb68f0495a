package io.sqlmq.jms.internal;

import io.sqlmq.engine.ChannelConsumer;
import io.sqlmq.engine.Subscriptions.Membership;
import jakarta.jms.JMSException;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import org.jspecify.annotations.Nullable;

/** Consumes from a subscription (§4.2). Its messages were selected when they were published. */
final class SqlmqTopicSubscriber extends SqlmqMessageConsumer implements TopicSubscriber {
    private final Topic topic;
    private final String topicName;
    private final boolean noLocal;
    private final Membership membership;

    SqlmqTopicSubscriber(
            SqlmqSession session,
            Topic topic,
            String topicName,
            @Nullable String selector,
            boolean noLocal,
            Membership membership,
            ChannelConsumer channel) {
        super(session, topic, new OneChannel(channel), selector);
        this.topic = topic;
        this.topicName = topicName;
        this.noLocal = noLocal;
        this.membership = membership;
    }

    @Override
    boolean consumesFrom(String name) {
        return !lifecycle().isClosed() && topicName.equals(name);
    }

    @Override
    void ended() {
        membership.leave();
    }

    @Override
    public Topic getTopic() throws JMSException {
        lifecycle().checkOpen();
        return topic;
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        lifecycle().checkOpen();
        return noLocal;
    }
}
