package io.sqlmq.job;

import io.sqlmq.job.internal.DurationText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * How jobs of one name are sent and retried, unless their {@link JobBuilder} says otherwise: what {@link Job} says for a method, for
 * handlers that have no annotation. Immutable: each method returns other options.
 *
 * @param name what is to be done
 * @param channel the queue in which they wait
 * @param retries how often a job is tried again after the first attempt, up to 1,000,000
 * @param backoff the wait before the first retry; each further one is twice as long
 * @param maxBackoff what waits do not exceed
 * @param ordered whether those with the same channel and arguments are done strictly one after the other
 * @param priority from 0 to 9, the highest
 */
public record JobOptions(
        String name,
        String channel,
        int retries,
        Duration backoff,
        Duration maxBackoff,
        boolean ordered,
        int priority) {

    static final String CHANNEL = "jobs";
    static final int RETRIES = 4;
    static final int PRIORITY = 4;

    private static final int MOST_BYTES = 255;
    private static final Pattern PREFIX = Pattern.compile("(temp-)?(queue|topic)://");

    /** What redelivery policies can say, too. */
    private static final int MOST_RETRIES = 1_000_000;

    private static final Duration LONGEST_BACKOFF = Duration.ofDays(24);

    /**
     * Options.
     *
     * @throws IllegalArgumentException if a value is out of its range; the message says which is possible
     */
    public JobOptions {
        require(!name.isEmpty(), "A job needs a name");
        requireChannel(channel);
        require(retries >= 0 && retries <= MOST_RETRIES, "The number of retries is one from 0 to " + MOST_RETRIES);
        require(!backoff.isNegative(), "A backoff is not negative");
        require(maxBackoff.compareTo(LONGEST_BACKOFF) <= 0, "A backoff is not longer than 24 days");
        require(maxBackoff.compareTo(backoff) >= 0, "maxBackoff is not shorter than backoff");
        require(priority >= 0 && priority <= 9, "A priority is one from 0 to 9");
    }

    /** No queue of JMS has such a prefix in its name, and what pauses or limits queues takes none that has. */
    static void requireChannel(String channel) {
        require(
                channel.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES
                        && channel.indexOf('\0') < 0
                        && !PREFIX.matcher(channel).lookingAt(),
                "The name of a channel has up to " + MOST_BYTES
                        + " bytes, no NUL, and no queue:// or the like in front");
    }

    /** The defaults: channel {@value #CHANNEL}, 4 retries after 1 s, 2 s, 4 s and 8 s, not ordered. */
    public static JobOptions named(String name) {
        return new JobOptions(name, CHANNEL, RETRIES, Duration.ofSeconds(1), Duration.ofMinutes(5), false, PRIORITY);
    }

    static JobOptions of(Job job, String methodName) {
        return new JobOptions(
                job.name().isEmpty() ? methodName : job.name(),
                job.channel(),
                job.retries(),
                DurationText.parse(job.backoff()),
                DurationText.parse(job.maxBackoff()),
                job.ordered(),
                job.priority());
    }

    /** With another channel. */
    public JobOptions channel(String newChannel) {
        return new JobOptions(
                name, Objects.requireNonNull(newChannel), retries, backoff, maxBackoff, ordered, priority);
    }

    /** With another number of retries. */
    public JobOptions retries(int newRetries) {
        return new JobOptions(name, channel, newRetries, backoff, maxBackoff, ordered, priority);
    }

    /** With another wait before the first retry; {@link #maxBackoff()} is raised to it if need be. */
    public JobOptions backoff(Duration newBackoff) {
        Duration most = maxBackoff.compareTo(newBackoff) < 0 ? newBackoff : maxBackoff;
        return new JobOptions(name, channel, retries, newBackoff, most, ordered, priority);
    }

    /** With another longest wait. */
    public JobOptions maxBackoff(Duration newMaxBackoff) {
        return new JobOptions(name, channel, retries, backoff, newMaxBackoff, ordered, priority);
    }

    /** Strictly in order, or not. */
    public JobOptions ordered(boolean newOrdered) {
        return new JobOptions(name, channel, retries, backoff, maxBackoff, newOrdered, priority);
    }

    /** With another priority. */
    public JobOptions priority(int newPriority) {
        return new JobOptions(name, channel, retries, backoff, maxBackoff, ordered, newPriority);
    }

    private static void require(boolean fits, String otherwise) {
        if (!fits) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
