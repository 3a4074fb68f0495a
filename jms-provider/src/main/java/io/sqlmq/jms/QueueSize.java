package io.sqlmq.jms;

import io.sqlmq.engine.QueueInspection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How large a queue is, see {@link SqlmqAdmin#sizes}.
 *
 * @param queue its name
 * @param messages how many there are, whatever their state; no more were counted than asked for
 * @param oldest for how long the next message to be received has been there, by the clock of its sender; null if there is none
 */
public record QueueSize(
        String queue, long messages, @Nullable Duration oldest) {

    static QueueSize of(QueueInspection.Size size) {
        return new QueueSize(size.channel(), size.messages(), size.oldest());
    }
}
