package io.sqlmq.engine.model;

import java.time.ZoneId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How often a message is sent. Without {@code cron}: after the message's delay, and then {@code repeats} times more. With
 * it: a series like that begins whenever the expression is due.
 *
 * @param cron when series begin, or null
 * @param zone where {@code cron} is read
 * @param delay with {@code cron}, milliseconds until the first message of each series
 * @param period milliseconds between the messages of a series
 * @param repeats how many messages follow the first one; -1 for no end, not together with {@code cron}
 * @param senders what noLocal subscriptions may call the sender of a message to a topic
 */
public record Schedule(
        @Nullable CronExpression cron, ZoneId zone, long delay, long period, int repeats, Set<String> senders) {

    /** Under this name processes are told of new schedules. */
    public static final String CHANNEL = "sqlmq-schedules";

    /** The shortest period, in milliseconds. */
    public static final long LEAST_PERIOD = 10;

    /** The longest delay and the longest period: 100 years, in milliseconds. */
    public static final long LONGEST = 3_155_760_000_000L;

    /** Without end. */
    public static final int FOR_EVER = -1;

    /** The same by a sender that subscriptions call so. */
    public Schedule from(Set<String> called) {
        return new Schedule(cron, zone, delay, period, repeats, called);
    }

    /** How many messages follow after one more of a series. */
    public static int oneLess(int repeats) {
        return repeats == FOR_EVER ? FOR_EVER : repeats - 1;
    }
}
