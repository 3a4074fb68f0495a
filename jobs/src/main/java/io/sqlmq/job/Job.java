package io.sqlmq.job;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a method a job: a {@link JobRegistry} finds it, a {@link JobRunner} calls it. What stands here are the defaults of its
 * jobs; {@link JobBuilder} has the last word on each.
 *
 * <p>The parameters of the method are found by their types: {@link CurrentJob}, objects given to {@link
 * JobRegistry#context}, {@code byte[]} for the binary payload, and at most one of another type, which is made of the JSON
 * payload. When the method throws, the job is retried. A future that it returns is waited for, and so is what it fails with; anything else
 * is ignored.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Job {

    /** The name of the job in the table; that of the method if this is empty. */
    String name() default "";

    /** The channel: the queue in which its jobs wait. */
    String channel() default JobOptions.CHANNEL;

    /** How often it is tried again after the first attempt. Then it is a dead letter. */
    int retries() default JobOptions.RETRIES;

    /**
     * The wait before the first retry; each further one is twice as long. A number with its unit, {@code ms}, {@code s}, {@code
     * m}, {@code h} or {@code d}, or as {@link java.time.Duration#parse} reads it.
     */
    String backoff() default "1s";

    /** What waits before retries do not exceed; see {@link #backoff}. */
    String maxBackoff() default "5m";

    /**
     * Whether its jobs are strictly in order: of those with the same channel and arguments one is done after the other, also when
     * it has to be tried again.
     */
    boolean ordered() default false;

    /** From 0 to 9, the highest; jobs of a channel with a higher priority come first. */
    int priority() default JobOptions.PRIORITY;
}
