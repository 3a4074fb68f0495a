package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The greatest and the smallest of what numbers and times can be. */
class ExtremesTest extends JobsTestCase {
    private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    @Test
    void retriesAndBackoffsAreWhatConsumersOfMessagesUnderstand() throws Exception {
        for (int retries : new int[] {0, 1_000_000}) {
            jobs.job("x").retries(retries).spawn();
            jobs.job("x")
                    .retries(retries)
                    .backoff(Duration.ofDays(24))
                    .maxBackoff(Duration.ofDays(24))
                    .spawn();
        }
        assertThat(value("SELECT string_agg(DISTINCT max_deliveries::text, ' ') FROM mq_msgs"))
                .isEqualTo("1 1000001");
        for (int retries : new int[] {Integer.MIN_VALUE, -1, 1_000_001, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> jobs.job("x").retries(retries))
                    .withMessageContaining("from 0 to 1000000");
        }
        for (Duration backoff : new Duration[] {Duration.ofDays(24).plusNanos(1), LONGEST}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> jobs.job("x").backoff(backoff))
                    .withMessageContaining("24 days");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> jobs.job("x").maxBackoff(backoff))
                    .withMessageContaining("24 days");
        }
    }

    @Test
    void waitsAreAtMost100Years() throws Exception {
        jobs.job("x").delay(LONGEST).spawn();
        jobs.job("x").at(Instant.MAX).spawn();
        jobs.job("x").commitInterval(LONGEST).spawn();
        jobs.job("x").delay(LONGEST).commitInterval(LONGEST).spawn();
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE attempt_at > now() + interval '99 years'"))
                .isEqualTo(4);
        JobId first = jobs.job("x").unique("key", LONGEST).spawn();
        assertThat(jobs.job("x").unique("key", LONGEST).spawn()).isEqualTo(first);
        jobs.job("x").at(Instant.MIN).spawn();
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE attempt_at IS NULL"))
                .isEqualTo(2);
    }

    /** They are in an index, and what does not fit would be an error that does not tell of them. */
    @Test
    void argumentsThatAreTooLongAreRefusedWithWords() throws Exception {
        Random random = new Random(1); // what cannot be compressed
        String longest = Stream.generate(() -> String.valueOf((char) ('0' + random.nextInt(75))))
                .limit(2_000)
                .collect(Collectors.joining());
        JobBuilder job = jobs.job("long");
        assertThatThrownBy(() -> job.channelArgs(longest + "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Arguments of a channel have up to 2000 bytes, not 2001");
        job.channel("c".repeat(255)).channelArgs(longest).ordered(true).spawn();
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE octet_length(channel_args) = 2000"))
                .isEqualTo(1);
    }

    @Test
    void aStopWaitsForSomeTimeOrNotAtAll() {
        registry.handler("x", job -> {});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> jobs.runner().shutdownTimeout(Duration.ofMillis(-1)))
                .withMessageContaining("PT-0.001S");
        jobs.runner().shutdownTimeout(Duration.ZERO).start().close();
        JobRunner runner = jobs.runner().shutdownTimeout(LONGEST).start();
        assertThat(runner.stop(LONGEST)).isTrue();
        runner.close();
    }

    @Test
    void aTimeThatIsTooFarAwayIsRefusedWithWords() throws Exception {
        JobId id = jobs.job("x").delay(Duration.ofHours(1)).spawn();
        assertThatThrownBy(() -> jobs.reschedule(id, Instant.MAX))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("100 years");
        jobs.reschedule(id, Instant.MIN);
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE attempt_at IS NULL OR attempt_at <= now()"))
                .isEqualTo(1);
    }

    /** As programs with sqlxmq can. */
    @Test
    void whatSqlSaysBeyondThatIsCutToIt() throws Exception {
        registry.handler("x", job -> {
            throw new IllegalStateException("never works");
        });
        execute(
                "SELECT mq_insert(ARRAY[(gen_random_uuid(), NULL, 2147483646, '40 days', 'jobs', NULL, NULL, NULL, 'x', NULL, NULL)::mq_new_t])");
        run();
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE failure_count = 1") == 1);
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE attempt_at > now() + interval '24 days'"))
                .isEqualTo(1);
    }
}
