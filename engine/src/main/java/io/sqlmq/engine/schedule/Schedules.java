package io.sqlmq.engine.schedule;

import com.fasterxml.uuid.Generators;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.Schedule;
import io.sqlmq.engine.model.SubscriptionMatcher;
import io.sqlmq.engine.send.MessageWriter;
import io.sqlmq.engine.send.ScheduleStatements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages that are due by schedules in the database. Each process may: whoever locks the row sends the message and
 * sets the next time in the same transaction, so that each time comes once. A process knows the next time from its last
 * look, from schedules that it makes itself, and from the notifications of others; there is a timer for that time only.
 * Thread-safe.
 */
public final class Schedules implements Wakeups.Scheduled {

    private static final Logger LOG = LoggerFactory.getLogger(Schedules.class);
    private static final int BATCH = 20;
    private static final long AGAIN_MILLIS = 1_000;
    /** Who found that another process was first looks later by so much, so that not all wake up for each time. */
    private static final long FOLLOWING_MILLIS = 300;

    private static final long AT_LEAST_MILLIS = 50;

    /** What one process cannot send it leaves to others for so long. */
    private static final long LEFT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final long FORGOTTEN_NANOS = TimeUnit.HOURS.toNanos(1);

    private static final String SENDING = "the sending of what schedules say";

    /** Later times are found by the regular look. */
    private static final long AHEAD_MILLIS = TimeUnit.HOURS.toMillis(1);

    /** How often a process looks that nobody tells of new schedules, since it has no consumers. */
    private final long untoldMillis = Long.getLong("io.sqlmq.engine.untoldMillis", 60_000);

    /**
     * A schedule as operators see it.
     *
     * @param topic whether {@code channel} is the name of a topic
     * @param nextAt milliseconds since the epoch by the server's clock
     * @param cron null where it is not by a cron expression, {@code zone} neither
     * @param name of a schedule of jobs; null: it has none, or was stored by a version without names
     * @param type JMSType; the name of the job, if it spawns one
     */
    public record Entry(
            UUID id,
            boolean topic,
            String channel,
            long nextAt,
            @Nullable String cron,
            @Nullable String zone,
            long delay,
            long period,
            int repeats,
            @Nullable String lastError,
            @Nullable String name,
            @Nullable String type) {}

    private final Database database;
    private final HousekeepingConnection housekeeping;
    private final Recurring recurring;
    private final Threads threads;
    private final String schema;
    private final ScheduleStatements sql;
    private final MessageWriter writer;
    private final Wakeups wakeups;
    private final SubscriptionMatcher audiences;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean armed;
    private long wakeAt;
    private boolean running;
    private boolean runAgain;
    private volatile long following;
    /** When the next is due as far as is known, as of System.nanoTime; used by one thread at a time. */
    private @Nullable Long expectedAt;

    /** What this process could not send, and when it tried; used by one thread at a time. */
    private final Map<UUID, Long> left = new HashMap<>();

    private volatile boolean registered;

    public Schedules(
            Database database,
            HousekeepingConnection housekeeping,
            Recurring recurring,
            Threads threads,
            String schema,
            ScheduleStatements sql,
            MessageWriter writer,
            Wakeups wakeups,
            SubscriptionMatcher audiences) {
        this.database = database;
        this.housekeeping = housekeeping;
        this.recurring = recurring;
        this.threads = threads;
        this.schema = schema;
        this.sql = sql;
        this.writer = writer;
        this.wakeups = wakeups;
        this.audiences = audiences;
    }

    /** Whether other processes know that this one is to be told of new schedules. */
    public boolean isRegistered() {
        return registered;
    }

    public void setRegistered(boolean registered) {
        this.registered = registered;
    }

    // Knowing when

    @Override
    public void added(long dueMillis) {
        arm(dueMillis);
    }

    @Override
    public void heard(long dueMillis) {
        arm(dueMillis + following);
    }

    /** Looks as soon as possible. */
    @Override
    public void look() {
        arm(0);
    }

