package io.sqlmq.jms;

import io.sqlmq.engine.QueueInspection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a queue holds, see {@link SqlmqAdmin#queues}: numbers of messages by their state, as the view {@code mq_queues} has them.
 *
 * @param queue its name; a subscription's has the name that the view {@code mq_topic_subscribers} tells
 * @param ready can be received now
 * @param delayed wait for their delivery time
 * @param backingOff wait for their redelivery
 * @param leased are worked on for longer than {@code leaseAfter}
 * @param setAside can be neither delivered nor parked
 * @param total all of these
 * @param oldest when the message was sent that has been there for longest; null if none tells
 */
public record QueueDepth(
        String queue,
        long ready,
        long delayed,
        long backingOff,
        long leased,
        long setAside,
        long total,
        @Nullable Instant oldest) {

    static QueueDepth of(QueueInspection.Depth depth) {
        return new QueueDepth(
                depth.channel(),
                depth.ready(),
                depth.delayed(),
                depth.backingOff(),
                depth.leased(),
                depth.setAside(),
                depth.total(),
                depth.oldest());
    }
}
