package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What jobs are sent with, and when they are run. */
class JobsTest extends JobsTestCase {

    record Welcome(String name, int age) {}

    record Signature(String text) {}

    static final class Mails {
        private final List<Object> sent;

        Mails(List<Object> sent) {
            this.sent = sent;
        }

        @Job(channel = "mail", retries = 3, backoff = "2s")
        void welcome(Welcome to, CurrentJob job, Signature signature) {
            sent.add(to.name() + " " + to.age() + signature.text() + job.attempt());
        }
    }

    @Test
    void anAnnotatedMethodIsRunWithItsPayloadAndContext() {
        registry.register(new Mails(seen)).context(new Signature("!"));
        run();
        jobs.job("welcome").json(new Welcome("Ann", 7)).spawn();
        seenEventually("Ann 7!1");
        goneEventually();
        assertThat(failures).isEmpty();
    }

    @Test
    void theAnnotationSaysHowTheJobIsSent() throws Exception {
        registry.register(new Mails(seen)).context(new Signature(""));
        JobId id = jobs.job("welcome").json(new Welcome("Ann", 7)).spawn();
        assertThat(value("SELECT concat_ws(' ', id, channel_name, name, max_deliveries, retry_backoff, payload_json)"
                        + " FROM mq_msgs"))
                .isEqualTo(id + " mail welcome 4 00:00:02 {\"age\": 7, \"name\": \"Ann\"}");
    }

    @Test
    void theBuilderHasTheLastWord() throws Exception {
        registry.register(new Mails(seen)).context(new Signature(""));
        JobId id = JobId.random();
        jobs.job("welcome")
                .id(id)
                .channel("other")
                .channelArgs("a")
                .retries(0)
                .backoff(Duration.ofHours(1))
                .priority(9)
                .ordered(true)
                .spawn();
        assertThat(value(
                        "SELECT concat_ws(' ', id, channel_name, channel_args, grp, max_deliveries, retry_backoff, prio_rank)"
                                + " FROM mq_msgs"))
                .isEqualTo(id + " other a a 1 01:00:00 0");
    }

    @Test
    void handlersByNameGetJsonAndBytesTogether() {
        registry.handler("both", job -> {
            seen.add(job.json(Map.class));
            seen.add(new String(job.bytes(), StandardCharsets.UTF_8));
            seen.add(job.rawJson());
        });
        run();
        jobs.job("both")
                .rawJson("{\"a\": 1}")
                .bytes("raw".getBytes(StandardCharsets.UTF_8))
                .spawn();
        seenEventually(Map.of("a", 1), "raw", "{\"a\": 1}");
    }

    @Test
    void aJobNeedsNoPayload() {
        registry.handler(
                "bare", job -> seen.add(job.rawJson() + " " + (job.bytes() == null) + " " + job.json(String.class)));
        run();
        jobs.job("bare").spawn();
        seenEventually("null true null");
    }

    @Test
    void manyAreSentAtOnce() {
        registry.handler("one", job -> seen.add(job.json(Integer.class)));
        List<JobId> ids = jobs.spawnAll(
                IntStream.range(0, 1500).mapToObj(i -> jobs.job("one").json(i)).toList());
        assertThat(ids).hasSize(1500).doesNotHaveDuplicates();
        run();
        eventually(() -> seen.size() == 1500);
        goneEventually();
        assertThat(seen).doesNotHaveDuplicates();
    }

