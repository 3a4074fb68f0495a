package io.sqlmq.job;

import org.jspecify.annotations.Nullable;

/**
 * How far a job has come: the payload that its next attempt begins with, should this one not complete it. Immutable: each method
 * returns another checkpoint.
 */
public final class Checkpoint {
    private static final Checkpoint NOTHING = new Checkpoint(null, null, null, 0);

    private final @Nullable Object value;
    private final @Nullable String json;
    private final byte @Nullable [] bytes;
    private final int extraRetries;

    private Checkpoint(@Nullable Object value, @Nullable String json, byte @Nullable [] bytes, int extraRetries) {
        this.value = value;
        this.json = json;
        this.bytes = bytes;
        this.extraRetries = extraRetries;
    }

    /** A checkpoint that leaves the payload as it is. */
    public static Checkpoint create() {
        return NOTHING;
    }

    /** A checkpoint with a new JSON payload. */
    public static Checkpoint of(Object value) {
        return NOTHING.json(value);
    }

    /** With a new JSON payload, which the {@link PayloadMapper} makes of the value. */
    public Checkpoint json(Object newValue) {
        return new Checkpoint(newValue, null, bytes, extraRetries);
    }

    /** With this JSON text as the new JSON payload. */
    public Checkpoint rawJson(String newJson) {
        return new Checkpoint(null, newJson, bytes, extraRetries);
    }

    /** With a new binary payload. */
    public Checkpoint bytes(byte[] newBytes) {
        return new Checkpoint(value, json, newBytes.clone(), extraRetries);
    }

    /**
     * With so many more retries: what has been done need not be done again, so progress may earn a job more attempts.
     * They count when the checkpoint is committed. A JMS message without a redelivery policy of its own gets none: how often it is tried is
     * not its own.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Checkpoint extraRetries(int retries) {
        if (retries < 0) {
            throw new IllegalArgumentException("A checkpoint takes no retries away: " + retries);
        }
        return new Checkpoint(value, json, bytes, retries);
    }

    @Nullable
    String json(PayloadMapper mapper) {
        return value == null ? json : mapper.write(value);
    }

    byte @Nullable [] bytes() {
        return bytes;
    }

    int extraRetries() {
        return extraRetries;
    }
}
