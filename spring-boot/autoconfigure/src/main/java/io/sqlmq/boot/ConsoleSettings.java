package io.sqlmq.boot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;

/**
 * The properties {@code sqlmq.console.*}.
 *
 * @param enabled whether there is one
 * @param host the address that it listens on
 * @param port where
 * @param readOnly whether it only looks
 * @param token what lets one in as the role of the DataSource; null: a new one with each start, which the log tells
 * @param idleTimeout after which time without a page one has to log in again
 */
record ConsoleSettings(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("127.0.0.1") String host,
        @DefaultValue("8161") int port,
        @DefaultValue("false") boolean readOnly,
        @Nullable String token,
        @DefaultValue("30m") Duration idleTimeout) {

    static final String PREFIX = "sqlmq.console";

    /** What the properties say; what is misspelt is an error. */
    static ConsoleSettings of(Environment environment) {
        return SqlmqSettings.bind(environment, PREFIX, ConsoleSettings.class);
    }
}
