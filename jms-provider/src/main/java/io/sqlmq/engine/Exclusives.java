package io.sqlmq.engine;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which process holds a channel with exclusive consumers, in the database. Thread-safe. */
final class Exclusives {

    private final Engine engine;
    private final String take;
    private final String release;
    private final String releaseAllOf;
    private final Set<String> unreleased = ConcurrentHashMap.newKeySet();

    Exclusives(Engine engine) {
        this.engine = engine;
        String schema = engine.sql().schema();
        take = "SELECT " + schema + ".mq_take_exclusive(?, ?)";
        release = "DELETE FROM " + schema + ".mq_exclusives WHERE channel_name = ? AND owner = ?";
        releaseAllOf = "DELETE FROM " + schema + ".mq_exclusives WHERE owner = ?";
    }

    /** Takes a channel if it is free; returns the process that has it now. */
    int take(String channel, int owner) throws SQLException {
        unreleased.remove(channel);
        int[] holder = new int[1];
        engine.runAlone(new Pipeline().query(take, p -> p.text(channel).integer(owner), rows -> {
            rows.next();
            holder[0] = rows.getInt(1);
        }));
        return holder[0];
    }

    /** Gives a channel back, at once or when the database is there again. */
    void release(String channel) {
        unreleased.add(channel);
        try {
            retry();
        } catch (SQLException e) {
            engine.log().debug("The channel {} will be given back later", channel, e);
        }
    }

    /** Gives back what could not be given back before. */
    void retry() throws SQLException {
        int me = engine.owner().idIfKnown();
        for (String channel : List.copyOf(unreleased)) {
            engine.runAlone(new Pipeline().add(release, p -> p.text(channel).integer(me)));
            unreleased.remove(channel);
        }
    }

    /** Adds the statement that frees what a dead process holds. */
    void addReleaseAllOf(Pipeline pipeline, int owner) {
        pipeline.add(releaseAllOf, p -> p.integer(owner));
    }
}
