package io.sqlmq.jms;

import io.sqlmq.engine.QueueInspection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A queue from which nothing is delivered, see {@link SqlmqAdmin#pause}.
 *
 * @param queue its name
 * @param since when it was paused
 * @param by the role that did it
 * @param reason what was said then, or null
 */
public record PausedQueue(
        String queue, Instant since, String by, @Nullable String reason) {

    static PausedQueue of(QueueInspection.Paused paused) {
        return new PausedQueue(paused.channel(), paused.since(), paused.by(), paused.reason());
    }
}
