package io.sqlmq.job;

import java.lang.reflect.Type;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Payloads by Jackson 3 ({@code tools.jackson.core:jackson-databind}, which the application brings). */
public final class JacksonPayloadMapper implements PayloadMapper {
    private final ObjectMapper mapper;

    /** With Jackson's defaults. */
    public JacksonPayloadMapper() {
        this(JsonMapper.builder().build());
    }

    /** With a mapper of the application's. */
    public JacksonPayloadMapper(ObjectMapper mapper) {
        this.mapper = Objects.requireNonNull(mapper, "mapper");
    }

    @Override
    public String write(@Nullable Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JacksonException e) {
            throw new JobException("The payload cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    @Override
    public @Nullable Object read(String json, Type type) {
        try {
            return mapper.readValue(json, mapper.constructType(type));
        } catch (JacksonException e) {
            throw new JobException("The JSON payload is no " + type.getTypeName() + ": " + e.getOriginalMessage(), e);
        }
    }
}
