package io.sqlmq.boot;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;

/**
 * The properties {@code sqlmq.jobs.*}.
 *
 * @param enabled whether this application runs jobs; it can spawn them in any case
 * @param channels which it runs; empty: those of its methods
 * @param minConcurrency when fewer run, it begins more; null: 16, or the maximum if that is less
 * @param maxConcurrency how many run at once at most; null: 32, or the minimum if that is more
 * @param shutdownTimeout how long a stop waits for those that run
 */
record JobSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue List<String> channels,
        @Nullable Integer minConcurrency,
        @Nullable Integer maxConcurrency,
        @DefaultValue("30s") Duration shutdownTimeout) {

    static final String PREFIX = "sqlmq.jobs";

    /** When fewer run, it begins more. */
    int atLeast() {
        return minConcurrency != null ? minConcurrency : Math.min(16, atMost());
    }

    /** How many run at once at most. */
    int atMost() {
        return maxConcurrency != null ? maxConcurrency : Math.max(32, minConcurrency == null ? 0 : minConcurrency);
    }

    /** What the properties say; what is misspelt or impossible is an error. */
    static JobSettings of(Environment environment) {
        JobSettings said = SqlmqSettings.bind(environment, PREFIX, JobSettings.class);
        SqlmqSettings.require(
                PREFIX + ".min-concurrency", said.minConcurrency, least -> least >= 1, "At least 1 job runs");
        SqlmqSettings.require(
                PREFIX + ".max-concurrency",
                said.maxConcurrency,
                most -> most >= Math.max(1, said.atLeast()),
                "At most no fewer jobs run than at least: 1, or " + PREFIX + ".min-concurrency");
        SqlmqSettings.require(
                PREFIX + ".shutdown-timeout",
                said.shutdownTimeout,
                time -> !time.isNegative(),
                "A stop waits for some time, or (0s) not at all");
        return said;
    }
}
