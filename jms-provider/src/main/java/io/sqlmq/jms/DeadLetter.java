package io.sqlmq.jms;

import io.sqlmq.engine.QueueInspection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message in a dead-letter queue, see {@link SqlmqAdmin#deadLetters}.
 *
 * @param queue the dead-letter queue
 * @param messageId its JMSMessageID, by which it can be retried
 * @param origin the queue that it comes from
 * @param reason why it is dead
 * @param attempts how many deliveries have failed
 * @param diedAt when it was moved; null if that is not known
 * @param error why the last delivery failed, or null
 */
public record DeadLetter(
        String queue,
        String messageId,
        String origin,
        String reason,
        int attempts,
        @Nullable Instant diedAt,
        @Nullable String error) {

    static DeadLetter of(QueueInspection.Dead letter) {
        return new DeadLetter(
                letter.channel(),
                "ID:" + letter.id(),
                letter.origin(),
                letter.reason(),
                letter.attempts(),
                letter.deadAt(),
                letter.error());
    }
}
