package io.sqlmq.engine.model;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * Points in time as crontab(5) describes them: minute, hour, day of month, month, day of week. Each field is {@code *}, a
 * number, a range {@code 8-18}, any of these with a step ({@code *}{@code /5}), or a list of such with commas; months
 * and days of the week may be English abbreviations, and Sunday is 0 or 7. Where both days are restricted, either is
 * enough. Immutable.
 *
 * <p>When clocks go forward, what falls in the missing time comes at its end, and when they go back, what falls in the
 * repeated time comes the first time only; an expression that is due every hour follows the elapsed time instead.
 */
public final class CronExpression {

    private static final int FIELDS = 5;
    private static final int HOURS = 24;
    private static final int DAYS_OF_WEEK = 7;

    /** Every possible date occurs on every day of the week within so many years, 29 February around 2100 the most rarely. */
    private static final int HORIZON_YEARS = 41;

    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    private final String text;
    private final BitSet minutes;
    private final BitSet hours;
    private final BitSet daysOfMonth;
    private final BitSet months;
    private final BitSet daysOfWeek;
    private final boolean eitherDay;

    private CronExpression(String text, String[] fields) {
        this.text = text;
        minutes = field("minute", fields[0], 0, 59, List.of());
        hours = field("hour", fields[1], 0, HOURS - 1, List.of());
        daysOfMonth = field("day of the month", fields[2], 1, 31, List.of());
        months = field("month", fields[3], 1, 12, MONTHS);
        daysOfWeek = field("day of the week", fields[4], 0, DAYS_OF_WEEK, DAYS);
        if (daysOfWeek.get(DAYS_OF_WEEK)) {
            daysOfWeek.set(0);
        }
        eitherDay = !fields[2].startsWith("*") && !fields[4].startsWith("*");
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException saying what is wrong, also when no date ever fits
     */
    public static CronExpression parse(String text) {
        String[] fields = text.strip().split("\\s+");
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("\"" + text + "\" has " + (text.isBlank() ? 0 : fields.length)
                    + " fields; a cron expression has five: minute hour day month weekday");
        }
        CronExpression expression = new CronExpression(text, fields);
        boolean possible = expression.eitherDay
                || expression.months.stream().anyMatch(month -> expression.daysOfMonth.nextSetBit(0) <= longest(month));
        if (!possible) {
            throw new IllegalArgumentException("\"" + text + "\" is never due: no such month has such a day");
        }
        return expression;
    }

    private static int longest(int month) {
        return java.time.Month.of(month).maxLength();
    }

    private static BitSet field(String name, String text, int min, int max, List<String> names) {
        BitSet values = new BitSet(max + 1);
        for (String part : text.split(",", -1)) {
            String[] stepped = part.split("/", -1);
            String[] range = stepped[0].split("-", -1);
            if (stepped.length > 2 || range.length > 2) {
                throw wrong(name, part, min, max);
            }
            int step = stepped.length == 1 ? 1 : number(name, stepped[1], 1, Integer.MAX_VALUE, List.of());
            int first;
            int last;
            if (stepped[0].equals("*")) {
                first = min;
                last = max;
            } else {
                first = number(name, range[0], min, max, names);
                last = range.length == 2 ? number(name, range[1], min, max, names) : stepped.length == 2 ? max : first;
            }
            if (last < first) {
                throw wrong(name, part, min, max);
            }
            for (long value = first; value <= last; value += step) {
                values.set((int) value);
            }
        }
        return values;
    }

    private static int number(String name, String text, int min, int max, List<String> names) {
        int named = names.indexOf(text.toLowerCase(Locale.ROOT));
        if (named >= 0) {
            return named + min;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw wrong(name, text, min, max);
        }
        throw wrong(name, text, min, max);
    }

    private static IllegalArgumentException wrong(String name, String text, int min, int max) {
        return new IllegalArgumentException("\"" + text + "\" is not possible as " + name + ": use *, numbers"
                + (max == Integer.MAX_VALUE ? " from " + min : " from " + min + " to " + max)
                + ", ranges (1-5), steps (*/10), or a list of these with commas");
    }

    /**
     * The first point in time after this one.
     *
     * @throws DateTimeException when there is none within the years that this looks ahead
     */
    public Instant next(Instant after, ZoneId zone) {
        ZonedDateTime start = after.atZone(zone).truncatedTo(ChronoUnit.MINUTES);
        ZonedDateTime time = start.plusMinutes(1);
        int lastYear = time.getYear() + HORIZON_YEARS;
        while (!isDue(time)) {
            if (time.getYear() > lastYear) {
                throw new DateTimeException("\"" + text + "\" is not due before the end of " + lastYear);
            }
            time = skip(time);
        }
        return inGap(after, time.toInstant(), zone);
    }

    /** The next time that may be due: nothing that is due lies between. */
    private ZonedDateTime skip(ZonedDateTime time) {
        if (!months.get(time.getMonthValue())) {
            return time.toLocalDate().plusMonths(1).withDayOfMonth(1).atStartOfDay(time.getZone());
        }
        if (!fitsDay(time.toLocalDateTime())) {
            return time.toLocalDate().plusDays(1).atStartOfDay(time.getZone());
        }
        if (!hours.get(time.getHour())) {
            return time.plusMinutes(60L - time.getMinute());
        }
        return time.plusMinutes(1);
    }

    private boolean isDue(ZonedDateTime time) {
        return fits(time.toLocalDateTime()) && (isHourly() || time.equals(time.withEarlierOffsetAtOverlap()));
    }

    private boolean isHourly() {
        return hours.cardinality() == HOURS;
    }

    private boolean fits(LocalDateTime time) {
        return minutes.get(time.getMinute())
                && hours.get(time.getHour())
                && months.get(time.getMonthValue())
                && fitsDay(time);
    }

    private boolean fitsDay(LocalDateTime time) {
        boolean ofMonth = daysOfMonth.get(time.getDayOfMonth());
        boolean ofWeek = daysOfWeek.get(time.getDayOfWeek().getValue() % DAYS_OF_WEEK);
        return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
    }

    /** The end of a gap between the two in which this would have been due, or else {@code found}. */
    private Instant inGap(Instant after, Instant found, ZoneId zone) {
        if (isHourly()) {
            return found;
        }
        ZoneOffsetTransition transition = zone.getRules().nextTransition(after);
        while (transition != null && transition.getInstant().isBefore(found)) {
            if (transition.isGap()) {
                for (LocalDateTime time = transition.getDateTimeBefore();
                        time.isBefore(transition.getDateTimeAfter());
                        time = time.plusMinutes(1)) {
                    if (fits(time)) {
                        return transition.getInstant();
                    }
                }
            }
            transition = zone.getRules().nextTransition(transition.getInstant());
        }
        return found;
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
