package io.sqlmq.job;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Makes JSON of payloads and payloads of JSON. Thread-safe. {@link JacksonPayloadMapper} is the one that is there by default. */
public interface PayloadMapper {

    /**
     * A value as JSON text.
     *
     * @throws JobException if it cannot be written
     */
    String write(@Nullable Object value);

    /**
     * The value of JSON text.
     *
     * @param type what to make of it, with its type parameters
     * @throws JobException if it does not fit
     */
    @Nullable
    Object read(String json, Type type);
}