    /** Each of these statements is worth its commit: four threads do not wait for each other. */
    @Test
    void whoSpawnsManyAtOnceSharesWithNobody() throws Exception {
        registry.handler("many", job -> {});
        List<CompletableFuture<?>> spawning = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement lock = connection.createStatement()) {
            connection.setAutoCommit(false);
            lock.execute("LOCK TABLE mq_msgs IN SHARE MODE");
            for (int i = 0; i < 4; i++) {
                spawning.add(CompletableFuture.runAsync(
                        () -> jobs.spawnAll(Stream.generate(() -> jobs.job("many"))
                                .limit(100)
                                .toList()),
                        task -> new Thread(task).start()));
            }
            eventually(() -> count("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'mq_msgs'::regclass")
                    == spawning.size());
            connection.rollback();
        }
        CompletableFuture.allOf(spawning.toArray(CompletableFuture[]::new)).join();
        assertThat(count("SELECT count(*) FROM mq_msgs")).isEqualTo(400);
    }

    @Test
    void aDelayedJobWaits() {
        registry.handler("later", job -> seen.add(Instant.now()));
        run();
        Instant before = Instant.now();
        jobs.job("later").delay(Duration.ofMillis(700)).spawn();
        jobs.job("later").at(before.plusMillis(900)).spawn();
        jobs.job("later").at(before.minusSeconds(900)).spawn();
        eventually(() -> seen.size() == 3);
        assertThat((Instant) seen.get(1)).isAfterOrEqualTo(before.plusMillis(700));
        assertThat((Instant) seen.get(2)).isAfterOrEqualTo(before.plusMillis(890));
    }

    @Test
    void whatThrowsIsTriedAgainWithGrowingBackoffAndThenADeadLetter() throws Exception {
        List<Long> times = new ArrayList<>();
        registry.handler(JobOptions.named("fails").retries(2).backoff(Duration.ofMillis(200)), job -> {
            times.add(System.nanoTime());
            seen.add(job.attempt());
            throw new IllegalStateException("boom " + job.attempt(), new RuntimeException("inner"));
        });
        run();
        jobs.job("fails").json("x").spawn();
        seenEventually(1, 2, 3);
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE dead_origin = 'jobs'") == 1);
        assertThat(times.get(1) - times.get(0)).isGreaterThanOrEqualTo(200_000_000L);
        assertThat(times.get(2) - times.get(1)).isGreaterThanOrEqualTo(400_000_000L);
        assertThat(value("SELECT last_error FROM mq_msgs"))
                .isEqualTo("java.lang.IllegalStateException: boom 3; caused by java.lang.RuntimeException: inner");
        eventually(() -> failures.size() == 3); // told after it is written
    }

    @Test
    void waitsDoNotExceedTheLongestBackoff() throws Exception {
        registry.handler(
                JobOptions.named("fails")
                        .retries(3)
                        .backoff(Duration.ofMillis(20))
                        .maxBackoff(Duration.ofMillis(20)),
                job -> {
                    seen.add(job.attempt());
                    throw new IllegalStateException("boom");
                });
        jobs.job("fails").spawn();
        assertThat(value("SELECT redelivery_policy FROM mq_msgs"))
                .isEqualTo("maximumRedeliveries=3&initialRedeliveryDelay=20"
                        + "&redeliveryDelay=20&maximumRedeliveryDelay=20");
        run();
        seenEventually(1, 2, 3, 4);
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE dead_origin = 'jobs'") == 1);
    }

    @Test
    void anErrorIsAFailureToo() {
        registry.handler(JobOptions.named("fails").retries(0), job -> {
            throw new AssertionError("boom");
        });
        run();
        jobs.job("fails").spawn();
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE dead_origin = 'jobs'") == 1);
        eventually(() -> !failures.isEmpty()); // told after it is written
        assertThat(failures).singleElement().isInstanceOf(AssertionError.class);
    }

    /** It is given back all the same, under the name of its class. */
    @Test
    void anExceptionThatCannotBeAskedIsAFailureToo() throws Exception {
        class Mute extends Exception {
            @Override
            public String getMessage() {
                throw new LinkageError("not even that");
            }
        }
        registry.handler(JobOptions.named("fails").retries(0), job -> {
            throw new Mute();
        });
        run();
        jobs.job("fails").spawn();
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE dead_origin = 'jobs'") == 1);
        assertThat(value("SELECT last_error FROM mq_msgs")).isEqualTo(Mute.class.getName());
    }

    static class Adding {
        private final List<Object> added;

        Adding(List<Object> added) {
            this.added = added;
        }

        @Job(retries = 1, backoff = "10ms")
        void add(List<Integer> numbers) {
            added.add(numbers);
        }
    }

    @Test
    void aPayloadThatCannotBeReadIsTriedAgainAndThenADeadLetterThatSaysWhy() throws Exception {
        registry.register(new Adding(seen));
        run();
        jobs.job("add").rawJson("{\"a\": 1}").spawn();
        jobs.job("add").rawJson("[".repeat(2_000) + "]".repeat(2_000)).spawn();
        jobs.job("add").rawJson("[1, 2]").spawn();
        seenEventually(List.of(1, 2));
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE dead_attempts = 2"
                        + " AND last_error LIKE '%The JSON payload is no java.util.List<java.lang.Integer>%'")
                == 2);
        eventually(() -> failures.size() == 4);
    }

    @Test
    void whatHasEndedIsNotChanged() throws Exception {
        List<CurrentJob> ended = new CopyOnWriteArrayList<>();
        registry.handler("completes", job -> {
            job.complete();
            for (ThrowingCallable change : changes(job)) {
                assertThatThrownBy(change)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("has ended");
            }
            ended.add(job);
        });
        registry.handler(JobOptions.named("fails").retries(0), job -> {
            ended.add(job);
            throw new IllegalArgumentException("no");
        });
        run();
        jobs.job("completes").spawn();
        jobs.job("fails").spawn();
        eventually(() -> ended.size() == 2 && failures.size() == 1);
        assertThat(failures).singleElement().isInstanceOf(IllegalArgumentException.class);
        for (CurrentJob job : ended) {
            for (ThrowingCallable change : changes(job)) {
                assertThatThrownBy(change)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("it is complete, or failed");
            }
        }
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE dead_origin IS NULL"))
                .isZero();
    }

    private static List<ThrowingCallable> changes(CurrentJob job) {
        return List.of(
                job::complete, () -> job.checkpoint(Checkpoint.of(1)), () -> job.keepAlive(Duration.ofSeconds(1)));
    }

    @Test
    void anUnknownJobIsReportedAndNotLost() throws Exception {
        registry.handler("known", job -> seen.add("known"));
        run();
        JobId id = jobs.job("unknown").retries(0).spawn();
        jobs.job("known").spawn();
        seenEventually("known");
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE dead_origin = 'jobs'") == 1);
        assertThat(value("SELECT coalesce(message_id, id)::text FROM mq_msgs")).isEqualTo(id.toString());
        assertThat((String) value("SELECT last_error FROM mq_msgs"))
                .contains("no handler for jobs of the name \"unknown\"");
        eventually(() -> !failures.isEmpty()); // told after it is written
        assertThat(failures).singleElement().isInstanceOf(UnknownJobException.class);
    }

    @Test
    void orderedJobsOfTheSameArgumentsAreDoneOneAfterTheOther() {
        registry.handler(JobOptions.named("step").ordered(true).backoff(Duration.ofMillis(50)), job -> {
            String step = job.json(String.class);
            seen.add("+" + step);
            Thread.sleep(step.endsWith("1") ? 150 : 1);
            if (step.equals("a2") && job.attempt() < 3) {
                throw new IllegalStateException("not yet");
            }
            seen.add("-" + step);
        });
        List<JobBuilder> sent = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            sent.add(jobs.job("step").channelArgs("a").json("a" + i));
            sent.add(jobs.job("step").channelArgs("b").json("b" + i));
            sent.add(jobs.job("step").json("c" + i));
        }
        jobs.spawnAll(sent);
        run();
        goneEventually();
        assertThat(seen.stream().filter(s -> ((String) s).contains("a")))
                .containsExactly("+a1", "-a1", "+a2", "+a2", "+a2", "-a2", "+a3", "-a3", "+a4", "-a4", "+a5", "-a5");
        for (String args : List.of("b", "c")) {
            assertThat(seen.stream().filter(s -> ((String) s).contains(args)))
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 5)
                            .boxed()
                            .flatMap(i -> List.of("+" + args + i, "-" + args + i).stream())
                            .toList());
        }
    }

    @Test
    void aDelayedOrderedJobHoldsBackWhatFollows() {
        registry.handler(JobOptions.named("step").ordered(true), job -> seen.add(job.json(Integer.class)));
        jobs.spawnAll(List.of(
                jobs.job("step").delay(Duration.ofMillis(500)).json(1),
                jobs.job("step").json(2)));
        run();
        seenEventually(1, 2);
    }

    @Test
    void aReservedPlaceThatIsNotCommittedLapses() throws Exception {
        registry.handler(JobOptions.named("step").ordered(true), job -> seen.add(job.json(Integer.class)));
        run();
        jobs.job("step").commitInterval(Duration.ofMillis(600)).json(1).spawn();
        jobs.job("step").json(2).spawn();
        seenEventually(2);
        goneEventually();
    }

    @Test
    void aReservedPlaceHoldsBackWhatFollowsUntilItIsCommitted() throws Exception {
        registry.handler(JobOptions.named("step").ordered(true), job -> seen.add(job.json(Integer.class)));
        run();
        JobId reserved =
                jobs.job("step").commitInterval(Duration.ofMinutes(10)).json(1).spawn();
        jobs.job("step").json(2).spawn();
        jobs.job("step").channelArgs("other").json(3).spawn();
        seenEventually(3);
        try (var connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            jobs.commit(connection, reserved);
            connection.rollback();
            connection.setAutoCommit(true);
        }
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE commit_interval IS NOT NULL"))
                .isEqualTo(1);
        jobs.commit(reserved);
        seenEventually(3, 1, 2);
    }

    @Test
    void channelsAreServedWithAllArgumentsAndNoOthers() {
        registry.handler("any", job -> seen.add(job.channel() + job.json(Integer.class)));
        run("first", "second");
        jobs.job("any").channel("third").json(0).spawn();
        jobs.job("any").channel("first").channelArgs("x").json(1).spawn();
        eventually(() -> seen.contains("first1"));
        jobs.job("any").channel("second").channelArgs("y").ordered(true).json(2).spawn();
        eventually(() -> seen.contains("second2"));
        assertThat(seen).hasSize(2);
    }

    @Test
    void aFullChannelDoesNotKeepAnotherWaiting() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        registry.handler("any", job -> {
            go.await();
            seen.add(job.channel());
        });
        jobs.spawnAll(IntStream.range(0, 2000)
                .mapToObj(i -> jobs.job("any").channel("full"))
                .toList());
        closing(jobs.runner().channels("full", "small").concurrency(1, 1).start());
        jobs.job("any").channel("small").spawn();
        go.countDown();
        eventually(() -> seen.contains("small"));
        assertThat(seen.indexOf("small")).isLessThan(400);
    }

    @Test
    void whatCannotBeStoredIsRefused() {
        assertThatThrownBy(() -> jobs.job("x").rawJson("{").spawn())
                .isInstanceOf(JobException.class)
                .hasMessageContaining("json");
        JobId id = jobs.job("x").spawn();
        assertThatThrownBy(() -> jobs.job("x").id(id).channel("jobs").spawn()).isInstanceOf(JobException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"queue://q", "topic://q", "temp-queue://q", "a\0b", "LONG"})
    void whatIsNoChannelIsRefused(String channel) {
        String name = channel.equals("LONG") ? "é".repeat(128) : channel;
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> jobs.job("x").channel(name), () -> jobs.runner().channels("jobs", name))) {
            assertThatThrownBy(use)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("up to 255 bytes, no NUL, and no queue:// or the like");
        }
    }
}
