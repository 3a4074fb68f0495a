package io.sqlmq.job;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.QueueAdministration;
import io.sqlmq.engine.QueueInspection;
import io.sqlmq.engine.model.CronExpression;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.jms.ChangeResult;
import io.sqlmq.jms.FailedAttempt;
import io.sqlmq.jms.QueueLimit;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.access.EngineAccess;
import io.sqlmq.jms.access.EngineAccess.CurrentTransaction;
import jakarta.jms.JMSException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The jobs in a database: spawns them, and starts runners that do them. One for each database is enough. Thread-safe.
 *
 * <pre>{@code
 * Jobs jobs = Jobs.on(dataSource, registry);
 * jobs.job("welcome").json(new Welcome("Ann")).spawn();
 * try (JobRunner runner = jobs.runner().concurrency(10, 20).start()) {
 *     …
 * }
 * }</pre>
 */
public final class Jobs implements AutoCloseable {
    private static final String SPAWNING = "Spawning jobs";
    private static final int LONGEST_NAME = 255;

    private final SqlmqConnectionFactory factory;
    private final boolean owned;
    private final JobRegistry registry;
    private @Nullable EngineAccess access;

    private Jobs(SqlmqConnectionFactory factory, boolean owned, JobRegistry registry) {
        this.factory = factory;
        this.owned = owned;
        this.registry = Objects.requireNonNull(registry, "registry");
    }

    /** Jobs over the application's pool, which stays the application's to close. Nothing connects yet. */
    public static Jobs on(DataSource dataSource) {
        return on(dataSource, new JobRegistry());
    }

    /** As {@link #on(DataSource)}, with the jobs of a registry. */
    public static Jobs on(DataSource dataSource, JobRegistry registry) {
        return new Jobs(new SqlmqConnectionFactory(dataSource), true, registry);
    }

    /**
     * Jobs over a connection factory: with its options, its pools, its binding to the application's transactions. It stays the
     * application's to close, after the runners.
     */
    public static Jobs on(SqlmqConnectionFactory factory) {
        return on(factory, new JobRegistry());
    }

    /** As {@link #on(SqlmqConnectionFactory)}, with the jobs of a registry. */
    public static Jobs on(SqlmqConnectionFactory factory, JobRegistry registry) {
        return new Jobs(factory, false, registry);
    }

    /** The registry that was given. */
    public JobRegistry registry() {
        return registry;
    }

    /** A job of that name, with the defaults that the registry has for it; who spawns jobs need not be able to do them. */
    public JobBuilder job(String name) {
        return new JobBuilder(this, registry.options(name));
    }

    /** A job with these defaults. */
    public JobBuilder job(JobOptions options) {
        return new JobBuilder(this, options);
    }

    /**
     * Sends many at once, as {@link JobBuilder#spawn()} sends one: all or none.
     *
     * @return their identifiers; of a {@linkplain JobBuilder#unique unique} one whose key is taken that of the job that has it
     * @throws JobException if they could not be written
     */
    public List<JobId> spawnAll(Collection<JobBuilder> jobs) {
        List<NewMessage> messages = messages(jobs);
        call(SPAWNING, () -> access().send(messages));
        if (messages.stream().allMatch(message -> message.deduplication() == null)) {
            return jobs.stream().map(JobBuilder::id).toList();
        }
        try (CurrentTransaction current = access().transaction()) {
            return ids(current == null ? null : current.connection(), messages);
        } catch (JMSException e) {
            throw failure(SPAWNING, e);
        }
    }

    /**
     * Sends many at once, as {@link JobBuilder#spawn(Connection)} sends one.
     *
     * @throws JobException if they could not be written
     */
    public List<JobId> spawnAll(Connection connection, Collection<JobBuilder> jobs) {
        List<NewMessage> messages = messages(jobs);
        call(SPAWNING, () -> access().send(connection, messages));
        return ids(connection, messages);
    }

    /** Where keys are taken, those of the jobs that have them. */
    private List<JobId> ids(@Nullable Connection connection, List<NewMessage> messages) {
        try {
            return engine(SPAWNING).identified(connection, messages).stream()
                    .map(JobId::new)
                    .toList();
        } catch (SQLException e) {
            throw new JobException(SPAWNING + ": " + e.getMessage(), e);
        }
    }

    private List<NewMessage> messages(Collection<JobBuilder> jobs) {
        long maxSize = access().maxMessageSize();
        return jobs.stream().map(job -> job.message(maxSize)).toList();
    }

