package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs that schedules spawn. */
class ScheduledJobsTest extends JobsTestCase {
    private static final ZoneId UTC = ZoneOffset.UTC;

    @Test
    void aScheduleSpawnsItsJobOnceWithManyProcesses() throws Exception {
        registry.handler(JobOptions.named("clean").retries(2), job -> {
            seen.add(job.json(String.class));
            throw new IllegalStateException("retried as its options say");
        });
        Jobs other = closing(Jobs.on(pool(5, true), registry));
        run();
        closing(other.runner().start());
        jobs.schedule("nightly", "0 3 * * *", UTC, jobs.job("clean").json("all"));
        other.schedule("nightly", "0 3 * * *", UTC, other.job("clean").json("all"));
        assertThat(count("SELECT count(*) FROM mq_schedules")).isEqualTo(1);
        due();
        seenEventually("all", "all", "all");
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE dead_origin = 'jobs'") == 1);
        assertThat(count("SELECT count(*) FROM mq_schedules WHERE next_at > now()"))
                .isEqualTo(1);
        assertThat(jobs.unschedule("nightly")).isTrue();
        assertThat(jobs.unschedule("nightly")).isFalse();
    }

    @Test
    void whatSaysTheSameChangesNothingAndWhatIsDifferentTakesItsPlace() throws Exception {
        jobs.schedule("nightly", "0 3 * * *", UTC, jobs.job("clean").json("all"));
        execute("UPDATE mq_schedules SET next_at = now() + interval '7 days'");
        jobs.schedule("nightly", "0 3 * * *", UTC, jobs.job("clean").json("all"));
        assertThat(count("SELECT count(*) FROM mq_schedules WHERE next_at > now() + interval '6 days'"))
                .isEqualTo(1);
        jobs.schedule("nightly", "0 3 * * *", UTC, jobs.job("clean").json("some"));
        assertThat(value("SELECT payload_text FROM mq_schedules WHERE next_at < now() + interval '2 days'"))
                .isEqualTo("\"some\"");
        jobs.schedule(
                "nightly",
                "0 4 * * *",
                ZoneId.of("Europe/Berlin"),
                jobs.job("clean").json("some"));
        assertThat(value("SELECT cron || ' ' || zone FROM mq_schedules")).isEqualTo("0 4 * * * Europe/Berlin");
        jobs.schedule("weekly", "0 4 * * 1", UTC, jobs.job("clean"));
        assertThat(count("SELECT count(*) FROM mq_schedules")).isEqualTo(2);
    }

    @Test
    void argumentsAndOrderAreKept() throws Exception {
        run("elsewhere"); // so that the process hears of schedules
        registry.handler(JobOptions.named("step").ordered(true), job -> seen.add(job.rawJson() + job.bytes()[0]));
        jobs.schedule(
                "steps",
                "0 3 * * *",
                UTC,
                jobs.job("step").channelArgs("a").json(1).bytes(new byte[] {7}));
        due();
        eventually(() ->
                count("SELECT count(*) FROM mq_msgs WHERE grp = 'a' AND channel_args = 'a' AND name = 'step'") == 1);
        run();
        seenEventually("17");
    }

    @Test
    void sqlSeesWhatIsScheduledAndEndsIt() throws Exception {
        jobs.schedule(
                "nightly",
                "0 3 * * *",
                ZoneId.of("Europe/Berlin"),
                jobs.job("clean").channel("upkeep").json("all"));
        assertThat(value("SELECT concat_ws(' ', destination, cron, zone, jms_type, body) FROM mq_scheduled"
                        + " WHERE next_at BETWEEN now() AND now() + interval '25 hours'"))
                .isEqualTo("queue://upkeep 0 3 * * * Europe/Berlin clean \"all\"");
        execute("DELETE FROM mq_schedules WHERE jms_type = 'clean'");
        assertThat(jobs.unschedule("nightly")).isFalse();
    }

