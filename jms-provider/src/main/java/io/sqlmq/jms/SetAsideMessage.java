package io.sqlmq.jms;

import io.sqlmq.engine.QueueInspection;
import org.jspecify.annotations.Nullable;

/**
 * A message that is set aside, see {@link SqlmqAdmin#setAside}.
 *
 * @param queue where it is; a subscription's has the name that the view {@code mq_topic_subscribers} tells
 * @param messageId by which it can be retried or removed
 * @param persistent whether it survives a crash of the server
 * @param reason why it can be neither delivered nor parked
 * @param deliveryCount how many deliveries have ended without an acknowledge
 * @param failureCount how many of them have failed
 * @param error why the last one failed, or null
 */
public record SetAsideMessage(
        String queue,
        String messageId,
        boolean persistent,
        String reason,
        int deliveryCount,
        int failureCount,
        @Nullable String error) {

    static SetAsideMessage of(QueueInspection.SetAside message) {
        return new SetAsideMessage(
                message.channel(),
                "ID:" + message.id(),
                message.persistent(),
                message.reason(),
                message.deliveryCount(),
                message.failureCount(),
                message.error());
    }
}
