package io.sqlmq.jms;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a connection factory reaches its database at one moment.
 *
 * @param listening whether it hears of messages that other processes send
 * @param ownConnections whether the connections that it keeps, for LISTEN and for upkeep, are its own; false: they are of the
 *     application's DataSource
 * @param downSince since when the database cannot be reached; null while it can
 * @param downBecause how the database, or the driver, put it; null while it can be reached
 */
public record DatabaseReach(
        Listening listening,
        boolean ownConnections,
        @Nullable Instant downSince,
        @Nullable String downBecause) {

    /** Whether notifications are heard. Without them consumers that wait ask the database now and again. */
    public enum Listening {
        /** They are, from the first consumer that waits; there has been none. */
        IDLE,
        /** They are. */
        ON,
        /** The connection for them was lost, or is not there yet. */
        CONNECTING,
        /** The options {@code listen} or {@code pgBouncer} say that they are not. */
        OFF,
        /** They do not get through, probably because of a pooler in transaction mode, or there is no connection to spare. */
        UNAVAILABLE
    }
}
