package io.sqlmq.boot;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;

/**
 * The properties {@code sqlmq.jobs.*}.
 *
 * @param enabled whether this application runs jobs; it can spawn them in any case
 * @param channels which it runs; empty: those of its methods
 * @param minConcurrency when fewer run, it begins more
 * @param maxConcurrency how many run at once at most
 * @param shutdownTimeout how long a stop waits for those that run
 */
record JobSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue List<String> channels,
        @DefaultValue("16") int minConcurrency,
        @DefaultValue("32") int maxConcurrency,
        @DefaultValue("30s") Duration shutdownTimeout) {

    static final String PREFIX = "sqlmq.jobs";

    /** What the properties say; what is misspelt is an error. */
    static JobSettings of(Environment environment) {
        return SqlmqSettings.bind(environment, PREFIX, JobSettings.class);
    }
}
