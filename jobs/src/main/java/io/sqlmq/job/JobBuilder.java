package io.sqlmq.job;

import io.sqlmq.engine.model.CronExpression;
import io.sqlmq.engine.model.Millis;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Deduplication;
import io.sqlmq.engine.model.Schedule;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One job, before it is sent. What is not set here is as the {@link Job} annotation or the {@link JobOptions} of its name say.
 * By one thread at a time.
 */
public final class JobBuilder {

    /** The names of groups are in an index, whose entries are bounded; of longer ones their digest is. */
    private static final int LONGEST_GROUP = 512;

    /** Those of unique jobs are in an index, too. */
    private static final int LONGEST_KEY = 500;

    /** So are the arguments of channels: bytes in UTF-8. */
    private static final int LONGEST_ARGUMENTS = 2_000;

    private final Jobs jobs;
    private JobOptions options;
    private JobId id = JobId.random();
    private String arguments = "";
    private Duration delay = Duration.ZERO;
    private @Nullable Instant at;
    private @Nullable Duration commitInterval;
    private @Nullable String key;
    private Duration window = Duration.ZERO;
    private @Nullable String json;
    private byte @Nullable [] bytes;

    JobBuilder(Jobs jobs, JobOptions options) {
        this.jobs = jobs;
        this.options = options;
    }

    /** Gives it an identifier of the application's, which no other job or message may have. */
    public JobBuilder id(JobId newId) {
        id = Objects.requireNonNull(newId, "id");
        return this;
    }

    /** The queue in which it waits. A channel need not be set up: it is there as long as something waits in it. */
    public JobBuilder channel(String channel) {
        options = options.channel(channel);
        return this;
    }

