package io.sqlmq.engine.upkeep;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** What the log tells of an outage: one line when it lasts, and one when it is over. Thread-safe. */
final class OutageLog {

    private final Logger log;
    private long since;
    private @Nullable SQLException cause;
    private @Nullable Exception failure;
    private boolean told;

    OutageLog(Logger log) {
        this.log = log;
    }

    /** The first connection broke. */
    synchronized void begins(SQLException broken) {
        since = System.nanoTime();
        cause = broken;
        failure = null;
        told = false;
    }

    /** The database does not answer yet; true when it was asked for the first time. */
    synchronized boolean failed(Exception e) {
        log.debug("The database does not answer yet", e);
        boolean first = failure == null;
        failure = e;
        return first;
    }

    /** A while after the beginning. */
    synchronized void lasts(SQLException broken) {
        if (cause == broken) {
            told = true;
            log.warn(
                    "The database cannot be reached: {} (first a connection was lost: {})",
                    (failure == null ? broken : failure).getMessage(),
                    broken.getMessage());
        }
    }

    /** The database answers; true when it did so as soon as it was asked. */
    synchronized boolean answers() {
        if (told) {
            log.info("The database answers again, after {} s", Math.round((System.nanoTime() - since) / 1e9));
        } else if (cause != null) {
            log.info("Lost a connection to the database, which answers: {}", cause.getMessage());
        }
        cause = null;
        return failure == null;
    }
}
