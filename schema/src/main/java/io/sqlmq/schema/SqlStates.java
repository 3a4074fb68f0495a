package io.sqlmq.schema;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The SQLSTATEs that mean something to the {@link Migrator}. */
final class SqlStates {
    static final String INSUFFICIENT_PRIVILEGE = "42501";
    static final String LOCK_NOT_AVAILABLE = "55P03";
    static final String DEADLOCK_DETECTED = "40P01";
    static final String READ_ONLY_TRANSACTION = "25006";
    private static final String UNDEFINED_TABLE = "42P01";
    private static final String INVALID_SCHEMA_NAME = "3F000";

    private SqlStates() {}

    static boolean isMissingTable(@Nullable String state) {
        return UNDEFINED_TABLE.equals(state) || INVALID_SCHEMA_NAME.equals(state);
    }

    static boolean isTransient(@Nullable String state) {
        return LOCK_NOT_AVAILABLE.equals(state) || DEADLOCK_DETECTED.equals(state);
    }

    /** The first SQLException among an exception and its causes. */
    static @Nullable SQLException find(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof SQLException e) {
                return e;
            }
        }
        return null;
    }
}
