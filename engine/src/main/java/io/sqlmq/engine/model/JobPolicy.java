package io.sqlmq.engine.model;

/** The redelivery policy of a job whose retries are columns of its row. */
public final class JobPolicy {

    private static final long USUAL_LONGEST_MILLIS = 300_000;

    private JobPolicy() {}

    /**
     * As the function mq_job_policy makes it from the columns.
     *
     * @param deliveries how many there may be, the first one included
     * @param firstMillis before the first retry
     */
    public static String of(int deliveries, long firstMillis) {
        return of(Math.max(deliveries, 1) - 1, firstMillis, Math.max(firstMillis, USUAL_LONGEST_MILLIS));
    }

    /**
     * A policy.
     *
     * @param retries how many
     * @param firstMillis before the first; each further wait is twice as long
     * @param longestMillis but not longer than this
     */
    public static String of(int retries, long firstMillis, long longestMillis) {
        return "maximumRedeliveries=" + retries + "&initialRedeliveryDelay=" + firstMillis + "&redeliveryDelay="
                + Math.min(2 * firstMillis, longestMillis) + "&maximumRedeliveryDelay=" + longestMillis;
    }
}
