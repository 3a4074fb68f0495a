package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

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