    @Test
    void schedulesAreListedByTheirNames() throws Exception {
        jobs.schedule(
                "nightly",
                "0 3 * * *",
                ZoneId.of("Europe/Berlin"),
                jobs.job("clean").channel("upkeep"));
        jobs.schedule("hourly", "7 * * * *", UTC, jobs.job("step"));
        execute("UPDATE mq_schedules SET next_at = 'infinity', last_error = 'broken' WHERE name = 'nightly'");
        assertThat(jobs.schedules()).hasSize(2).first().satisfies(hourly -> {
            assertThat(hourly.name()).isEqualTo("hourly");
            assertThat(hourly.nextAt()).isBetween(Instant.now(), Instant.now().plusSeconds(3601));
        });
        assertThat(jobs.schedules())
                .last()
                .isEqualTo(new JobSchedule(
                        "nightly", "0 3 * * *", ZoneId.of("Europe/Berlin"), "clean", "upkeep", null, "broken"));
        assertThat(value("SELECT string_agg(name, ' ' ORDER BY name) FROM mq_scheduled"))
                .isEqualTo("hourly nightly");
        jobs.schedules().forEach(schedule -> jobs.unschedule(schedule.name()));
        assertThat(jobs.schedules()).isEmpty();
    }

    /** What is due, or broken, stays so when it is stored again by a process that gives it its name. */
    @Test
    void aScheduleOfAnEarlierVersionGetsItsNameAndIsDueWhenItWas() throws Exception {
        jobs.schedule("nightly", "0 3 * * *", UTC, jobs.job("clean"));
        jobs.schedule("weekly", "0 3 * * 0", UTC, jobs.job("clean"));
        execute("UPDATE mq_schedules SET name = NULL, next_at = now() + interval '8 days'");
        execute("UPDATE mq_schedules SET next_at = 'infinity', last_error = 'broken' WHERE cron = '0 3 * * 0'");
        assertThat(jobs.schedules()).isEmpty();
        jobs.schedule("nightly", "0 3 * * *", UTC, jobs.job("clean"));
        jobs.schedule("weekly", "0 3 * * 0", UTC, jobs.job("clean"));
        assertThat(jobs.schedules()).extracting(JobSchedule::name).containsExactly("nightly", "weekly");
        assertThat(jobs.schedules().get(0).nextAt()).isAfter(Instant.now().plusSeconds(7 * 86_400));
        assertThat(jobs.schedules().get(1).lastError()).isEqualTo("broken");
    }

    /** Nobody is there from before it is due until three hours, and a bit, later. */
    @ParameterizedTest
    @CsvSource({"once, 1", "skip, 0", "all, 4", "some, 2"})
    void whatWasMissedGoesByThePolicy(String policy, int spawned) throws Exception {
        MissedFirings missed = switch (policy) {
            case "skip" -> MissedFirings.skip();
            case "all" -> MissedFirings.all(100);
            case "some" -> MissedFirings.all(2);
            default -> MissedFirings.once();
        };
        int minute = LocalTime.now(UTC).minusMinutes(10).getMinute(); // never within the last minute
        try (Jobs gone = Jobs.on(pool(5, true))) {
            gone.schedule("hourly", minute + " * * * *", UTC, gone.job("step"), missed);
        }
        execute("UPDATE mq_schedules SET next_at = next_at - interval '4 hours'");
        run("elsewhere"); // a process that looks after schedules
        eventually(() -> count("SELECT count(*) FROM mq_schedules WHERE next_at > now()") == 1);
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE name = 'step'")).isEqualTo(spawned);
    }

