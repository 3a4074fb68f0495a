package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.Traffic;
import io.sqlmq.engine.model.Traffic.Count;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what this process has counted: one statement a while after something moved, none while nothing does. Thread-safe. */
public final class TrafficReport {

    private static final Logger LOG = LoggerFactory.getLogger(TrafficReport.class);
    private static final long EVERY_MILLIS = Long.getLong("io.sqlmq.engine.trafficMillis", 10_000);

    /** A right is missing, or the table is. */
    private static final Set<String> NOT_HERE = Set.of("42501", "42883", "42P01");

    private final Database database;
    private final Statements sql;
    private final Traffic traffic;

    public TrafficReport(Database database, Recurring recurring, Threads threads, Statements sql, Traffic traffic) {
        this.database = database;
        this.sql = sql;
        this.traffic = traffic;
        Job job = new Job(threads, recurring, "the report of how many messages moved", this::write);
        traffic.whenFirst(() -> threads.schedule(job::start, EVERY_MILLIS));
    }

    /** Now. */
    public void write() throws SQLException {
        Map<String, Count> taken = traffic.take();
        if (taken.isEmpty()) {
            return;
        }
        String[] channels = taken.keySet().toArray(String[]::new);
        Long[] sent = taken.values().stream().map(Count::sent).toArray(Long[]::new);
        Long[] gone = taken.values().stream().map(Count::gone).toArray(Long[]::new);
        try {
            database.run(new Pipeline()
                    .query(
                            sql.countTraffic,
                            p -> p.texts(channels).bigints(sent).bigints(gone),
                            rows -> {}));
        } catch (SQLException e) {
            if (NOT_HERE.contains(String.valueOf(e.getSQLState()))) {
                LOG.debug("Messages that move here are not counted", e);
            } else {
                traffic.putBack(taken);
                throw e;
            }
        }
    }
}
