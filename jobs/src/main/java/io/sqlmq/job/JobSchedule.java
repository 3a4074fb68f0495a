package io.sqlmq.job;

import io.sqlmq.engine.schedule.Schedules;
import java.time.Instant;
import java.time.ZoneId;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A schedule that is stored.
 *
 * @param name of the schedule
 * @param cron the expression
 * @param zone in whose time it is read
 * @param job the name of the job that it spawns
 * @param channel the queue in which its jobs wait
 * @param nextAt when it is due, by the server's clock; null when its job cannot be spawned, see {@code lastError}
 * @param lastError why it cannot be spawned, or null
 */
public record JobSchedule(
        String name,
        String cron,
        ZoneId zone,
        String job,
        String channel,
        @Nullable Instant nextAt,
        @Nullable String lastError) {

    /** Nothing, if it is none of jobs. */
    static Stream<JobSchedule> of(Schedules.Entry entry) {
        String name = entry.name();
        String cron = entry.cron();
        String zone = entry.zone();
        String job = entry.type();
        return name == null || cron == null || zone == null || job == null
                ? Stream.empty()
                : Stream.of(new JobSchedule(
                        name,
                        cron,
                        ZoneId.of(zone),
                        job,
                        entry.channel(),
                        entry.lastError() == null ? Instant.ofEpochMilli(entry.nextAt()) : null,
                        entry.lastError()));
    }
}
