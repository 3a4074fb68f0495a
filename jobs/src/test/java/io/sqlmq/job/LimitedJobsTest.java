package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.jms.QueueLimit;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a limited channel no more jobs run, in all processes together, than may. */
class LimitedJobsTest extends JobsTestCase {

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    /** Short ones are done in one transaction, long ones are leased. */
    @ParameterizedTest
    @ValueSource(ints = {5, 200})
    void runnersOfTwoProcessesShareTheSlots(int millis) throws Exception {
        registry.handler(JobOptions.named("one").channel("limited"), job -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            // Short ones might be done by a single thread before another one begins.
            eventually(() -> most.get() > 1);
            Thread.sleep(millis);
            running.decrementAndGet();
            seen.add(job.id());
        });
        registry.handler(JobOptions.named("free").channel("free"), job -> seen.add("free"));
        jobs.limit("limited", QueueLimit.running(2));
        run();
        Jobs other = closing(Jobs.on(pool(10, true), registry));
        closing(other.runner().concurrency(2, 4).start());
        jobs.spawnAll(IntStream.range(0, 10).mapToObj(i -> jobs.job("one")).toList());
        jobs.job("free").spawn();
        eventually(() -> seen.size() == 11);
        assertThat(most.get()).isEqualTo(2);
        assertThat(jobs.unlimit("limited")).isTrue();
        goneEventually();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void retriesCountAsStarts(boolean limited) throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        registry.handler(
                JobOptions.named("fails").backoff(Duration.ofMillis(10)).retries(3), job -> {
                    attempts.incrementAndGet();
                    throw new IllegalStateException("every time");
                });
        if (limited) {
            jobs.limit("jobs", QueueLimit.starts(2, Duration.ofHours(1)));
        }
        run();
        JobId id = jobs.job("fails").spawn();
        if (limited) {
            eventually(() ->
                    String.valueOf(value("SELECT mq_why('" + id + "')")).startsWith("only 2 deliveries from 'jobs'"));
            assertThat(attempts.get()).isEqualTo(2);
            jobs.unlimit("jobs");
        }
        eventually(() -> attempts.get() == 4);
    }
}
