package io.sqlmq.engine;

import java.sql.SQLException;

/** Makes an exception that only the engine can throw, for tests of other packages. */
public final class OutcomeUnknown {
    private OutcomeUnknown() {}

    public static OutcomeUnknownException because(SQLException cause) {
        return new OutcomeUnknownException("COMMIT was on its way", cause);
    }
}
