package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Pipeline;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Which channels are paused: their consumers get nothing. This process reads it before it first claims; from then on it is told when it
 * changes, and looks now and then besides, so that a claim costs nothing. Thread-safe.
 */
public final class Pauses {

    /** Under this name, as if it were a channel, processes are told that something was paused or goes on. */
    public static final String CHANNEL = "sqlmq-pauses";

    private final Database database;
    private final HousekeepingConnection housekeeping;
    private final String paused;
    /** Null: not read yet. */
    private final AtomicReference<@Nullable Set<String>> known = new AtomicReference<>();

    public Pauses(Database database, HousekeepingConnection housekeeping, String schema) {
        this.database = database;
        this.housekeeping = housekeeping;
        paused = "SELECT channel_name FROM " + schema + ".mq_paused";
    }

    /** Whether the channel is known to be paused. */
    boolean isPaused(String channel) {
        Set<String> names = known.get();
        return names != null && !names.isEmpty() && names.contains(channel);
    }

    /**
     * Whether the channel is paused; asks the database where this process has not done so yet.
     *
     * @param joined the connection to ask on, or null for one of the engine's
     */
    boolean isPaused(String channel, @Nullable Connection joined) throws SQLException {
        if (known.get() == null) {
            Set<String> names = new HashSet<>();
            Pipeline pipeline = new Pipeline().query(paused, p -> {}, rows -> read(rows, names));
            if (joined == null) {
                database.run(pipeline);
            } else {
                pipeline.run(joined);
            }
            known.compareAndSet(null, Set.copyOf(names)); // a look that came between is newer
        }
        return isPaused(channel);
    }

    /**
     * Looks at all of them; one look at a time, so that an older one does not undo a newer.
     *
     * @return those that are not paused any more
     */
    List<String> look() throws SQLException {
        Set<String> before = new HashSet<>();
        housekeeping.run(new Pipeline().query(paused, p -> {}, rows -> {
            Set<String> names = new HashSet<>();
            read(rows, names);
            before.addAll(are(names));
            before.removeAll(names);
        }));
        return List.copyOf(before);
    }

    /** These are paused, and no others; returns those that were known to be before. */
    Set<String> are(Set<String> names) {
        Set<String> before = known.getAndSet(Set.copyOf(names));
        return before == null ? Set.of() : before;
    }

    private static void read(ResultSet rows, Set<String> names) throws SQLException {
        while (rows.next()) {
            names.add(rows.getString(1));
        }
    }
}
