package io.sqlmq.job;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import java.util.Objects;
import java.util.UUID;

/**
 * The identifier of a job: the column {@code id} of its row.
 *
 * @param value unique among all jobs and messages
 */
public record JobId(UUID value) {
    private static final NoArgGenerator IDS = Generators.timeBasedEpochGenerator();

    /** An identifier. */
    public JobId {
        Objects.requireNonNull(value, "value");
    }

    /** A new identifier (UUIDv7). */
    public static JobId random() {
        return new JobId(IDS.generate());
    }

    /**
     * The identifier that {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static JobId parse(String text) {
        return new JobId(UUID.fromString(text));
    }

    /** The bare UUID. */
    @Override
    public String toString() {
        return value.toString();
    }
}
