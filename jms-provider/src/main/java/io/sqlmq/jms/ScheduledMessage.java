package io.sqlmq.jms;

import io.sqlmq.engine.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that is delivered again and again.
 *
 * @param messageId the JMSMessageID of the message that was sent, and {@code scheduledJobId} of those delivered
 * @param destination {@code queue://} or {@code topic://} and the name
 * @param nextAt when it is due, by the server's clock; null when it cannot be delivered, see {@code lastError}
 * @param cron the cron expression, or null
 * @param zone the time zone of {@code cron}, or null
 * @param delay with {@code cron}, how much later the first delivery of each series comes
 * @param period between deliveries
 * @param repeats how many deliveries follow the next one, in each series if there is a {@code cron}; -1 for no end
 * @param lastError why it cannot be delivered, or null
 * @param name of a schedule that spawns jobs, or null
 */
public record ScheduledMessage(
        String messageId,
        String destination,
        @Nullable Instant nextAt,
        @Nullable String cron,
        @Nullable String zone,
        Duration delay,
        Duration period,
        int repeats,
        @Nullable String lastError,
        @Nullable String name) {

    static ScheduledMessage of(Schedules.Entry entry) {
        return new ScheduledMessage(
                "ID:" + entry.id(),
                (entry.topic() ? "topic://" : "queue://") + entry.channel(),
                entry.lastError() == null ? Instant.ofEpochMilli(entry.nextAt()) : null,
                entry.cron(),
                entry.zone(),
                Duration.ofMillis(entry.delay()),
                Duration.ofMillis(entry.period()),
                entry.repeats(),
                entry.lastError(),
                entry.name());
    }
}
