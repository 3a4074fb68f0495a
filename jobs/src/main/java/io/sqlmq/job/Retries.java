package io.sqlmq.job;

import io.sqlmq.engine.model.JobPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The retries of a job: columns of its row, from which those who receive it make a redelivery policy; or, where waits do not end at five
 * minutes, a policy that its message has.
 */
final class Retries {
    private static final Duration USUAL = Duration.ofMinutes(5);
    private static final String NUMBER = "maximumRedeliveries=";

    private Retries() {}

    /** Whether columns say it. */
    static boolean areColumns(JobOptions options) {
        Duration longest = options.maxBackoff();
        return longest.equals(options.backoff().compareTo(USUAL) < 0 ? USUAL : options.backoff());
    }

    /** The policy of a job with these options. */
    static String of(JobOptions options) {
        return JobPolicy.of(
                options.retries(),
                options.backoff().toMillis(),
                options.maxBackoff().toMillis());
    }

    /** The policy with so many more retries; null if it does not say how many there are. */
    static @Nullable String more(@Nullable String policy, long extra) {
        int at = policy == null ? -1 : policy.indexOf(NUMBER);
        if (policy == null || at < 0 || extra == 0) {
            return null;
        }
        int begin = at + NUMBER.length();
        int end = policy.indexOf('&', begin) < 0 ? policy.length() : policy.indexOf('&', begin);
        int number = Integer.parseInt(policy.substring(begin, end));
        int sum = number < 0 ? number : (int) Math.min(Integer.MAX_VALUE, number + extra);
        return policy.substring(0, begin) + sum + policy.substring(end);
    }
}
