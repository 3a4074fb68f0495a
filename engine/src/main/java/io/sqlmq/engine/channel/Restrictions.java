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
 * Which channels are paused: their consumers get nothing; and which are limited: who claims there needs a slot ({@code LimitSlots}).
 * This process reads it before it first claims; from then on it is told when it changes, and looks now and then besides, so that a
 * claim costs nothing. Thread-safe.
 */
public final class Restrictions {

    /** Under this name, as if it were a channel, processes are told that something was paused or limited, or goes on. */
    public static final String CHANNEL = "sqlmq-pauses";

    record Known(Set<String> paused, Set<String> limited) {
        static final Known NONE = new Known(Set.of(), Set.of());
    }

    private final Database database;
    private final HousekeepingConnection housekeeping;
    private final String all;
    /** Null: not read yet. */
    private final AtomicReference<@Nullable Known> known = new AtomicReference<>();

    public Restrictions(Database database, HousekeepingConnection housekeeping, String schema) {
        this.database = database;
        this.housekeeping = housekeeping;
        all = "SELECT channel_name, false FROM " + schema + ".mq_paused UNION ALL SELECT channel_name, true FROM "
                + schema + ".mq_limits";
    }

    /** Whether the channel is known to be paused. */
    boolean isPaused(String channel) {
        Known now = known.get();
        return now != null && !now.paused.isEmpty() && now.paused.contains(channel);
    }

    /** Whether the channel is known to be limited. */
    boolean isLimited(String channel) {
        Known now = known.get();
        return now != null && !now.limited.isEmpty() && now.limited.contains(channel);
    }

    /**
     * Whether the channel is paused; asks the database where this process has not done so yet.
     *
     * @param joined the connection to ask on, or null for one of the engine's
     */
    boolean isPaused(String channel, @Nullable Connection joined) throws SQLException {
        if (known.get() == null) {
            Known[] found = {Known.NONE};
            Pipeline pipeline = new Pipeline().query(all, p -> {}, rows -> found[0] = read(rows));
            if (joined == null) {
                database.run(pipeline);
            } else {
                pipeline.run(joined);
            }
            known.compareAndSet(null, found[0]); // a look that came between is newer
        }
        return isPaused(channel);
    }

    /**
     * Looks at all of them; one look at a time, so that an older one does not undo a newer.
     *
     * @return those that are less restricted than before
     */
    List<String> look() throws SQLException {
        Set<String> freed = new HashSet<>();
        housekeeping.run(new Pipeline().query(all, p -> {}, rows -> {
            Known now = read(rows);
            Known before = are(now);
            if (before != null) {
                freed.addAll(before.paused);
                freed.removeAll(now.paused);
                freed.addAll(before.limited); // perhaps by a higher limit
            }
        }));
        return List.copyOf(freed);
    }

    /** These and no others; returns what was known before. */
    @Nullable
    Known are(Known now) {
        return known.getAndSet(now);
    }

    private static Known read(ResultSet rows) throws SQLException {
        Set<String> paused = new HashSet<>();
        Set<String> limited = new HashSet<>();
        while (rows.next()) {
            (rows.getBoolean(2) ? limited : paused).add(rows.getString(1));
        }
        return new Known(Set.copyOf(paused), Set.copyOf(limited));
    }
}