    /**
     * Commits jobs that were sent with a {@linkplain JobBuilder#commitInterval commit interval} which is not over: they can be run. In the
     * transaction of the application that the calling thread is in, else at once. Others are left as they are.
     *
     * @throws JobException if the database cannot be reached
     */
    public void commit(JobId... jobs) {
        String what = "Committing jobs";
        call(what, () -> {
            try (CurrentTransaction current = access().transaction()) {
                commit(what, current == null ? null : current.connection(), jobs);
            }
        });
    }

    /**
     * As {@link #commit(JobId...)}, in the transaction of a connection.
     *
     * @throws JobException if the connection does not work
     */
    public void commit(Connection connection, JobId... jobs) {
        commit("Committing jobs", connection, jobs);
    }

    private void commit(String what, @Nullable Connection connection, JobId... jobs) {
        try {
            List<UUID> ids = Stream.of(jobs).map(JobId::value).toList();
            engine(what).commitReserved(connection, ids);
        } catch (SQLException e) {
            throw new JobException(what + ": " + e.getMessage(), e);
        }
    }

    /**
     * Stops the jobs of a channel, in all processes within a second and until it is {@linkplain #resume resumed}: none begins, those that run go
     * on. They can be spawned all the same.
     *
     * @return false if it was paused already
     * @throws JobException if the database cannot be reached
     */
    public boolean pause(String channel) {
        return administer(
                "Pausing " + channel, engine -> engine.administration().pause(channel, null));
    }

    /**
     * Lets the jobs of a channel begin again.
     *
     * @return false if it was not paused
     * @throws JobException if the database cannot be reached
     */
    public boolean resume(String channel) {
        return administer(
                "Resuming " + channel, engine -> engine.administration().resume(channel));
    }

    /**
     * Limits the jobs of a channel over all processes, within a second and until it is {@linkplain #unlimit ended}: how many run at the
     * same time, and how many begin within a period. Takes the place of the channel's limit before it. A job of a process that dies
     * counts until its lease ends.
     *
     * @throws JobException if the database cannot be reached
     */
    public void limit(String channel, QueueLimit limit) {
        administer("Limiting " + channel, engine -> {
            engine.administration()
                    .limit(new QueueInspection.Limited(channel, limit.running(), limit.starts(), limit.period()));
            return true;
        });
    }

    /**
     * Ends the limits of a channel.
     *
     * @return false if it had none
     * @throws JobException if the database cannot be reached
     */
    public boolean unlimit(String channel) {
        return administer(
                "Ending the limits of " + channel,
                engine -> engine.administration().unlimit(channel));
    }

    /**
     * Deletes a job that waits: in the transaction of the application that the calling thread is in, else at once. One that runs is left alone,
     * and says so.
     *
     * @throws JobException if the database cannot be reached
     */
    public ChangeResult cancel(JobId job) {
        return change("Cancelling " + job, (admin, connection) -> admin.cancel(connection, job.value(), null));
    }

    /**
     * As {@link #cancel}: changes when a job that waits is run, also one that waits for its next attempt.
     *
     * @param at when it can be run; at once if that is past
     * @throws JobException if the database cannot be reached
     */
    public ChangeResult reschedule(JobId job, Instant at) {
        return change(
                "Rescheduling " + job, (admin, connection) -> admin.reschedule(connection, job.value(), at, null));
    }

    /**
     * As {@link #cancel}: changes the priority of a job that waits. If it is ready it goes behind all others of that priority.
     *
     * @param priority from 0 to 9, the highest
     * @throws IllegalArgumentException if that is no priority
     * @throws JobException if the database cannot be reached
     */
    public ChangeResult reprioritize(JobId job, int priority) {
        if (priority < 0 || priority > 9) {
            throw new IllegalArgumentException("Priorities are 0 to 9, not " + priority);
        }
        return change(
                "Changing the priority of " + job,
                (admin, connection) -> admin.reprioritize(connection, job.value(), priority, null));
    }

    /**
     * The attempts of a job that failed, the oldest first: at most the last 20, kept as long as the job or its dead letter is there, and for a
     * day after that.
     *
     * @throws JobException if the database cannot be reached
     */
    public List<FailedAttempt> attempts(JobId job) {
        return administer(
                        "Listing the attempts of " + job,
                        engine -> engine.inspection().attempts(job.value()))
                .stream()
                .map(a -> new FailedAttempt(a.number(), a.channel(), a.failedAt(), a.duration(), a.error()))
                .toList();
    }

    private interface Change {
        String on(QueueAdministration admin, @Nullable Connection connection) throws SQLException;
    }

