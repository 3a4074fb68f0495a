package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        execute("SELECT pg_notify('sqlmq:' || md5('\"public\"'), '0 sqlmq-schedules')");
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

    /** The time of the schedules has come. */
    private void due() throws Exception {
        execute("UPDATE mq_schedules SET next_at = now()");
        execute("SELECT pg_notify('sqlmq:' || md5('\"public\"'), '0 sqlmq-schedules')");
    }
}