    private void arm(long millis) {
        long delay = Math.max(0, Math.min(millis, registered ? AHEAD_MILLIS : untoldMillis));
        long at = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay);
        lock.lock();
        try {
            if (armed && wakeAt - at <= 0) {
                return;
            }
            armed = true;
            wakeAt = at;
        } finally {
            lock.unlock();
        }
        threads.schedule(() -> wake(at), delay);
    }

    private void wake(long at) {
        lock.lock();
        try {
            if (!armed || wakeAt != at) {
                return; // an earlier one has replaced it
            }
            armed = false;
            if (running) {
                runAgain = true;
                return;
            }
            running = true;
        } finally {
            lock.unlock();
        }
        threads.workers().execute(this::run);
    }

    private void run() {
        boolean again = true;
        while (again) {
            long next = AGAIN_MILLIS;
            try {
                if (!database.isDown()) {
                    next = sendDue();
                }
                recurring.succeeded(SENDING);
            } catch (SQLException | RuntimeException e) {
                recurring.failed(SENDING, e);
            } finally {
                lock.lock();
                try {
                    again = runAgain;
                    runAgain = false;
                    running = again;
                } finally {
                    lock.unlock();
                }
            }
            arm(next);
        }
    }

    /** Sends what is due; returns in how many milliseconds to look again. */
    private long sendDue() throws SQLException {
        boolean expected = expectedAt != null && System.nanoTime() - expectedAt >= 0;
        boolean first = false;
        while (true) {
            Double due = nextDue();
            if (due != null && due <= 0) {
                first = send(null) > 0;
                if (first) {
                    continue;
                }
                due = 0.0; // another process is at it
            }
            if (expected) {
                following = first ? 0 : FOLLOWING_MILLIS;
            }
            if (due == null) {
                expectedAt = null;
                return AHEAD_MILLIS;
            }
            long millis = (long) Math.ceil(due);
            expectedAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            return Math.max(millis + following, due == 0 ? AT_LEAST_MILLIS : 0);
        }
    }

    private @Nullable Double nextDue() throws SQLException {
        Double[] due = new Double[1];
        housekeeping.run(new Pipeline().query(sql.next, p -> p.uuids(leftOut()), rows -> {
            rows.next();
            double millis = rows.getDouble(1);
            due[0] = rows.wasNull() ? null : millis;
        }));
        return due[0];
    }

    // Sending

    /** Schedules that one transaction has locked, and which of them it sets aside for what reason. */
    private record Batch(List<UUID> found, Map<UUID, Exception> setAside) {}

    /**
     * Sends what is due, all in one transaction, and each by itself if that fails.
     *
     * @param only this one and no other, or null for those that are due first
     * @return how many there were
     */
    private int send(@Nullable UUID only) throws SQLException {
        Batch batch = new Batch(new ArrayList<>(), new LinkedHashMap<>());
        List<UUID> found = batch.found;
        Exception failure;
        Connection connection = database.connections().takeForSend();
        try {
            List<NewMessage> written = send(connection, only, batch);
            Failures.close(connection);
            wakeups.committed(written);
            found.forEach(left::remove);
            batch.setAside.forEach(this::tell);
            return found.size();
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            database.statementFailed(e, broken);
            if (broken || Failures.isForTheMoment(e) || found.isEmpty()) {
                throw e;
            }
            failure = e;
        } catch (RuntimeException e) {
            Failures.rollBackAndClose(connection);
            if (found.isEmpty()) {
                throw e;
            }
            failure = e;
        }
        if (only != null) {
            cannotBeSent(only, failure);
        } else {
            for (UUID id : found) {
                send(id);
            }
        }
        return found.size();
    }

    private List<NewMessage> send(Connection connection, @Nullable UUID only, Batch batch) throws SQLException {
        List<DueSchedule> due = new ArrayList<>();
        Pipeline advance = new Pipeline();
        Pipeline begin = new Pipeline().add(Statements.BEGIN);
        sql.addDue(begin, BATCH, only == null ? null : new UUID[] {only}, leftOut(), rows -> {
            while (rows.next()) {
                UUID id = DueSchedule.id(rows);
                batch.found.add(id);
                try {
                    due.add(DueSchedule.of(rows));
                } catch (RuntimeException e) {
                    setAside(advance, id, e);
                    batch.setAside.put(id, e);
                }
            }
        });
        begin.run(connection);
        List<NewMessage> messages = new ArrayList<>();
        due.forEach(schedule -> advance(schedule, messages, advance, batch));
        List<NewMessage> written = writer.writeAll(connection, messages, null);
        advance.add(Statements.COMMIT).run(connection);
        return written;
    }

    /** Adds what a schedule sends now, and what becomes of it. */
    private void advance(DueSchedule schedule, List<NewMessage> messages, Pipeline advance, Batch batch) {
        try {
            Long next = schedule.next();
            if (schedule.beginsSeries()) {
                UUID series = Generators.timeBasedEpochGenerator().generate();
                sql.addSeries(advance, schedule.id(), series, schedule.seriesFirst());
            } else {
                for (int i = schedule.firings(); i > 0; i--) {
                    messages.add(schedule.message(audiences));
                }
            }
            if (next == null) {
                sql.addDelete(advance, schedule.id());
            } else {
                sql.addAdvance(advance, schedule.id(), next, schedule.repeatsLeft());
            }
        } catch (RuntimeException e) {
            setAside(advance, schedule.id(), e);
            batch.setAside.put(schedule.id(), e);
        }
    }

    /** It fails for what it says itself: it is set aside, with the reason, and the others go on. */
    private void setAside(Pipeline pipeline, UUID id, Exception e) {
        sql.addFailure(pipeline, id, e instanceof SQLException ? e.getMessage() : e.toString());
    }

    private void tell(UUID id, Exception e) {
        LOG.error(
                "The schedule {} cannot be sent and is set aside, see mq_scheduled in the schema {}: {}",
                id,
                schema,
                e.getMessage(),
                e);
    }

    /** It failed alone. Where it is not for its data (a right is missing), another process may be able to send it. */
    private void cannotBeSent(UUID id, Exception e) {
        if (!(e instanceof SQLException refused) || Failures.isForData(refused)) {
            try {
                Pipeline pipeline = new Pipeline();
                setAside(pipeline, id, e);
                housekeeping.run(pipeline);
                tell(id, e);
                return;
            } catch (SQLException notAllowed) {
                e.addSuppressed(notAllowed);
            }
        }
        if (left.put(id, System.nanoTime()) == null) {
            LOG.error(
                    "The schedule {} in the schema {} cannot be sent by this process, which leaves it to others and tries"
                            + " again each minute: {}",
                    id,
                    schema,
                    e.getMessage(),
                    e);
        }
    }

    /** Schedules that this process does not try now; what it has not met again for long is forgotten. */
    private UUID[] leftOut() {
        long now = System.nanoTime();
        left.values().removeIf(since -> now - since > FORGOTTEN_NANOS);
        return left.entrySet().stream()
                .filter(schedule -> now - schedule.getValue() < LEFT_NANOS)
                .map(Map.Entry::getKey)
                .toArray(UUID[]::new);
    }

    // Administration

    /**
     * Stores a job with its schedule by its identifier, in the place of one that says something else. What says the same stays, and when it is
     * due next.
     *
     * @param name of the schedule
     * @param missed how many jobs stand at most for all times that were missed; 0: none, but for one that is hardly late
     */
    public void put(String name, NewMessage job, int missed) throws SQLException {
        Pipeline pipeline = new Pipeline();
        sql.addPut(
                pipeline, name, job, Objects.requireNonNull(job.schedule()), Objects.requireNonNull(job.job()), missed);
        database.run(pipeline);
        wakeups.announce(Schedule.CHANNEL, 0, 1); // when it is due is in the row
    }

    /** All schedules, by when they are due; without the series that belong to others. */
    public List<Entry> list() throws SQLException {
        List<Entry> entries = new ArrayList<>();
        Pipeline pipeline = new Pipeline();
        sql.addList(pipeline, rows -> {
            while (rows.next()) {
                entries.add(new Entry(
                        rows.getObject(1, UUID.class),
                        rows.getBoolean(2),
                        rows.getString(3),
                        rows.getLong(4),
                        rows.getString(5),
                        rows.getString(6),
                        rows.getLong(7),
                        rows.getLong(8),
                        rows.getInt(9),
                        rows.getString(10),
                        rows.getString(11),
                        rows.getString(12)));
            }
        });
        database.run(pipeline);
        return entries;
    }

    /** Removes a schedule and what belongs to it; returns whether there was one. Messages that were sent stay. */
    public boolean remove(UUID id) throws SQLException {
        long[] removed = new long[1];
        Pipeline pipeline = new Pipeline();
        sql.addRemove(pipeline, id, rows -> {
            rows.next();
            removed[0] = rows.getLong(1);
        });
        database.run(pipeline);
        return removed[0] > 0;
    }
}
