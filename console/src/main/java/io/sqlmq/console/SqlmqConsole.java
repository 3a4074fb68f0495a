package io.sqlmq.console;

import io.sqlmq.jms.SqlmqConnectionFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The web console: looks into the queues of a database, and operates them.
 *
 * <pre>{@code
 * SqlmqConsole console = SqlmqConsole.builder(factory).port(8161).start();
 * System.out.println(console.loginUrl());
 * }</pre>
 *
 * <p>One logs in as a role of the database with its password, where the factory has a URL, and sees and does what that role may; or
 * with the {@linkplain #token token} as the role of the factory. It listens on the loopback address unless told otherwise, and then without
 * encryption: put a proxy with TLS before it. It must be closed before the factory is. Thread-safe.
 */
public final class SqlmqConsole implements AutoCloseable {
    /** Where it listens unless told otherwise. */
    public static final int DEFAULT_PORT = 8161;

    private static final int HIGHEST_PORT = 65_535;
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final HttpFront front;
    private final MountedConsole console;
    private final String host;

    private SqlmqConsole(Builder builder) {
        this.host = builder.host;
        this.console = builder.mount();
        try {
            this.front = new HttpFront(console, host, builder.port, HttpFront.LONGEST_REQUEST);
        } catch (IOException e) {
            console.close();
            throw new UncheckedIOException(
                    "The console cannot listen on " + host + ":" + builder.port + ": " + e.getMessage(), e);
        }
    }

    /**
     * Starts one on the default port of the loopback address, with a new token.
     *
     * @throws UncheckedIOException if it cannot listen there
     */
    public static SqlmqConsole start(SqlmqConnectionFactory factory) {
        return builder(factory).start();
    }

    /**
     * For one that is not as usual.
     *
     * @param factory on the database; it stays the caller's
     */
    public static Builder builder(SqlmqConnectionFactory factory) {
        return new Builder(factory);
    }

    /** The port that it listens on. */
    public int port() {
        return front.port();
    }

    /** Where it is: {@code http://host:port/}. */
    public String url() {
        return "http://" + host + ":" + port() + "/";
    }

    /** What lets one in as the role of the factory; null if nothing does. */
    public @Nullable String token() {
        return console.token();
    }

    /** The page to log in at, with the token filled in. */
    public String loginUrl() {
        String token = token();
        return token == null ? url() : Page.link(url() + "login", "token", token);
    }

    /** What can be looked at; for tests. */
    Set<String> paths() {
        return console.paths();
    }

    /** How often the database was read for a role; for tests. */
    long reads(String role) {
        return console.reads(role);
    }

    /** Logs everybody out and stops. */
    @Override
    public void close() {
        console.close();
        front.close();
    }

    /** What a console is to be like. Not thread-safe. */
    public static final class Builder {
        private final SqlmqConnectionFactory factory;
        private String host = "127.0.0.1";
        private int port = DEFAULT_PORT;
        private boolean readOnly;
        private Duration idleTimeout = Duration.ofMinutes(30);
        private @Nullable String token = Sessions.random();

        private Builder(SqlmqConnectionFactory factory) {
            this.factory = factory;
        }

        /** The address to listen on, {@code 0.0.0.0} for all; default: 127.0.0.1. */
        public Builder host(String address) {
            this.host = address;
            return this;
        }

        /**
         * The port to listen on, 0 for any; default: 8161.
         *
         * @throws IllegalArgumentException if there is no such port
         */
        public Builder port(int number) {
            if (number < 0 || number > HIGHEST_PORT) {
                throw new IllegalArgumentException("A port is between 0 and " + HIGHEST_PORT + ": " + number);
            }
            this.port = number;
            return this;
        }

        /** Whether it only looks, whatever a role may do; default: false. */
        public Builder readOnly(boolean only) {
            this.readOnly = only;
            return this;
        }

        /**
         * After which time without a page one has to log in again; default: 30 minutes.
         *
         * @throws IllegalArgumentException if it is not longer than nothing, or longer than 100 years
         */
        public Builder idleTimeout(Duration time) {
            if (time.isNegative() || time.isZero() || time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("One is logged in for some time, 100 years at most: " + time);
            }
            this.idleTimeout = time;
            return this;
        }

        /** What lets one in as the role of the factory; null: nothing; default: a new one. */
        public Builder token(@Nullable String secret) {
            if (secret != null && secret.length() < 16) {
                throw new IllegalArgumentException("A token has 16 characters or more.");
            }
            this.token = secret;
            return this;
        }

        /**
         * One that listens nowhere: the application hands it the requests that it has got, so that it is behind the application's own
         * security. What is said of host and port means nothing then.
         */
        public MountedConsole mount() {
            return new MountedConsole(factory, token, idleTimeout, readOnly);
        }

        /**
         * Starts it.
         *
         * @throws UncheckedIOException if it cannot listen where it is to
         */
        public SqlmqConsole start() {
            return new SqlmqConsole(this);
        }
    }
}
