package io.sqlmq.schema;

import io.sqlmq.schema.SchemaException.Reason;
import org.jspecify.annotations.Nullable;

/** Makes an exception that only the migrator can throw, for tests of other packages. */
public final class SchemaProblem {
    private SchemaProblem() {}

    public static SchemaException of(Reason reason, String message, @Nullable Throwable cause) {
        return new SchemaException(reason, message, cause);
    }
}
