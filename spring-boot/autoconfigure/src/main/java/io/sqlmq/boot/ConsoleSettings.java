package io.sqlmq.boot;

import io.sqlmq.console.SqlmqConsole;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;

/**
 * The properties {@code sqlmq.console.*}.
 *
 * @param enabled whether there is one
 * @param path where it is mounted in the server of the application
 * @param roles of the application, any of which lets one in; {@code *} for whoever is logged in
 * @param host the address that it listens on, if not in the server of the application
 * @param port where
 * @param readOnly whether it only looks
 * @param token what lets one in as the role of the DataSource; null: a new one with each start, which the log tells, or none if there
 *     are roles
 * @param idleTimeout after which time without a page one has to log in again
 */
record ConsoleSettings(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("/sqlmq") String path,
        @DefaultValue List<String> roles,
        @DefaultValue("127.0.0.1") String host,
        @DefaultValue("8161") int port,
        @DefaultValue("false") boolean readOnly,
        @Nullable String token,
        @DefaultValue("30m") Duration idleTimeout) {

    static final String PREFIX = "sqlmq.console";

    private static final int HIGHEST_PORT = 65_535;
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** What the properties say; what is misspelt or impossible is an error. */
    static ConsoleSettings of(Environment environment) {
        ConsoleSettings said = SqlmqSettings.bind(environment, PREFIX, ConsoleSettings.class);
        SqlmqSettings.require(
                PREFIX + ".port",
                said.port,
                port -> port >= 0 && port <= HIGHEST_PORT,
                "A port is between 0, for any, and " + HIGHEST_PORT);
        SqlmqSettings.require(
                PREFIX + ".idle-timeout",
                said.idleTimeout,
                time -> time.compareTo(Duration.ZERO) > 0 && time.compareTo(LONGEST) <= 0,
                "One is logged in for some time, 100 years at most");
        return said;
    }

    /** A console that is as the properties say, but for the place that it is at. */
    SqlmqConsole.Builder builder(SqlmqConnectionFactory factory) {
        SqlmqConsole.Builder builder =
                SqlmqConsole.builder(factory).readOnly(readOnly).idleTimeout(idleTimeout);
        try {
            return token == null ? builder : builder.token(token);
        } catch (IllegalArgumentException e) {
            throw new SqlmqStartException(
                    "The token for the console of sqlmq is too short.",
                    "Set " + PREFIX + ".token to 16 characters or more.",
                    e);
        }
    }
}
