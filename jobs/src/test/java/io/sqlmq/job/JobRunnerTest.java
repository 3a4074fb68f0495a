package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.engine.model.OutcomeUnknownException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a runner begins jobs, waits, and ends. */
class JobRunnerTest extends JobsTestCase {

    @Test
    void atMostAsManyJobsRunAsItMay() {
        Semaphore permits = new Semaphore(0);
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        registry.handler("hold", job -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            permits.acquire();
            now.decrementAndGet();
        });
        spawn("hold", 20);
        JobRunner runner = closing(jobs.runner().concurrency(2, 5).start());
        eventually(() -> runner.runningJobs() == 5);
        permits.release(20);
        goneEventually();
        assertThat(most).hasValue(5);
    }

    @Test
    void moreAreBegunWhenFewerThanTheMinimumRun() throws Exception {
        Semaphore permits = new Semaphore(0);
        AtomicInteger begun = new AtomicInteger();
        registry.handler("hold", job -> {
            begun.incrementAndGet();
            permits.acquire();
        });
        spawn("hold", 8);
        JobRunner runner = closing(jobs.runner().concurrency(2, 4).start());
        eventually(() -> runner.runningJobs() == 4);
        permits.release(2);
        eventually(() -> runner.runningJobs() == 2);
        spawn("hold", 1); // a signal does not make it begin more either
        await().during(Duration.ofMillis(400)).atMost(PATIENCE).until(() -> begun.get() == 4);
        permits.release(1);
        eventually(() -> begun.get() == 7 && runner.runningJobs() == 4);
        permits.release(20);
        goneEventually();
    }

    @Test
    void whileItWaitsItHasNoConnectionAndAJobWakesIt() throws Exception {
        registry.handler("any", job -> seen.add(job.json(Integer.class)));
        run();
        jobs.job("any").json(1).spawn();
        seenEventually(1);
        eventually(this::holdsNothing);
        Jobs elsewhere = closing(Jobs.on(pool(2, true)));
        long before = System.nanoTime();
        elsewhere.job("any").json(2).spawn();
        seenEventually(1, 2);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void aLongJobHoldsNoConnectionAndNobodyElseGetsIt() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        registry.handler("long", job -> {
            seen.add("begun");
            go.await();
        });
        run();
        jobs.job("long").spawn();
        seenEventually("begun");
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL") == 1);
        eventually(this::holdsNothing);
        go.countDown();
        goneEventually();
        assertThat(seen).containsExactly("begun");
    }

    @Test
    void manyLongJobsRunOverFewConnections() {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        registry.handler("long", job -> {
            begun.incrementAndGet();
            go.await();
        });
        Jobs own = closing(Jobs.on(pool(4, true), registry));
        spawn("long", 60);
        closing(own.runner().concurrency(60, 60).start());
        eventually(() -> begun.get() == 60);
        go.countDown();
        goneEventually();
    }

    @Test
    void stopWaitsForJobsThatRunAndBeginsNoMore() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        registry.handler("slow", job -> {
            seen.add("begun");
            go.await();
            assertThat(job.isStopping()).isTrue();
            seen.add("done");
        });
        JobRunner runner = run();
        jobs.job("slow").spawn();
        seenEventually("begun");
        Thread stopper = new Thread(() -> seen.add(runner.stop(PATIENCE)));
        stopper.start();
        eventually(runner::isStopping);
        jobs.job("slow").spawn();
        go.countDown();
        stopper.join(PATIENCE.toMillis());
        assertThat(seen).containsExactly("begun", "done", true);
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE delivery_count = 0"))
                .isEqualTo(1);
    }

    /** A job that fails because it is interrupted has not failed, however quick it is. */
    @Test
    void whatIsNotFinishedInTimeIsInterruptedAndGivenBack() throws Exception {
        int running = 20;
        registry.handler("slow", job -> {
            seen.add("begun");
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                seen.add("interrupted");
                throw e;
            }
        });
        JobRunner runner = closing(jobs.runner().concurrency(running, running).start());
        for (int i = 0; i < running; i++) {
            jobs.job("slow").spawn();
        }
        eventually(() -> Collections.frequency(seen, "begun") == running);
        assertThat(runner.stop(Duration.ofMillis(200))).isFalse();
        eventually(() -> Collections.frequency(seen, "interrupted") == running);
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NULL AND failure_count = 0"
                        + " AND delivery_count = 1 AND attempt_at <= now()")
                == running);
    }

    @Test
    void aJobThatWasTakenAwayCannotComplete() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        registry.handler(JobOptions.named("slow").retries(0), job -> {
            job.keepAlive(Duration.ofMinutes(1));
            begun.countDown();
            go.await();
            job.complete();
        });
        run();
        jobs.job("slow").spawn();
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE attempt_at > now() + interval '50 s'"))
                .isEqualTo(1);
        execute("DELETE FROM mq_msgs");
        go.countDown();
        eventually(() -> failures.size() == 1);
        assertThat(failures.get(0)).isInstanceOf(LostJobException.class);
    }

    @Test
    @Timeout(60)
    void aKilledConnectionLosesNothing() throws Exception {
        AtomicInteger done = new AtomicInteger();
        registry.handler(JobOptions.named("any").backoff(Duration.ofMillis(20)), job -> {
            Thread.sleep(2);
            done.incrementAndGet();
        });
        run();
        for (int i = 0; i < 5; i++) {
            for (boolean known = false; !known; ) {
                try {
                    spawn("any", 100);
                    known = true;
                } catch (JobException e) {
                    // The connection broke before the server's farewell was read: nobody can know whether they are
                    // there.
                    assertThat(e).hasCauseInstanceOf(OutcomeUnknownException.class);
                }
            }
            execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
        }
        goneEventually();
        assertThat(done).hasValueGreaterThanOrEqualTo(500);
    }

    @Test
    void twoProcessesShareTheJobs() {
        registry.handler("any", job -> seen.add(job.json(Integer.class)));
        Jobs other = closing(Jobs.on(pool(5, true), registry));
        run();
        closing(other.runner().start());
        jobs.spawnAll(
                IntStream.range(0, 500).mapToObj(i -> jobs.job("any").json(i)).toList());
        goneEventually();
        eventually(() -> seen.size() == 500);
        assertThat(seen).doesNotHaveDuplicates();
    }

    /**
     * Of two runners one works and may do no more. What comes in another channel, where it was the first to wait, is done by the other at
     * once, and not only when somebody looks whether anything was left, once a second.
     */
    @Test
    void whatAFullRunnerIsToldOfIsForOthers() {
        int rounds = 7;
        Semaphore go = new Semaphore(0);
        registry.handler(JobOptions.named("hold").channel("a"), job -> {
            seen.add("held");
            go.acquire();
        });
        registry.handler(JobOptions.named("quick").channel("b"), job -> seen.add("quick"));
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            seen.clear();
            List<JobRunner> both = List.of(startFull(), startFull());
            await().pollDelay(Duration.ofMillis(50)).until(this::holdsNothing); // they have looked, in this order
            jobs.job("hold").spawn();
            seenEventually("held");
            long spawned = System.nanoTime();
            jobs.job("quick").spawn();
            seenEventually("held", "quick");
            waits.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - spawned));
            go.release();
            both.forEach(JobRunner::close);
        }
        assertThat(waits.stream().sorted().toList().get(rounds / 2))
                .as("%s", waits)
                .isLessThan(300);
    }

    private JobRunner startFull() {
        return closing(jobs.runner().concurrency(1, 1).start());
    }

    /** As where no further thread can be had. Whatever does not begin is tried again, and takes no place for ever. */
    @ParameterizedTest
    @ValueSource(classes = {InternalError.class, RejectedExecutionException.class})
    void anExecutorThatRefusesIsAskedAgain(Class<? extends Throwable> refusal) {
        registry.handler("any", job -> seen.add("done"));
        AtomicInteger asked = new AtomicInteger();
        JobRunner runner = closing(jobs.runner()
                .concurrency(1, 1)
                .executor(task -> {
                    if (asked.incrementAndGet() <= 2) {
                        if (refusal == InternalError.class) {
                            throw new InternalError("unable to create native thread");
                        }
                        throw new RejectedExecutionException("full");
                    }
                    new Thread(task).start();
                })
                .start());
        jobs.job("any").spawn();
        seenEventually("done");
        assertThat(runner.stop(PATIENCE)).isTrue();
    }

    @Test
    void aRunnerWithNothingToDoIsRefused() {
        assertThatThrownBy(() -> jobs.runner().start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("registry has no jobs");
        assertThatThrownBy(() -> jobs.runner().concurrency(3, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    /** The engine keeps one connection for LISTEN and one for what it does every second. */
    private boolean holdsNothing() {
        return pool.getHikariPoolMXBean().getActiveConnections() <= 2;
    }

    private void spawn(String name, int count) {
        List<JobBuilder> many =
                IntStream.range(0, count).mapToObj(i -> jobs.job(name)).toList();
        jobs.spawnAll(many);
    }
}
