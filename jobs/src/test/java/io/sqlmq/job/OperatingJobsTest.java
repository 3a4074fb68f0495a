package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.ChangeResult;
import io.sqlmq.jms.FailedAttempt;
import io.sqlmq.jms.QueueLimit;
import io.sqlmq.jms.SqlmqTransactions;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Channels are paused; jobs that wait are cancelled, rescheduled, and given other priorities. */
class OperatingJobsTest extends JobsTestCase {

    @Test
    void noJobOfAPausedChannelBeginsAndThoseOfOthersDo() throws Exception {
        registry.handler(JobOptions.named("a").channel("a"), job -> seen.add(job.name()));
        registry.handler(JobOptions.named("b").channel("b"), job -> seen.add(job.name()));
        Jobs elsewhere = closing(Jobs.on(pool(5, true), registry));
        assertThat(elsewhere.pause("a")).isTrue();
        assertThat(elsewhere.pause("a")).isFalse();
        run();
        jobs.job("a").spawn();
        jobs.job("b").spawn();
        seenEventually("b");
        assertThat(elsewhere.resume("a")).isTrue();
        seenEventually("b", "a");
        assertThat(elsewhere.resume("a")).isFalse();
    }

    @Test
    void aJobThatWaitsIsCancelledWithTheTransaction() throws Exception {
        JobId job = jobs.job("later").delay(Duration.ofHours(1)).spawn();
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                assertThat(jobs.cancel(job)).isEqualTo(ChangeResult.DONE);
            }
            connection.rollback();
        }
        assertThat(count("SELECT count(*) FROM mq_msgs")).isEqualTo(1);
        assertThat(jobs.cancel(job)).isEqualTo(ChangeResult.DONE);
        assertThat(jobs.cancel(job)).isEqualTo(ChangeResult.NOT_THERE);
        goneEventually();
    }

    @Test
    void aJobThatRunsIsNotChangedAndOneThatWaitsRunsEarlier() throws Exception {
        Semaphore permits = new Semaphore(0);
        registry.handler("hold", job -> {
            seen.add("hold");
            permits.acquire();
        });
        registry.handler(JobOptions.named("later").channel("later"), job -> seen.add("later"));
        run();
        JobId running = jobs.job("hold").spawn();
        seenEventually("hold");
        assertThat(jobs.cancel(running)).isEqualTo(ChangeResult.BEING_WORKED_ON);
        assertThat(jobs.reprioritize(running, 9)).isEqualTo(ChangeResult.BEING_WORKED_ON);
        JobId later = jobs.job("later").delay(Duration.ofHours(1)).spawn();
        assertThat(jobs.reprioritize(later, 9)).isEqualTo(ChangeResult.DONE);
        assertThat(jobs.reschedule(later, Instant.now())).isEqualTo(ChangeResult.DONE);
        seenEventually("hold", "later");
        permits.release();
        goneEventually();
    }

    @Test
    void failedAttemptsAreKeptWithTheirErrorsAndDurationsAndThoseThatSucceedAtOnceWriteNothing() throws Exception {
        registry.handler(JobOptions.named("fails").retries(2).backoff(Duration.ofMillis(1)), job -> {
            Thread.sleep(job.attempt() == 1 ? 150 : 1);
            throw new IllegalStateException("attempt " + job.attempt());
        });
        registry.handler("works", job -> seen.add(job.name()));
        run();
        JobId fails = jobs.job("fails").spawn();
        JobId works = jobs.job("works").spawn();
        seenEventually("works");
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE dead_origin = 'jobs'") == 1);
        assertThat(jobs.attempts(fails)).extracting(FailedAttempt::number).containsExactly(1, 2, 3);
        assertThat(jobs.attempts(fails))
                .extracting(FailedAttempt::error)
                .allSatisfy(error -> assertThat(error).contains("attempt "));
        assertThat(jobs.attempts(fails).get(0).duration()).isGreaterThanOrEqualTo(Duration.ofMillis(150));
        assertThat(jobs.attempts(works)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "true, TRANSACTION_REPEATABLE_READ, false",
        "false, TRANSACTION_SERIALIZABLE, false",
        "false, TRANSACTION_READ_COMMITTED, true"
    })
    void allWorksOverAPoolWith(boolean autoCommit, String isolation, boolean readOnly) throws Exception {
        HikariDataSource odd = pool(8, autoCommit);
        odd.setTransactionIsolation(isolation);
        odd.setReadOnly(readOnly);
        Jobs own = closing(Jobs.on(odd, registry));
        registry.handler(JobOptions.named("fails").retries(1).backoff(Duration.ofMillis(10)), job -> {
            seen.add("fails");
            throw new IllegalStateException("each time");
        });
        registry.handler(JobOptions.named("works"), job -> seen.add("works"));
        own.limit("jobs", QueueLimit.running(1));
        own.pause("jobs");
        JobId fails = own.job("fails").spawn();
        JobId later = own.job("works").delay(Duration.ofHours(1)).spawn();
        JobId unique = own.job("works")
                .unique("key", Duration.ofDays(1))
                .delay(Duration.ofHours(1))
                .spawn();
        assertThat(own.job("works").unique("key", Duration.ofDays(1)).spawn()).isEqualTo(unique);
        own.schedule("nightly", "0 3 * * *", ZoneOffset.UTC, own.job("works"));
        closing(own.runner().keepCompleted(Duration.ofDays(1)).start());
        assertThat(own.reprioritize(fails, 9)).isEqualTo(ChangeResult.DONE);
        assertThat(own.resume("jobs")).isTrue();
        eventually(() -> count("SELECT count(*) FROM mq_dead_letters") == 1);
        assertThat(own.attempts(fails)).hasSize(2);
        assertThat(own.cancel(unique)).isEqualTo(ChangeResult.DONE);
        assertThat(own.reschedule(later, Instant.now())).isEqualTo(ChangeResult.DONE);
        seenEventually("fails", "fails", "works");
        eventually(() -> count("SELECT count(*) FROM mq_completed WHERE job_id = '" + later + "'") == 1);
        assertThat(own.unlimit("jobs")).isTrue();
        assertThat(own.unschedule("nightly")).isTrue();
    }
}
