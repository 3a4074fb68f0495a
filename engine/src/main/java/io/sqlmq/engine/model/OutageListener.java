package io.sqlmq.engine.model;

import java.sql.SQLException;

/** Hears of outages. Called on an engine thread, without locks. */
public interface OutageListener {
    /** The database could not be reached for longer than the grace time. */
    void outage(SQLException cause);
}
