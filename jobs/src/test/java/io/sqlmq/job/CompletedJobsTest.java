package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Completed jobs are kept where that is asked for. */
class CompletedJobsTest extends JobsTestCase {

    @Test
    void eachWayToCompleteAJobKeepsItOnceAndFailuresAreNotKept() throws Exception {
        registry.handler("short", job -> {});
        registry.handler("long", job -> Thread.sleep(250)); // under a lease
        registry.handler("own", job -> {
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                job.complete(connection);
                if (job.attempt() == 1) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
            }
        });
        registry.handler(JobOptions.named("fails").retries(0), job -> {
            throw new IllegalStateException("no");
        });
        closing(jobs.runner()
                .concurrency(2, 4)
                .keepCompleted(Duration.ofDays(1))
                .start());
        for (int i = 0; i < 5; i++) {
            jobs.job("short").rawJson(Integer.toString(i)).spawn();
        }
        jobs.job("long").spawn();
        jobs.job("own").backoff(Duration.ofMillis(1)).spawn();
        jobs.job("fails").spawn();
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE dead_origin IS NULL") == 0
                && count("SELECT count(*) FROM mq_completed") >= 7);
        assertThat(value("SELECT string_agg(name || ' ' || n || ' ' || attempts, ',' ORDER BY name) FROM"
                        + " (SELECT name, count(*) AS n, max(attempts) AS attempts FROM mq_completed GROUP BY name) c"))
                .isEqualTo("long 1 1,own 1 2,short 5 1");
        assertThat(value("SELECT bool_and(duration >= interval '250 ms' AND keep_until > now() + interval '23 h'"
                        + " AND spawned_at <= completed_at) FROM mq_completed WHERE name = 'long'"))
                .isEqualTo(true);
        assertThat(value("SELECT string_agg(payload_json::text, ',' ORDER BY payload_json) FROM mq_completed"))
                .isEqualTo("0,1,2,3,4");
    }

    @Test
    void nothingIsKeptUnlessAskedForAndWhatIsOldIsSwept() throws Exception {
        registry.handler("short", job -> seen.add("done"));
        run();
        jobs.job("short").spawn();
        seenEventually("done");
        goneEventually();
        assertThat(count("SELECT count(*) FROM mq_completed")).isZero();
        execute("INSERT INTO mq_completed (job_id, channel_name, attempts, keep_until)"
                + " SELECT gen_random_uuid(), 'jobs', 1, now() + n * interval '1 h' FROM generate_series(-2, 2) n");
        assertThat(value("SELECT mq_sweep_completed(2)")).isEqualTo(2);
        assertThat(value("SELECT mq_sweep_completed(2)")).isEqualTo(1);
        assertThat(count("SELECT count(*) FROM mq_completed")).isEqualTo(2);
        assertThatThrownBy(() -> jobs.runner().keepCompleted(Duration.ofDays(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
