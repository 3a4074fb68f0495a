package io.sqlmq.engine.model;

import org.jspecify.annotations.Nullable;

/**
 * How far the work on a message has come: what its next delivery begins with.
 *
 * @param json a new JSON body, or null to leave it as it is
 * @param bytes a new binary body, or null to leave it as it is
 * @param extraDeliveries how much more often it may be delivered, at least 0; nothing where the message does not say how often that is
 * @param properties a JSON object of properties to set, or null
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Checkpoint(
        @Nullable String json,
        byte @Nullable [] bytes,
        int extraDeliveries,
        @Nullable String properties) {

    /** One that sets properties only, of which JSON tells the types. */
    public static Checkpoint ofProperties(String json) {
        return new Checkpoint(null, null, 0, json);
    }
}