    private ChangeResult change(String what, Change change) {
        try (CurrentTransaction current = access().transaction()) {
            Connection connection = current == null ? null : current.connection();
            return administer(what, engine -> ChangeResult.of(change.on(engine.administration(), connection)));
        } catch (JMSException e) {
            throw failure(what, e);
        }
    }

    private interface Work<T> {
        T on(Engine engine) throws SQLException;
    }

    private <T> T administer(String what, Work<T> work) {
        try {
            return work.on(engine(what));
        } catch (SQLException e) {
            throw new JobException(what + ": " + e.getMessage(), e);
        }
    }

    private Engine engine(String what) {
        try {
            return access().engine();
        } catch (JMSException e) {
            throw failure(what, e);
        }
    }

    /**
     * Spawns a job again and again, whenever a cron expression is due: once each time, however many processes there are, by one that has
     * opened its jobs or connections on this database. The schedule is stored under a name; whoever stores the same again, as each process
     * may when it starts, changes nothing, and what is different takes the place of the old. If nobody was there when it was due, it is spawned
     * once when somebody is.
     *
     * @param name of the schedule: 1 to 255 bytes in UTF-8, without control characters
     * @param cron five fields, as in crontab: minute, hour, day of the month, month, day of the week
     * @param zone in whose time it is read. When clocks go forward, what falls in the missing time comes at its end; when they go back, what
     *     falls in the repeated time comes the first time only
     * @param job what is spawned; each gets an identifier of its own
     * @throws IllegalArgumentException if the expression cannot be read or is never due, or the name is none
     * @throws JobException if the database cannot be reached
     */
    public void schedule(String name, String cron, ZoneId zone, JobBuilder job) {
        schedule(name, cron, zone, job, MissedFirings.once());
    }

    /**
     * As {@link #schedule(String, String, ZoneId, JobBuilder)}.
     *
     * @param missed what becomes of times at which nobody was there
     */
    public void schedule(String name, String cron, ZoneId zone, JobBuilder job, MissedFirings missed) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("The name of a schedule has 1 to " + LONGEST_NAME
                    + " bytes in UTF-8 and no control characters, unlike this one of " + length + ": "
                    + (length > LONGEST_NAME ? name.substring(0, 50) + "…" : name));
        }
        NewMessage message = job.scheduled(scheduleId(name), CronExpression.parse(cron), zone);
        String what = "Storing the schedule " + name;
        try {
            engine(what).schedules().put(name, message, missed.most());
        } catch (SQLException e) {
            throw new JobException(what + ": " + e.getMessage(), e);
        }
    }

    /**
     * Ends a schedule; jobs that it has spawned stay.
     *
     * @return whether there was one of that name
     * @throws JobException if the database cannot be reached
     */
    public boolean unschedule(String name) {
        String what = "Removing the schedule " + name;
        try {
            return engine(what).schedules().remove(scheduleId(name));
        } catch (SQLException e) {
            throw new JobException(what + ": " + e.getMessage(), e);
        }
    }

    /**
     * The schedules that are stored, by when they are due: also those that other applications stored, or that none stores any more. Not those
     * that a version without names stored, until they are stored again, nor messages that JMS repeats.
     *
     * @throws JobException if the database cannot be reached
     */
    public List<JobSchedule> schedules() {
        return administer("Listing schedules", engine -> engine.schedules().list()).stream()
                .flatMap(JobSchedule::of)
                .toList();
    }

    private static UUID scheduleId(String name) {
        Objects.requireNonNull(name, "name");
        return UUID.nameUUIDFromBytes(("sqlmq-jobs " + name).getBytes(StandardCharsets.UTF_8));
    }

    /** Configures a runner, which does the jobs of the registry. */
    public JobRunner.Builder runner() {
        return new JobRunner.Builder(this);
    }

    synchronized EngineAccess access() {
        EngineAccess known = access;
        if (known == null) {
            try {
                known = factory.engineAccess();
            } catch (JMSException e) {
                throw failure("Connecting to the database", e);
            }
            access = known;
        }
        return known;
    }

    /** Ends what this has opened itself; runners are to be stopped before. Idempotent. */
    @Override
    public void close() {
        if (owned) {
            factory.close();
        }
    }

    /** Something that may fail as Jakarta Messaging does. */
    interface Call {
        void run() throws JMSException;
    }

    static void call(String what, Call call) {
        try {
            call.run();
        } catch (JMSException e) {
            throw failure(what, e);
        }
    }

    /** What the caller hears of is the database, not a messaging API that it does not use. */
    static JobException failure(String what, JMSException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new JobException(what + ": " + e.getMessage(), cause);
    }
}
