package io.sqlmq.job;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.Millis;
import io.sqlmq.jms.access.EngineAccess;
import io.sqlmq.job.internal.JobThreads;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the jobs of some channels until it is closed, several at the same time. While nothing is to be done it has no thread and
 * no connection; it is woken when jobs are spawned or due, wherever that happens. Thread-safe.
 *
 * <p>A handler that throws, or dies with its process, has its job tried again by the retries that it was sent with; then it is a
 * dead letter, as a JMS message would be.
 */
public final class JobRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 1_000;

    /** Configures a runner. */
    public static final class Builder {
        private final Jobs jobs;
        private final Set<String> channels = new LinkedHashSet<>();
        private int min = 16;
        private int max = 32;
        private Duration shutdownTimeout = Duration.ofSeconds(30);
        private long keepMillis;
        private Executor executor = JobThreads.executor();

        Builder(Jobs jobs) {
            this.jobs = jobs;
        }

        /**
         * The channels that it serves, with all arguments; by default those of the registry's jobs.
         *
         * @throws IllegalArgumentException if one of them is none in which jobs can wait
         */
        public Builder channels(String... names) {
            List.of(names).forEach(JobOptions::requireChannel);
            channels.addAll(List.of(names));
            return this;
        }

        /**
         * How many jobs run at the same time, by default 16 to 32: the runner gets more when fewer than {@code newMin} run, and then
         * as many as there are until {@code newMax} run.
         *
         * @throws IllegalArgumentException unless 1 ≤ newMin ≤ newMax
         */
        public Builder concurrency(int newMin, int newMax) {
            if (newMin < 1 || newMax < newMin) {
                throw new IllegalArgumentException("A runner runs at least 1 job, and at most no fewer than at least: "
                        + newMin + " to " + newMax);
            }
            min = newMin;
            max = newMax;
            return this;
        }

        /**
         * How long {@link JobRunner#close} waits for the jobs that run, by default 30 s.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder shutdownTimeout(Duration timeout) {
            if (timeout.isNegative()) {
                throw new IllegalArgumentException("A runner waits for jobs for some time, or not at all: " + timeout);
            }
            shutdownTimeout = timeout;
            return this;
        }

        /**
         * Keeps what this runner completes for so long, in the table {@code mq_completed}, apart from the queue; by default nothing is kept.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder keepCompleted(Duration time) {
            if (time.isNegative()) {
                throw new IllegalArgumentException("Completed jobs are kept for some time, or for none");
            }
            keepMillis = Millis.ofWait(time);
            return this;
        }

        /**
         * What runs jobs, on a thread for each of them; by default virtual threads where the JVM has them, else daemon threads. It is
         * not shut down by the runner.
         */
        public Builder executor(Executor newExecutor) {
            executor = Objects.requireNonNull(newExecutor, "executor");
            return this;
        }

        /**
         * Starts it, with the registry as it is now.
         *
         * @throws IllegalArgumentException if there is no channel to serve, or a job's method has parameters for which there is nothing
         * @throws JobException if the database cannot be reached or its tables do not fit
         */
        public JobRunner start() {
            JobRegistry registry = jobs.registry().copy();
            registry.check();
            List<String> served = channels.isEmpty() ? registry.channels() : List.copyOf(channels);
            if (served.isEmpty()) {
                throw new IllegalArgumentException(
                        "The runner has nothing to do: the registry has no jobs, and no channels are named");
            }
            EngineAccess access = jobs.access();
            Engine engine;
            try {
                engine = access.engine();
            } catch (JMSException e) {
                throw Jobs.failure("Starting a runner", e);
            }
            JobRunner runner = new JobRunner(this, registry, engine, access, served);
            runner.kick();
            return runner;
        }
    }

    /**
     * A channel that is served; {@code awaited} while its next signal is, {@code signalled} from then until somebody follows it: a lane
     * that looks, or else another consumer of the process.
     */
    private final class Served {
        final ChannelConsumer waiting;
        private final AtomicBoolean awaited = new AtomicBoolean();
        private final AtomicBoolean signalled = new AtomicBoolean();

        Served(ChannelConsumer waiting) {
            this.waiting = waiting;
        }

        void await(long mark) {
            if (awaited.compareAndSet(false, true)) {
                waiting.onSignal(mark, () -> {
                    signalled.set(true);
                    awaited.set(false);
                    if (!kick()) {
                        passOn();
                    }
                });
            }
        }

        void looks() {
            signalled.set(false);
        }

        void passOn() {
            if (signalled.getAndSet(false)) {
                waiting.passOn();
            }
        }
    }

    private final Jobs jobs;
    private final JobRegistry registry;
    private final Engine engine;
    private final EngineAccess access;
    private final List<String> names;
    private final List<Served> served = new ArrayList<>();
    private final int min;
    private final int max;
    private final Duration shutdownTimeout;
    private final long keepMillis;
    private final Executor executor;
    private final Map<String, Pace> paces = new ConcurrentHashMap<>();
    private final AtomicInteger turn = new AtomicInteger();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // All of these are guarded by the lock.
    private final Deque<Lane> idle = new ArrayDeque<>();
    private final Set<Lane> busy = new HashSet<>();
    private int running;
    /** Whether more jobs are begun: from when fewer than min run until max do. */
    private boolean filling = true;

    private boolean stopping;
    private boolean closed;

    /** For how long completed jobs are kept. */
    long keepMillis() {
        return keepMillis;
    }

    private JobRunner(Builder builder, JobRegistry registry, Engine engine, EngineAccess access, List<String> names) {
        this.jobs = builder.jobs;
        this.registry = registry;
        this.engine = engine;
        this.access = access;
        this.names = names;
        this.min = builder.min;
        this.max = builder.max;
        this.shutdownTimeout = builder.shutdownTimeout;
        this.keepMillis = builder.keepMillis;
        this.executor = builder.executor;
        for (String name : names) {
            served.add(new Served(consumer(name)));
        }
    }

    private ChannelConsumer consumer(String name) {
        FailureRules rules = access.failureRules(name);
        return engine.consumer(name, null, rules);
    }

    Jobs jobs() {
        return jobs;
    }

    JobRegistry registry() {
        return registry;
    }

    Pace pace(String name) {
        return paces.computeIfAbsent(name, n -> new Pace());
    }

    /** The channels that it serves. */
    public List<String> channels() {
        return names;
    }

    /** How many jobs run now. */
    public int runningJobs() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has been told to stop. */
    public boolean isStopping() {
        lock.lock();
        try {
            return stopping;
        } finally {
            lock.unlock();
        }
    }

    // Lanes: each does one job after the other

    /** There may be something to do: lets one more lane look, unless enough are at work. Returns whether one will. */
    boolean kick() {
        Lane lane;
        lock.lock();
        try {
            if (stopping || !filling || busy.size() >= max) {
                return false;
            }
            lane = idle.poll();
            if (lane == null) {
                lane = new Lane(this, engine, names.stream().map(this::consumer).toList());
            }
            busy.add(lane);
        } finally {
            lock.unlock();
        }
        execute(lane);
        return true;
    }

    private void execute(Lane lane) {
        try {
            executor.execute(lane);
        } catch (RuntimeException | Error e) { // also where no further thread can be had
            LOG.error(
                    "The executor of a job runner refuses work; next attempt in {} ms", PAUSE_AFTER_FAILURE_MILLIS, e);
            retire(lane);
            kickLater();
        }
    }

    void kickLater() {
        CompletableFuture.delayedExecutor(PAUSE_AFTER_FAILURE_MILLIS, TimeUnit.MILLISECONDS)
                .execute(this::kick);
    }

    /** Where a look begins, so that no channel is always the first. */
    int nextTurn() {
        return Math.floorMod(turn.getAndIncrement(), names.size());
    }

    /** A lane looks for jobs of the channel with that number. */
    void looks(int channel) {
        served.get(channel).looks();
    }

    /** A lane has found a job. False if it must not be begun any more. */
    boolean begin() {
        boolean begun;
        lock.lock();
        try {
            begun = !stopping;
            if (begun) {
                running++;
                filling &= running < max;
            }
        } finally {
            lock.unlock();
        }
        if (!begun || !kick()) { // where one is there may be more
            served.forEach(Served::passOn); // what the others were signalled for is not to wait for this job
        }
        return begun;
    }

    /** A job has ended. Returns whether its lane is to look for another. */
    boolean end() {
        lock.lock();
        try {
            running--;
            if (running < min && !filling) {
                filling = true;
            }
            changed.signalAll();
            return filling && !stopping;
        } finally {
            lock.unlock();
        }
    }

    /** A lane looks no further for now. */
    void retire(Lane lane) {
        boolean over;
        lock.lock();
        try {
            busy.remove(lane);
            over = stopping;
            if (!over) {
                idle.push(lane);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (over) {
            lane.close();
        }
    }

    /** Nothing was there when the marks, one for each channel, were read: the next signal goes on. */
    void await(long[] marks) {
        for (int i = 0; i < marks.length; i++) {
            served.get(i).await(marks[i]);
        }
    }

    // The end

    /**
     * Stops: begins no more jobs, and waits for those that run. What is not finished in time is interrupted and given back, to be
     * begun again at once elsewhere.
     *
     * @return whether all jobs that ran have finished
     */
    public boolean stop(Duration timeout) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Millis.ofWait(timeout));
        List<Lane> resting;
        lock.lock();
        try {
            stopping = true;
            resting = new ArrayList<>(idle);
            idle.clear();
        } finally {
            lock.unlock();
        }
        resting.forEach(Lane::close);
        boolean interrupted = false;
        List<Lane> unfinished;
        lock.lock();
        try {
            long rest = end - System.nanoTime();
            while (!busy.isEmpty() && rest > 0 && !interrupted) {
                try {
                    rest = changed.awaitNanos(rest);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            unfinished = new ArrayList<>(busy);
            closed = true;
        } finally {
            lock.unlock();
        }
        unfinished.forEach(Lane::abandon);
        served.forEach(channel -> channel.waiting.close());
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return unfinished.isEmpty();
    }

    /** Whether it waits no longer for jobs that run. */
    boolean hasGivenUp() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** {@link #stop} with the builder's {@link Builder#shutdownTimeout}. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
        } finally {
            lock.unlock();
        }
        if (!stop(shutdownTimeout)) {
            LOG.warn("A job runner was closed before all its jobs had finished; they are given back");
        }
    }
}
