package io.sqlmq.boot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sqlmq.job.JobException;
import io.sqlmq.job.PayloadMapper;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Payloads of jobs by Jackson 2. */
final class Jackson2PayloadMapper implements PayloadMapper {
    private final ObjectMapper mapper;

    Jackson2PayloadMapper(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    @Override
    public String write(@Nullable Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new JobException("The payload cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    @Override
    public @Nullable Object read(String json, Type type) {
        try {
            return mapper.readValue(json, mapper.constructType(type));
        } catch (JsonProcessingException e) {
            throw new JobException("The JSON payload is no " + type.getTypeName() + ": " + e.getOriginalMessage(), e);
        }
    }
}
