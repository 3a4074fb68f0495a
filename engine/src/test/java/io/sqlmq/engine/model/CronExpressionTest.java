package io.sqlmq.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronExpressionTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static String next(String cron, String after, ZoneId zone) {
        Instant from = LocalDateTime.parse(after).atZone(zone).toInstant();
        return CronExpression.parse(cron)
                .next(from, zone)
                .atZone(zone)
                .toOffsetDateTime()
                .toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "* * * * *           | 2026-03-01T10:00:00 | 2026-03-01T10:01Z",
                "* * * * *           | 2026-03-01T10:00:59 | 2026-03-01T10:01Z",
                "0 * * * *           | 2026-03-01T10:00:00 | 2026-03-01T11:00Z",
                "*/15 8-9 * * *      | 2026-03-01T09:50:00 | 2026-03-02T08:00Z",
                "5/20 * * * *        | 2026-03-01T10:26:00 | 2026-03-01T10:45Z",
                "0 12 * * 0          | 2026-03-02T00:00:00 | 2026-03-08T12:00Z",
                "0 12 * * 7          | 2026-03-02T00:00:00 | 2026-03-08T12:00Z",
                "0 12 * * SUN        | 2026-03-02T00:00:00 | 2026-03-08T12:00Z",
                "0 0 1 Jan *         | 2026-03-02T00:00:00 | 2027-01-01T00:00Z",
                "0 0 29 2 *          | 2026-03-02T00:00:00 | 2028-02-29T00:00Z",
                "0 0 29 2 *          | 2096-03-02T00:00:00 | 2104-02-29T00:00Z",
                "0 0 31 1 */7        | 2027-10-28T00:00:00 | 2038-01-31T00:00Z",
                "0 0 29 2 */7        | 2088-03-02T00:00:00 | 2128-02-29T00:00Z",
                "59 23 31 * *        | 2026-04-01T00:00:00 | 2026-05-31T23:59Z",
                "0 0 13 * 5          | 2026-03-01T00:00:00 | 2026-03-06T00:00Z",
                "0 0 */2 * 5         | 2026-03-01T00:00:00 | 2026-03-13T00:00Z",
                "0 0 1,15 * *        | 2026-03-01T00:00:00 | 2026-03-15T00:00Z",
                "0 9 * * mon-fri     | 2026-03-06T10:00:00 | 2026-03-09T09:00Z"
            })
    void theNextTimeFollows(String cron, String after, String expected) {
        assertThat(next(cron, after, ZoneOffset.UTC)).isEqualTo(expected);
    }

    @Test
    void whatFallsIntoTheMissingHourComesAtItsEnd() {
        assertThat(next("30 2 * * *", "2026-03-28T12:00", BERLIN)).isEqualTo("2026-03-29T03:00+02:00");
        assertThat(next("30 2 * * *", "2026-03-29T03:00", BERLIN)).isEqualTo("2026-03-30T02:30+02:00");
        assertThat(next("30 1,4 * * *", "2026-03-29T01:30", BERLIN)).isEqualTo("2026-03-29T04:30+02:00");
    }

    @Test
    void whatFallsIntoTheRepeatedHourComesOnce() {
        assertThat(next("30 2 * * *", "2026-10-24T12:00", BERLIN)).isEqualTo("2026-10-25T02:30+02:00");
        assertThat(CronExpression.parse("30 2 * * *").next(Instant.parse("2026-10-25T00:30:00Z"), BERLIN))
                .isEqualTo("2026-10-26T01:30:00Z");
    }

    @Test
    void whatIsDueEveryHourFollowsTheElapsedTime() {
        CronExpression cron = CronExpression.parse("15 * * * *");
        assertThat(cron.next(Instant.parse("2026-03-29T00:15:00Z"), BERLIN)).isEqualTo("2026-03-29T01:15:00Z");
        assertThat(cron.next(Instant.parse("2026-10-25T00:15:00Z"), BERLIN)).isEqualTo("2026-10-25T01:15:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "-1 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * 32 * *",
                "* * * 13 *",
                "* * * * 8",
                "a * * * *",
                "1- * * * *",
                "5-1 * * * *",
                "1-2-3 * * * *",
                "*/0 * * * *",
                "*/x * * * *",
                "1/2/3 * * * *",
                "1,,2 * * * *",
                "+5 * * * *",
                "* * * fri *",
                "0 0 30 2 *",
                "0 0 31 4,6,9,11 *"
            })
    void whatIsNoExpressionIsRefused(String cron) {
        assertThatThrownBy(() -> CronExpression.parse(cron))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"");
    }

    @Test
    void theRefusalNamesFieldAndRange() {
        assertThatThrownBy(() -> CronExpression.parse("0 25 * * *"))
                .hasMessageContaining("\"25\" is not possible as hour")
                .hasMessageContaining("from 0 to 23");
    }

    private static final List<ZoneId> ZONES = List.of(
            ZoneOffset.UTC,
            BERLIN,
            ZoneId.of("America/New_York"),
            ZoneId.of("Australia/Lord_Howe"), // half an hour of summer time
            ZoneId.of("Asia/Kathmandu"));

    @Provide
    Arbitrary<Set<Integer>> minutes() {
        return Arbitraries.integers().between(0, 59).set().ofMinSize(1).ofMaxSize(4);
    }

    @Provide
    Arbitrary<Set<Integer>> hours() {
        return Arbitraries.integers().between(0, 23).set().ofMinSize(0).ofMaxSize(4);
    }

    @Provide
    Arbitrary<Set<Integer>> days() {
        return Arbitraries.integers().between(1, 28).set().ofMinSize(0).ofMaxSize(6);
    }

    @Provide
    Arbitrary<Set<Integer>> weekdays() {
        return Arbitraries.integers().between(0, 6).set().ofMinSize(0).ofMaxSize(3);
    }

    /** Over the days around a change of the clocks, it finds what looking at every minute finds. */
    @Property(tries = 300)
    void itAgreesWithLookingAtEveryMinute(
            @ForAll("minutes") Set<Integer> minutes,
            @ForAll("hours") Set<Integer> hours,
            @ForAll("days") Set<Integer> days,
            @ForAll("weekdays") Set<Integer> weekdays,
            @ForAll @IntRange(min = 0, max = 4) int zone,
            @ForAll @IntRange(min = 0, max = 3) int start) {
        ZoneId in = ZONES.get(zone);
        Instant from = List.of(
                        "2026-03-07T22:00:00Z", "2026-03-28T22:00:00Z", "2026-04-04T10:00:00Z", "2026-10-24T22:00:00Z")
                .stream()
                .map(Instant::parse)
                .toList()
                .get(start);
        Instant to = from.plusSeconds(3 * 86_400);
        CronExpression cron =
                CronExpression.parse(list(minutes) + " " + list(hours) + " " + list(days) + " * " + list(weekdays));

        List<Instant> found = new ArrayList<>();
        for (Instant next = cron.next(from, in); next.isBefore(to); next = cron.next(next, in)) {
            found.add(next);
        }

        assertThat(found)
                .as("%s in %s", cron, in)
                .containsExactlyElementsOf(expected(from, to, in, minutes, hours, days, weekdays));
    }

    private static String list(Set<Integer> values) {
        return values.isEmpty() ? "*" : values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static Set<Instant> expected(
            Instant from,
            Instant to,
            ZoneId zone,
            Set<Integer> minutes,
            Set<Integer> hours,
            Set<Integer> days,
            Set<Integer> weekdays) {
        Set<Instant> expected = new TreeSet<>();
        LocalDateTime end = LocalDateTime.ofInstant(to, zone).plusDays(1);
        for (LocalDateTime local = LocalDateTime.ofInstant(from, zone).minusDays(1);
                local.isBefore(end);
                local = local.plusMinutes(1)) {
            boolean day = days.contains(local.getDayOfMonth());
            boolean weekday = weekdays.contains(local.getDayOfWeek().getValue() % 7);
            boolean fits = minutes.contains(local.getMinute())
                    && (hours.isEmpty() || hours.contains(local.getHour()))
                    && ((days.isEmpty() && weekdays.isEmpty()) || day || weekday);
            if (!fits) {
                continue;
            }
            List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
            if (offsets.isEmpty() && !hours.isEmpty()) {
                expected.add(zone.getRules().getTransition(local).getInstant());
            } else if (!offsets.isEmpty()) {
                expected.add(ZonedDateTime.ofStrict(local, offsets.get(0), zone).toInstant());
                if (hours.isEmpty() && offsets.size() == 2) {
                    expected.add(
                            ZonedDateTime.ofStrict(local, offsets.get(1), zone).toInstant());
                }
            }
        }
        expected.removeIf(instant -> !instant.isAfter(from) || !instant.isBefore(to));
        return expected;
    }
}
