package io.sqlmq.job.internal;

import io.sqlmq.job.JacksonPayloadMapper;
import io.sqlmq.job.JobException;
import io.sqlmq.job.PayloadMapper;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** The mapper that is used when the application has set none: Jackson's if that is there. */
public final class Payloads {
    private static final boolean JACKSON = isThere();

    private Payloads() {}

    private static boolean isThere() {
        try {
            Class.forName("tools.jackson.databind.json.JsonMapper", false, Payloads.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** The default. */
    public static PayloadMapper mapper() {
        return JACKSON ? new JacksonPayloadMapper() : new None();
    }

    private static final class None implements PayloadMapper {
        @Override
        public String write(@Nullable Object value) {
            throw missing();
        }

        @Override
        public @Nullable Object read(String json, Type type) {
            throw missing();
        }

        private static JobException missing() {
            return new JobException(
                    "Nothing here makes JSON of objects: add tools.jackson.core:jackson-databind, or give the JobRegistry a"
                            + " PayloadMapper; or use rawJson and bytes",
                    null);
        }
    }
}
