package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.model.CronExpression;
import io.sqlmq.engine.model.Schedule;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When a message asks to be delivered by the properties that ActiveMQ has for it.
 *
 * @param cron null where it has none
 * @param delay milliseconds
 * @param period milliseconds
 * @param repeats how many deliveries follow the first; -1 for no end
 */
record Scheduling(@Nullable CronExpression cron, long delay, long period, int repeats) {
    static final String DELAY = "AMQ_SCHEDULED_DELAY";
    static final String PERIOD = "AMQ_SCHEDULED_PERIOD";
    static final String REPEAT = "AMQ_SCHEDULED_REPEAT";
    static final String CRON = "AMQ_SCHEDULED_CRON";

    /** What delivered messages have instead: the identifier of the message that was sent. */
    static final String JOB_ID = "scheduledJobId";

    static final Set<String> PROPERTIES = Set.of(DELAY, PERIOD, REPEAT, CRON);

    private static final String CODE = "SCHEDULE";

    /**
     * What the message asks for, or null when that is to be delivered at once: also when it was scheduled before, as a
     * message may be that is sent on.
     */
    static @Nullable Scheduling of(SqlmqMessage message) throws JMSException {
        Object delay = message.getObjectProperty(DELAY);
        Object period = message.getObjectProperty(PERIOD);
        Object cron = message.getObjectProperty(CRON);
        if ((delay == null && period == null && cron == null) || message.propertyExists(JOB_ID)) {
            return null;
        }
        Object repeat = message.getObjectProperty(REPEAT);
        Scheduling scheduling = new Scheduling(
                cron(cron), millis(DELAY, delay), millis(PERIOD, period), repeat == null ? 0 : repeats(repeat));
        if (scheduling.repeats != 0 && scheduling.period == 0) {
            throw wrong(REPEAT + " is " + repeat + ", but nothing says how often: set " + PERIOD + " too", null);
        }
        if (scheduling.cron != null && scheduling.repeats == Schedule.FOR_EVER) {
            throw wrong(
                    REPEAT + " is -1 and " + CRON + " begins ever more series without end: set a number of repeats",
                    null);
        }
        if (scheduling.repeats != 0 && scheduling.period < Schedule.LEAST_PERIOD) {
            throw wrong(PERIOD + " is " + period + ": set " + Schedule.LEAST_PERIOD + " ms or more", null);
        }
        return scheduling;
    }

    private static @Nullable CronExpression cron(@Nullable Object value) throws MessageFormatException {
        if (value == null || value.toString().isBlank()) {
            return null;
        }
        try {
            return CronExpression.parse(value.toString());
        } catch (IllegalArgumentException e) {
            throw wrong(CRON + " is not a cron expression: " + e.getMessage(), e);
        }
    }

    private static long millis(String name, @Nullable Object value) throws MessageFormatException {
        long millis = value == null ? 0 : integer(name, value);
        if (millis < 0 || millis > Schedule.LONGEST) {
            throw wrong(
                    name + " is " + millis + ": set milliseconds from 0 on, at most " + Schedule.LONGEST
                            + " (100 years)",
                    null);
        }
        return millis;
    }

    private static int repeats(Object value) throws MessageFormatException {
        long repeats = integer(REPEAT, value);
        if (repeats < Schedule.FOR_EVER || repeats > Integer.MAX_VALUE) {
            throw wrong(REPEAT + " is " + repeats + ": set a number from 0 to 2147483647, or -1 for no end", null);
        }
        return (int) repeats;
    }

    private static long integer(String name, Object value) throws MessageFormatException {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof String text) {
            try {
                return Long.parseLong(text.strip());
            } catch (NumberFormatException e) {
                throw wrong(name + " is \"" + text + "\": set an integer", e);
            }
        }
        throw wrong(name + " is of type " + value.getClass().getSimpleName() + ": set an integer", null);
    }

    private static MessageFormatException wrong(String text, @Nullable Exception cause) {
        return new MessageFormatException(text + ".", CODE, cause);
    }

    /** Whether more than one delivery, or one at a time that only a cron expression tells. */
    boolean isRepeated() {
        return cron != null || repeats != 0;
    }

    /** Milliseconds until the first delivery, or until the first series begins. */
    long firstDelay(Instant now, ZoneId zone) throws MessageFormatException {
        if (cron != null) {
            try {
                return cron.next(now, zone).toEpochMilli() - now.toEpochMilli();
            } catch (DateTimeException e) {
                throw wrong(CRON + ": " + e.getMessage(), e);
            }
        }
        return delay > 0 ? delay : period;
    }

    /** This as the engine has it. */
    Schedule schedule(ZoneId zone) {
        return new Schedule(cron, zone, cron == null ? 0 : delay, period, repeats, Set.of());
    }
}
