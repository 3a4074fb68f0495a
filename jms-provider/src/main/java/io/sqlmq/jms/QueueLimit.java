package io.sqlmq.jms;

import io.sqlmq.engine.QueueInspection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much is delivered from a queue, over all processes: {@code QueueLimit.running(4)},
 * {@code QueueLimit.starts(100, Duration.ofMinutes(1))}, or both: {@code QueueLimit.running(4).withStarts(100, …)}.
 *
 * @param running how many messages are worked on at the same time, 1 to 1,000; null: not limited
 * @param starts how many deliveries begin within any {@code period}, redeliveries included, 1 to 1,000,000; null: not limited
 * @param period from 1 ms to 31 days; null if {@code starts} is
 */
public record QueueLimit(
        @Nullable Integer running,
        @Nullable Integer starts,
        @Nullable Duration period) {

    private static final int MOST_RUNNING = 1_000;
    private static final int MOST_STARTS = 1_000_000;
    private static final Duration LONGEST = Duration.ofDays(31);

    /**
     * Checks that it says something possible.
     *
     * @throws IllegalArgumentException if it does not
     */
    public QueueLimit {
        if (running == null && starts == null) {
            throw new IllegalArgumentException("A limit is one of what runs, or one of what starts within a period");
        }
        if (running != null && (running < 1 || running > MOST_RUNNING)) {
            throw new IllegalArgumentException("Not less than 1 and not more than " + MOST_RUNNING
                    + " can be worked on at the same time: " + running);
        }
        if ((starts == null) != (period == null)) {
            throw new IllegalArgumentException("A number of starts needs a period, and a period a number of starts");
        }
        if (starts != null && (starts < 1 || starts > MOST_STARTS)) {
            throw new IllegalArgumentException(
                    "Not less than 1 and not more than " + MOST_STARTS + " can start within a period: " + starts);
        }
        if (period != null && (period.compareTo(Duration.ofMillis(1)) < 0 || period.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException("A period lasts from 1 ms to " + LONGEST.toDays() + " days: " + period);
        }
    }

    /** So many at the same time. */
    public static QueueLimit running(int running) {
        return new QueueLimit(running, null, null);
    }

    /** So many within any such period. */
    public static QueueLimit starts(int starts, Duration period) {
        return new QueueLimit(null, starts, period);
    }

    /** This one, and so many within any such period. */
    public QueueLimit withStarts(int newStarts, Duration newPeriod) {
        return new QueueLimit(running, newStarts, newPeriod);
    }

    static QueueLimit of(QueueInspection.Limited limited) {
        return new QueueLimit(limited.running(), limited.starts(), limited.period());
    }
}
