package io.sqlmq.engine.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an engine.
 *
 * @param schema the schema of the tables, unquoted
 * @param description who we are, for operators
 * @param listen whether a LISTEN connection may be used; without it consumers poll
 * @param notifyJoined whether joined transactions carry their own NOTIFY
 * @param receiving how messages are received
 * @param leasing when and for how long messages are leased
 * @param outages what happens while the database is away
 * @param expired where expired messages go
 */
public record EngineOptions(
        String schema,
        String description,
        boolean listen,
        boolean notifyJoined,
        Receiving receiving,
        Leasing leasing,
        Outages outages,
        Expired expired) {

    /** The defaults for a schema. */
    public static EngineOptions defaults(String schema) {
        return new EngineOptions(
                schema,
                "sqlmq",
                true,
                true,
                new Receiving(200, 1_000_000_000, true, Duration.ofMillis(1), Duration.ZERO),
                new Leasing(Duration.ofMillis(100), Duration.ofSeconds(30)),
                new Outages(Duration.ofSeconds(30), Duration.ofSeconds(3), Duration.ZERO),
                new Expired(null, false));
    }

    /**
     * How messages are received.
     *
     * @param maxClaim most messages that one claim takes
     * @param maxBody bytes that a message may have; larger ones are not fetched but set aside
     * @param asyncAck whether commits that only acknowledge need not wait for the disk
     * @param groupedWork how much listener work a GROUPED window may hold unacknowledged
     * @param transactionTimeout how long a transaction may be idle before the server ends it; zero: for ever
     */
    public record Receiving(
            int maxClaim, long maxBody, boolean asyncAck, Duration groupedWork, Duration transactionTimeout) {}

    /**
     * When and for how long messages are leased.
     *
     * @param after how long a non-transacted window may stay open
     * @param time how long a lease lasts unless its process renews it
     */
    public record Leasing(Duration after, Duration time) {}

    /**
     * What happens while the database is away.
     *
     * @param connectionTimeout how long a call waits for it
     * @param hostTimeout how long a server may be silent before it is asked whether it works for those who wait; zero: for ever
     * @param reconnectGrace how long it may be away before outage listeners hear of it
     */
    public record Outages(Duration connectionTimeout, Duration hostTimeout, Duration reconnectGrace) {}

    /**
     * Where expired messages go.
     *
     * @param to the queue that they are parked in, or null to drop them
     * @param isPrefix whether {@code to} is to be followed by the name of the message's channel
     */
    public record Expired(@Nullable String to, boolean isPrefix) {

        /** The queue for those of a channel, or null to drop them. */
        public @Nullable String queueFor(String channel) {
            return to == null || !isPrefix ? to : to + TemporaryNames.forDeadLetters(channel);
        }
    }
}
