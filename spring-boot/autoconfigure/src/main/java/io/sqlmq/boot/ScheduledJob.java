package io.sqlmq.boot;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Spawns the job of a method that is annotated with {@link io.sqlmq.job.Job}, too, whenever a cron expression is due: once each time,
 * however many processes the application has. The values may have placeholders, as in {@code "${cleanup.cron}"}.
 *
 * <pre>{@code
 * @Job(retries = 2)
 * @ScheduledJob(cron = "0 3 * * *", zone = "Europe/Berlin")
 * void cleanup() { … }
 * }</pre>
 *
 * <p>The schedule is in the database and stays there: to end one, set its cron to {@code "-"} before the annotation goes.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface ScheduledJob {

    /** The five fields of crontab: minute, hour, day of the month, month, day of the week; or {@code -} for never. */
    String cron();

    /** Whose clock is meant, such as {@code Europe/Berlin}; by default that of the JVM. */
    String zone() default "";

    /** The name of the schedule in the database; by default that of the job. */
    String name() default "";
}
