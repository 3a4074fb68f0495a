package io.sqlmq.engine.schedule;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import io.sqlmq.engine.model.CronExpression;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import io.sqlmq.engine.model.Publication;
import io.sqlmq.engine.model.Schedule;
import io.sqlmq.engine.model.SubscriptionMatcher;
import io.sqlmq.engine.send.ScheduleStatements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A schedule that is due and locked.
 *
 * @param now the server's clock, in milliseconds
 * @param due when it was due
 * @param topic whether {@code channel} is the name of a topic
 * @param job what makes what it sends a job, else null
 * @param missed how often a job is sent at most for all times that it was due; 0: not for those that were missed
 * @param fresh whether it was made by SQL, which does not know when a cron expression is due: {@code due} is when it was made
 */
record DueSchedule(
        long now,
        long due,
        UUID id,
        @Nullable String cron,
        @Nullable String zone,
        long delay,
        long period,
        int repeats,
        String channel,
        boolean topic,
        Set<String> senders,
        boolean persistent,
        int priority,
        boolean timestamped,
        long timeToLive,
        Headers headers,
        Content content,
        NewMessage.@Nullable Job job,
        int missed,
        boolean fresh) {

    /** What is not later than this, in milliseconds, was not missed: another process may have died over it. */
    private static final long HARDLY_LATE = 60_000;

    /** Stands for a message whose sender wanted no JMSMessageID; any other belongs to what was sent. */
    private static final UUID WITHOUT_ID = new UUID(0, 0);

    private static final NoArgGenerator IDS = Generators.timeBasedEpochGenerator();

    /** Which one the row is of, whatever else it says. */
    static UUID id(ResultSet rows) throws SQLException {
        return rows.getObject(3, UUID.class);
    }

    /** The columns of {@link ScheduleStatements#addDue}. */
    static DueSchedule of(ResultSet rows) throws SQLException {
        UUID messageId = rows.getObject(16, UUID.class);
        String arguments = rows.getString(29);
        boolean isJob = arguments != null;
        String type = rows.getString(20);
        Headers headers = new Headers(
                WITHOUT_ID.equals(messageId) ? messageId : null,
                rows.getString(17),
                rows.getString(18),
                rows.getString(19),
                isJob ? null : type,
                rows.getString(21),
                rows.getInt(27),
                rows.getString(isJob ? 30 : 28));
        String text = rows.getString(25);
        byte[] bytes = rows.getBytes(26);
        Content content = isJob
                ? new Content(null, null, bytes, null, null)
                : new Content(rows.getString(24), text, bytes, rows.getString(22), rows.getString(23));
        NewMessage.Job job = isJob && type != null
                ? new NewMessage.Job(type, arguments, text, rows.getLong(31), rows.getInt(32), 0)
                : null;
        return new DueSchedule(
                rows.getLong(1),
                rows.getLong(2),
                id(rows),
                rows.getString(4),
                rows.getString(5),
                rows.getLong(6),
                rows.getLong(7),
                rows.getInt(8),
                rows.getString(9),
                rows.getBoolean(10),
                new HashSet<>(Arrays.asList((String[]) rows.getArray(11).getArray())),
                rows.getBoolean(12),
                9 - rows.getInt(13),
                rows.getBoolean(14),
                rows.getLong(15),
                headers,
                content,
                job,
                rows.getInt(33),
                rows.getBoolean(34));
    }

    /** Whether it does not send by itself: it begins a series, a schedule of its own. */
    boolean beginsSeries() {
        return cron != null && repeats != 0;
    }

    /** When the series that begins now sends its first message. */
    long seriesFirst() {
        return Math.addExact(due, delay > 0 ? delay : period);
    }

    /** How often it is sent now: once for all times that it was due, or as the policy of a job says. */
    int firings() {
        if (cron == null || (missed == 1 && !fresh)) {
            return 1;
        }
        long time = missed == 0 ? Math.max(due, now - HARDLY_LATE) : due;
        int firings = time == due && !fresh ? 1 : 0;
        for (time = cronAfter(time); time <= now && firings < Math.max(missed, 1); time = cronAfter(time)) {
            firings++;
        }
        return firings;
    }

    private long cronAfter(long time) {
        ZoneId in = zone == null ? ZoneId.systemDefault() : ZoneId.of(zone);
        return CronExpression.parse(Objects.requireNonNull(cron))
                .next(Instant.ofEpochMilli(time), in)
                .toEpochMilli();
    }

    /** When it is due again, or null when it was due for the last time. */
    @Nullable
    Long next() {
        if (cron != null) {
            return cronAfter(Math.max(due, now));
        }
        if (repeats == 0) {
            return null;
        }
        long missed = Math.max(0, Math.subtractExact(now, due) / period);
        return Math.addExact(due, Math.multiplyExact(missed + 1, period));
    }

    int repeatsLeft() {
        return cron == null ? Schedule.oneLess(repeats) : repeats;
    }

    /** The message that is to be sent now. */
    NewMessage message(SubscriptionMatcher audiences) {
        long millis = System.currentTimeMillis();
        long wait = cron == null ? 0 : delay;
        UUID id = topic ? Publication.messageId(IDS.generate()) : IDS.generate();
        NewMessage message = new NewMessage(
                id,
                channel,
                persistent,
                priority,
                timestamped ? millis : 0,
                wait,
                (wait == 0 && timestamped) || (job != null && headers.group() != null) ? 0 : millis + wait,
                timeToLive == 0 ? 0 : saturatedSum(timeToLive, wait),
                timeToLive == 0 ? 0 : saturatedSum(millis + wait, timeToLive),
                headers,
                content);
        if (job != null) {
            return message.as(job);
        }
        if (!topic) {
            return message;
        }
        String destination = headers.destination();
        return message.published(
                new Publication(channel, audiences.of(message, senders)), destination == null ? "" : destination);
    }

    /** Of two numbers that are not negative. */
    private static long saturatedSum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
