package io.sqlmq.engine.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an engine.
 *
 * @param schema the schema of the tables, unquoted
 * @param listen whether a LISTEN connection may be used; without it consumers poll
 * @param asyncAck whether commits that only acknowledge need not wait for the disk
 * @param leaseAfter how long a non-transacted window may stay open
 * @param leaseTime how long a lease lasts unless its process renews it
 * @param groupedWork how much listener work a GROUPED window may hold unacknowledged
 * @param maxBody bytes that a message may have; larger ones are not fetched but set aside
 * @param maxClaim most messages that one claim takes
 * @param notifyJoined whether joined transactions carry their own NOTIFY
 * @param reconnectGrace how long the database may be away before outage listeners hear of it
 * @param hostTimeout how long a server may be silent before it is asked whether it works for those who wait; zero: for ever
 * @param connectionTimeout how long a call waits for a database that is away
 * @param transactionTimeout how long a transaction may be idle before the server ends it; zero: for ever
 * @param expiredTo where expired messages are parked, or null to drop them
 * @param expiredToIsPrefix whether {@code expiredTo} is to be followed by the name of the message's channel
 * @param description who we are, for operators
 */
public record EngineOptions(
        String schema,
        boolean listen,
        boolean asyncAck,
        Duration leaseAfter,
        Duration leaseTime,
        Duration groupedWork,
        long maxBody,
        int maxClaim,
        boolean notifyJoined,
        Duration reconnectGrace,
        Duration hostTimeout,
        Duration connectionTimeout,
        Duration transactionTimeout,
        @Nullable String expiredTo,
        boolean expiredToIsPrefix,
        String description) {

    /** The defaults for a schema. */
    public static EngineOptions defaults(String schema) {
        return new EngineOptions(
                schema,
                true,
                true,
                Duration.ofMillis(100),
                Duration.ofSeconds(30),
                Duration.ofMillis(1),
                1_000_000_000,
                200,
                true,
                Duration.ZERO,
                Duration.ofSeconds(3),
                Duration.ofSeconds(30),
                Duration.ZERO,
                null,
                false,
                "sqlmq");
    }
}