    /**
     * Arguments of the channel: runners serve a channel with all arguments, but {@linkplain #ordered ordered} jobs wait only for
     * those with the same arguments.
     *
     * @throws IllegalArgumentException if they are longer than 2,000 bytes in UTF-8
     */
    public JobBuilder channelArgs(String newArguments) {
        int length = newArguments.getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_ARGUMENTS) {
            throw new IllegalArgumentException(
                    "Arguments of a channel have up to " + LONGEST_ARGUMENTS + " bytes, not " + length);
        }
        arguments = newArguments;
        return this;
    }

    /** Whether it is done strictly after the ordered jobs that were sent before to the same channel with the same arguments. */
    public JobBuilder ordered(boolean ordered) {
        options = options.ordered(ordered);
        return this;
    }

    /** How often it is tried again after the first attempt, up to 1,000,000 times. */
    public JobBuilder retries(int retries) {
        options = options.retries(retries);
        return this;
    }

    /** The wait before the first retry, up to 24 days; each further one is twice as long. */
    public JobBuilder backoff(Duration backoff) {
        options = options.backoff(backoff);
        return this;
    }

    /** What waits do not exceed, up to 24 days. */
    public JobBuilder maxBackoff(Duration maxBackoff) {
        options = options.maxBackoff(maxBackoff);
        return this;
    }

    /** From 0 to 9, the highest. */
    public JobBuilder priority(int priority) {
        options = options.priority(priority);
        return this;
    }

    /** How long it waits before it can be run, 100 years at most. Ordered jobs that were sent after it wait with it. */
    public JobBuilder delay(Duration newDelay) {
        if (newDelay.isNegative()) {
            throw new IllegalArgumentException("A delay is not negative");
        }
        delay = newDelay;
        at = null;
        return this;
    }

    /** When it can be run, by the clock of this process; at once if that is in the past. */
    public JobBuilder at(Instant time) {
        at = Objects.requireNonNull(time, "time");
        return this;
    }

    /**
     * Only reserves its place: it is run when it is {@linkplain Jobs#commit committed} and is gone if that does not happen within the
     * interval. Ordered jobs behind it wait until one or the other.
     */
    public JobBuilder commitInterval(Duration interval) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("The interval in which a job has to be committed is positive");
        }
        commitInterval = interval;
        return this;
    }

    /**
     * Sends it only if no other job of its channel was given this key within the window, whatever has become of that one. Otherwise nothing is
     * sent, and {@link #spawn()} returns the identifier of the job that has the key. The key counts when its transaction commits: who gives
     * the same one meanwhile waits for that.
     *
     * @param uniqueKey up to 500 characters; schedules spawn no unique jobs
     * @param uniqueFor how long the key is taken, from now on; 100 years at most
     */
    public JobBuilder unique(String uniqueKey, Duration uniqueFor) {
        if (uniqueKey.isEmpty() || uniqueKey.length() > LONGEST_KEY) {
            throw new IllegalArgumentException("A key has 1 to " + LONGEST_KEY + " characters");
        }
        if (Millis.of(uniqueFor) <= 0) {
            throw new IllegalArgumentException("The window in which a job is unique is positive");
        }
        key = uniqueKey;
        window = uniqueFor;
        return this;
    }

    /** The JSON payload, as the {@link PayloadMapper} makes it of the value. A job can have a binary payload as well. */
    public JobBuilder json(@Nullable Object value) {
        json = jobs.registry().mapper().write(value);
        return this;
    }

    /** The JSON payload as text. */
    public JobBuilder rawJson(@Nullable String newJson) {
        json = newJson;
        return this;
    }

    /** The binary payload. A job can have a JSON payload as well. */
    public JobBuilder bytes(byte @Nullable [] newBytes) {
        bytes = newBytes == null ? null : newBytes.clone();
        return this;
    }

    /**
     * Sends it: in the transaction of the application that the calling thread is in, as JMS sessions do, else committed when this
     * returns.
     *
     * @throws JobException if it could not be written
     */
    public JobId spawn() {
        return jobs.spawnAll(List.of(this)).get(0);
    }

    /**
     * Sends it in the transaction of a connection, which the application commits or rolls back. With a connection in auto-commit mode
     * it is committed when this returns.
     *
     * @throws JobException if it could not be written
     */
    public JobId spawn(Connection connection) {
        return jobs.spawnAll(connection, List.of(this)).get(0);
    }

    /** The identifier that it has, or will have. */
    public JobId id() {
        return id;
    }

    NewMessage message(long maxSize) {
        long now = System.currentTimeMillis();
        long wait = Math.max(0, Millis.ofWait(at == null ? delay : Duration.between(Instant.ofEpochMilli(now), at)));
        long reserved = commitInterval == null ? 0 : Math.max(1, Millis.ofWait(commitInterval));
        // What is ordered holds up those behind it also while it is delayed: it has no delivery time of its own.
        boolean delayed = wait > 0 && reserved == 0 && !options.ordered();
        NewMessage message = message(id.value(), now, wait + reserved, delayed ? now + wait : 0, reserved);
        long size = message.content().bytesStored() + (json == null ? 0 : json.getBytes(StandardCharsets.UTF_8).length);
        if (size > maxSize) {
            throw new JobException(
                    "The payload has " + size + " bytes; maxMessageSize allows " + maxSize
                            + ". Send less, or raise maxMessageSize",
                    null);
        }
        return key == null
                ? message
                : message.deduplicated(new Deduplication(options.channel(), key, Millis.ofWait(window)));
    }

    /** As what a schedule sends, each time under an identifier of its own. */
    NewMessage scheduled(UUID scheduleId, CronExpression cron, ZoneId zone) {
        if (commitInterval != null || at != null || key != null) {
            throw new IllegalArgumentException(
                    "A job that a schedule spawns has no time of its own, no commit interval, and no key");
        }
        if (options.channel().isEmpty()) {
            throw new IllegalArgumentException("A job that a schedule spawns is in a channel that has a name");
        }
        return message(scheduleId, System.currentTimeMillis(), 0, 0, 0)
                .scheduled(new Schedule(cron, zone, Millis.ofWait(delay), 0, 0, Set.of()));
    }

    private NewMessage message(UUID rowId, long now, long wait, long deliveryTime, long reserved) {
        boolean columns = Retries.areColumns(options);
        return new NewMessage(
                        rowId,
                        options.channel(),
                        true,
                        options.priority(),
                        now,
                        wait,
                        deliveryTime,
                        0,
                        0,
                        new NewMessage.Headers(
                                null,
                                null,
                                null,
                                null,
                                null,
                                columns ? null : Retries.of(options),
                                0,
                                options.ordered() ? group() : null),
                        new NewMessage.Content(null, null, bytes, null, null))
                .as(new NewMessage.Job(
                        options.name(),
                        arguments,
                        json,
                        options.backoff().toMillis(),
                        columns ? options.retries() + 1 : 0,
                        reserved));
    }

    private String group() {
        byte[] text = arguments.getBytes(StandardCharsets.UTF_8);
        try {
            return text.length <= LONGEST_GROUP
                    ? arguments
                    : "sha256:"
                            + HexFormat.of()
                                    .formatHex(
                                            MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
