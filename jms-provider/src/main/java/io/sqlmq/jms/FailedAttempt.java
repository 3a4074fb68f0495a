package io.sqlmq.jms;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A delivery of a message, or an attempt of a job, that failed. See {@link SqlmqAdmin#attempts}.
 *
 * @param number from 1; counted anew when a dead letter is retried
 * @param queue where the message was
 * @param failedAt when it was counted as failed, by the clock of the database
 * @param duration how long it was worked on; null where nobody knows, for example because the process died
 * @param error why it failed, or null
 */
public record FailedAttempt(
        int number,
        String queue,
        Instant failedAt,
        @Nullable Duration duration,
        @Nullable String error) {}
