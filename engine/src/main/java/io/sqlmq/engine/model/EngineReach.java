package io.sqlmq.engine.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an engine reaches its database at one moment.
 *
 * @param listen whether it hears notifications
 * @param downSince since when the database cannot be reached; null while it can
 * @param downBecause what the first statement that failed said
 */
public record EngineReach(
        Listen listen,
        @Nullable Instant downSince,
        @Nullable String downBecause) {

    /** Whether notifications are heard. Without them who waits for messages asks for them. */
    public enum Listen {
        /** They are, from the first consumer that waits. */
        IDLE,
        /** They are. */
        ON,
        /** The connection for them was lost, or is not there yet. */
        CONNECTING,
        /** They are not wanted. */
        OFF,
        /** They do not get through, or there is no connection for them. */
        UNAVAILABLE
    }
}