    @Test
    void whatIsHardlyLateWasNotMissed() throws Exception {
        run("elsewhere");
        jobs.schedule("minutely", "* * * * *", UTC, jobs.job("step"), MissedFirings.skip());
        execute("UPDATE mq_schedules SET next_at = date_trunc('minute', now()) - interval '3 hours'");
        execute(wakeUp());
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE name = 'step'") >= 1);
        jobs.schedule("minutely", "* * * * *", UTC, jobs.job("step"), MissedFirings.once());
        assertThat(count("SELECT count(*) FROM mq_schedules WHERE properties -> 'sqlmq.job' ->> 'missed' IS NULL"))
                .isEqualTo(1);
        assertThatThrownBy(() -> MissedFirings.all(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsNoExpressionIsRefused() {
        assertThatThrownBy(() -> jobs.schedule("x", "0 25 * * *", UTC, jobs.job("x")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aJobThatCouldNotBeSpawnedIsRefused() throws Exception {
        jobs.schedule("nightly", "0 3 * * *", UTC, jobs.job("clean").json(1));
        for (String json : List.of("{", "\"\\u0000\"")) {
            JobBuilder job = jobs.job("clean").rawJson(json);
            assertThatThrownBy(() -> jobs.schedule("nightly", "0 3 * * *", UTC, job))
                    .isInstanceOf(JobException.class)
                    .hasMessageContaining("nightly")
                    .hasCauseInstanceOf(SQLException.class);
        }
        JobBuilder nowhere = jobs.job("clean").channel("");
        assertThatThrownBy(() -> jobs.schedule("nightly", "0 3 * * *", UTC, nowhere))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has a name");
        assertThat(value("SELECT payload_text FROM mq_schedules")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256, 10_000})
    void aNameIsNeitherEmptyNorEndless(int length) {
        assertThatThrownBy(() -> jobs.schedule("n".repeat(length), "0 3 * * *", UTC, jobs.job("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 255 bytes")
                .hasMessageContaining("of " + length)
                .extracting(refused -> refused.getMessage().length(), InstanceOfAssertFactories.INTEGER)
                .isLessThan(200);
    }

    @Test
    void aNameHasNoControlCharacters() throws Exception {
        for (String name : List.of("a\0b", "a\nb", "\u0085")) {
            assertThatThrownBy(() -> jobs.schedule(name, "0 3 * * *", UTC, jobs.job("x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no control characters");
            assertThat(jobs.unschedule(name)).isFalse();
        }
        jobs.schedule("ü".repeat(127), "0 3 * * *", UTC, jobs.job("x"));
        assertThat(value("SELECT mq_unschedule(repeat('ü', 127))")).isEqualTo(true);
    }

    /** With nobody there until later, and with somebody there: it is due by the expression, not when it was made. */
    @Test
    void sqlMakesASchedule() throws Exception {
        registry.handler(
                JobOptions.named("clean").channel("upkeep"),
                job -> seen.add(job.rawJson() + job.bytes()[0] + job.attempt()));
        execute(schedule("nightly", "0 3 * * *", "Europe/Berlin", 1, "clean"));
        run();
        eventually(() -> nextAt("nightly") == nightly());
        execute(schedule("hourly", "7 * * * *", "UTC", 1, "clean"));
        eventually(() -> count(
                        "SELECT count(*) FROM mq_schedules WHERE name = 'hourly' AND next_at > now()"
                                + " AND extract(minute FROM next_at AT TIME ZONE 'UTC') = 7 AND extract(second FROM next_at) = 0")
                == 1);
        assertThat(seen).isEmpty();
        execute("UPDATE mq_schedules SET next_at = now() WHERE name = 'nightly'");
        execute(wakeUp());
        seenEventually("{\"a\": 1}71");
        eventually(() -> nextAt("nightly") == nightly());
        assertThat(jobs.schedules()).extracting(JobSchedule::name).containsExactlyInAnyOrder("nightly", "hourly");
        assertThat(value("SELECT mq_unschedule('nightly')")).isEqualTo(true);
        assertThat(value("SELECT mq_unschedule('nightly')")).isEqualTo(false);
        assertThat(value("SELECT mq_unschedule(NULL)")).isEqualTo(false);
        assertThat(jobs.unschedule("hourly")).isTrue();
    }

    /** A name is one schedule, whoever stores it: what says the same changes nothing, and what is different takes its place. */
    @Test
    void sqlAndJavaStoreTheSame() throws Exception {
        run("elsewhere"); // so that the process hears of schedules
        JobBuilder job = jobs.job("clean")
                .channel("upkeep")
                .channelArgs("args")
                .ordered(true)
                .retries(2)
                .backoff(Duration.ofMillis(1500))
                .delay(Duration.ofSeconds(3))
                .rawJson("{\"a\": 1}")
                .bytes(new byte[] {7});
        jobs.schedule("nightly", "0 3 * * *", ZoneId.of("Europe/Berlin"), job, MissedFirings.all(5));
        String row = "SELECT to_jsonb(s)::text FROM mq_schedules s";
        Object before = value(row);
        execute(schedule("nightly", "0 3 * * *", "Europe/Berlin", 5, "clean"));
        assertThat(value(row)).isEqualTo(before);

        execute(schedule("nightly", "0 3 * * *", "Europe/Berlin", 4, "clean"));
        eventually(() -> nextAt("nightly") == nightly());
        Object changed = value(row);
        assertThat(changed).isNotEqualTo(before);
        jobs.schedule("nightly", "0 3 * * *", ZoneId.of("Europe/Berlin"), job, MissedFirings.all(4));
        assertThat(value(row)).isEqualTo(changed);

        jobs.schedule("nightly", "0 4 * * *", ZoneId.of("Europe/Berlin"), job, MissedFirings.all(4));
        assertThat(count("SELECT count(*) FROM mq_schedules WHERE next_at > now()"))
                .isEqualTo(1);
    }

    /** What SQL lets pass is an expression for Java, and the other way round. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "* * * * *",
                " 0\t3  * * * ",
                "59 23 31 12 7",
                "0-59/7,3 1,2,3 */2 jan-Mar,dec SUN-sat",
                "5/10 * * * *",
                "* * * 1-feb *",
                "*/999999999 * * * *",
                "007 * * * *",
                "* * * * * *",
                "*",
                "-1 * * * *",
                "+1 * * * *",
                "1- * * * *",
                "*-5 * * * *",
                "1-2-3 * * * *",
                "1/2/3 * * * *",
                "*/ * * * *",
                "/5 * * * *",
                ", * * * *",
                "1, * * * *",
                "? * * * *",
                "* * L * *",
                "* 24 * * *",
                "* * 32 * *",
                "* * * 13 *",
                "* * * 0 *",
                "* * * * 8",
                "* * * * mon#1",
                "sun * * * *",
                "* * * january *",
                "@daily",
                "١ * * * *"
            })
    void sqlReadsExpressionsAsJavaDoes(String cron) {
        Throwable java = catchThrowable(() -> jobs.schedule("x", cron, UTC, jobs.job("clean")));
        Throwable sql = catchThrowable(() -> execute(schedule("x", cron, "UTC", 1, "clean")));
        assertThat(sql == null).as("%s, %s", java, sql).isEqualTo(java == null);
    }

    @Test
    void whatIsNeverDueIsSetAsideAndSaysWhy() throws Exception {
        run("elsewhere");
        execute(schedule("x", "0 0 30 2 *", "UTC", 1, "clean"));
        eventually(() -> count("SELECT count(*) FROM mq_scheduled WHERE last_error LIKE '%is never due%'") == 1);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 2", "100, 4"})
    void whatIsMissedBeforeAnybodyLooksGoesByThePolicy(int missed, int spawned) throws Exception {
        int minute = LocalTime.now(UTC).minusMinutes(10).getMinute();
        execute(schedule("hourly", minute + " * * * *", "UTC", missed, "step"));
        execute(
                "UPDATE mq_schedules SET (created_at, next_at) = (now() - interval '4 hours', now() - interval '4 hours')");
        run("elsewhere");
        eventually(() -> count("SELECT count(*) FROM mq_schedules WHERE next_at > now()") == 1);
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE name = 'step'")).isEqualTo(spawned);
    }

    private static String schedule(String name, String cron, String zone, int missed, String job) {
        return "SELECT mq_schedule('" + name + "', '" + cron
                + "', (NULL, interval '3 s', 2, interval '1.5 s', 'upkeep', 'args', NULL, true, '" + job
                + "', '{\"a\": 1}', '\\x07')::mq_new_t, '" + zone + "', " + missed + ")";
    }

    private long nextAt(String name) throws SQLException {
        return count("SELECT floor(extract(epoch FROM next_at))::bigint FROM mq_schedules WHERE name = '" + name + "'");
    }

    private static long nightly() {
        ZonedDateTime now = ZonedDateTime.now(ZoneId.of("Europe/Berlin"));
        ZonedDateTime today = now.toLocalDate().atTime(3, 0).atZone(now.getZone());
        return (today.isAfter(now) ? today : today.plusDays(1)).toEpochSecond();
    }

    /** The time of the schedules has come. */
    private void due() throws Exception {
        execute("UPDATE mq_schedules SET next_at = now()");
        execute(wakeUp());
    }

    private static String wakeUp() {
        return "SELECT pg_notify('sqlmq:' || md5('\"public\"'), '0 sqlmq-schedules')";
    }
}
