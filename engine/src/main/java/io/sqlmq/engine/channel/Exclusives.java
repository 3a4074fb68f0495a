package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which process holds a channel with exclusive consumers, in the database. Thread-safe. */
public final class Exclusives {

    private static final Logger LOG = LoggerFactory.getLogger(Exclusives.class);

    private final Database database;
    private final ConsumerProcess owner;
    private final ListenState listenState;
    private final String take;
    private final String release;
    private final List<String> endLeasesOf;
    private final String releaseAllOf;
    private final Set<String> unreleased = ConcurrentHashMap.newKeySet();

    public Exclusives(Database database, String schema, ConsumerProcess owner, ListenState listenState) {
        this.database = database;
        this.owner = owner;
        this.listenState = listenState;
        take = "SELECT " + schema + ".mq_take_exclusive(?, ?)";
        release = "DELETE FROM " + schema + ".mq_exclusives WHERE channel_name = ? AND owner = ?";
        endLeasesOf = List.of(endLeases(schema, "mq_msgs"), endLeases(schema, "mq_msgs_unlogged"));
        releaseAllOf = "DELETE FROM " + schema + ".mq_exclusives WHERE owner = ?";
    }

    /** What a process works on in the channels that it holds becomes due. */
    private static String endLeases(String schema, String table) {
        return """
                UPDATE %1$s.%2$s SET attempt_at = %1$s.mq_at_once()
                 WHERE ctid = ANY (ARRAY(
                   SELECT m.ctid FROM %1$s.%2$s m
                    WHERE m.lease_owner = ? AND m.attempt_at >= '1970-01-02 00:00+00'
                      AND m.channel_name IN (SELECT e.channel_name FROM %1$s.mq_exclusives e WHERE e.owner = ?)
                      FOR UPDATE SKIP LOCKED))""".formatted(schema, table);
    }

    /**
     * Takes a channel for this process if it is free; returns the process that has it now. A process that was frozen long
     * enough to look dead must not, or another would take the channel from it at once.
     */
    int take(String channel) throws SQLException {
        unreleased.remove(channel);
        int me = owner.id();
        int[] holder = new int[1];
        Pipeline pipeline = new Pipeline();
        owner.addRenewIfLate(pipeline, listenState.isListening());
        database.run(pipeline.query(take, p -> p.text(channel).integer(me), rows -> {
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
            LOG.debug("The channel {} will be given back later", channel, e);
        }
    }

    /** Gives back what could not be given back before. */
    public void retry() throws SQLException {
        int me = owner.idIfKnown();
        Recurring.each(List.copyOf(unreleased), channel -> {
            database.run(new Pipeline().add(release, p -> p.text(channel).integer(me)));
            unreleased.remove(channel);
        });
    }

    /** Adds the statements that free what a dead process holds. Whoever is next begins with what it worked on. */
    public void addReleaseAllOf(Pipeline pipeline, int owner) {
        endLeasesOf.forEach(
                statement -> pipeline.add(statement, p -> p.integer(owner).integer(owner)));
        pipeline.add(releaseAllOf, p -> p.integer(owner));
    }
}
