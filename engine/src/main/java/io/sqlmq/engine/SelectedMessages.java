package io.sqlmq.engine;

import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * What is done to those messages of a queue that a filter finds, in batches, each a transaction: they are looked for by pages, and then
 * changed unless somebody works on them. Thread-safe.
 */
final class SelectedMessages {
    private static final int BATCH = 1_000;

    private final Database database;
    private final MessagePages pages;
    private final Wakeups wakeups;
    private final String schema;

    SelectedMessages(Database database, MessagePages pages, Wakeups wakeups, String schema) {
        this.database = database;
        this.pages = pages;
        this.wakeups = wakeups;
        this.schema = schema;
    }

    /** What is done to messages of one table, in their order; returns how many it was done to. */
    @FunctionalInterface
    private interface Change {
        long to(UUID[] ids, boolean unlogged) throws SQLException;
    }

    /** Moves one to the end of another channel; returns whether it was there and nobody worked on it. */
    boolean move(String from, String to, UUID id) throws SQLException {
        Change move = moving(from, to);
        UUID[] ids = {id};
        return move.to(ids, false) + move.to(ids, true) > 0;
    }

    private Change moving(String from, String to) {
        return (ids, unlogged) -> {
            String sql = "SELECT s.id, " + schema + ".mq_move(s.id, ?, " + unlogged + ", ?, NULL, NULL, NULL) FROM "
                    + locked(unlogged, "m.id");
            long moved = count(sql, p -> p.text(from).text(to).uuids(ids).text(from), new HashSet<>());
            if (moved > 0) {
                wakeups.announce(to, 0, (int) moved);
            }
            return moved;
        };
    }

    /** Moves them to the end of another channel; returns how many. */
    long move(String from, String to, MessagePages.Filter filter) throws SQLException {
        return each(from, filter, moving(from, to));
    }

    /** Deletes them; returns how many. */
    long remove(String channel, MessagePages.Filter filter) throws SQLException {
        return each(channel, filter, (ids, unlogged) -> {
            String sql = "DELETE FROM " + table(unlogged)
                    + " WHERE channel_name = ? COLLATE pg_catalog.\"POSIX\" AND ctid = ANY (ARRAY(SELECT s.ctid FROM "
                    + locked(unlogged, "m.ctid") + ")) RETURNING id, true";
            return count(sql, p -> p.text(channel).uuids(ids).text(channel), new HashSet<>());
        });
    }

    /** Puts those of them that are dead letters back to where they came from; returns how many. */
    long retry(String channel, MessagePages.Filter filter) throws SQLException {
        MessagePages.Filter dead = new MessagePages.Filter(filter.selection(), filter.text(), true);
        return each(channel, dead, (ids, unlogged) -> {
            String sql = "SELECT s.dead_origin, " + schema + ".mq_move(s.id, ?, " + unlogged
                    + ", s.dead_origin, NULL, NULL, NULL) FROM " + locked(unlogged, "m.id, m.dead_origin");
            Set<String> origins = new HashSet<>();
            long retried = count(sql, p -> p.text(channel).uuids(ids).text(channel), origins);
            origins.forEach(origin -> wakeups.announce(origin, 0, ids.length));
            return retried;
        });
    }

    private String table(boolean unlogged) {
        return schema + (unlogged ? ".mq_msgs_unlogged" : ".mq_msgs");
    }

    private String locked(boolean unlogged, String columns) {
        return "(SELECT " + columns + " FROM " + table(unlogged)
                + " m WHERE m.id = ANY (?) AND m.channel_name = ? AND m.lease_owner IS NULL"
                + " ORDER BY m.prio_rank, m.seq FOR UPDATE SKIP LOCKED) s";
    }

    private long each(String channel, MessagePages.Filter filter, Change change) throws SQLException {
        return Batches.count(batches -> {
            for (MessagePages.Part part : MessagePages.Part.values()) {
                String after = null;
                do {
                    batches.next();
                    MessagePages.Ids page = pages.ids(channel, part, filter, after, BATCH);
                    if (!page.logged().isEmpty()) {
                        batches.add(change.to(page.logged().toArray(UUID[]::new), false));
                    }
                    if (!page.unlogged().isEmpty()) {
                        batches.add(change.to(page.unlogged().toArray(UUID[]::new), true));
                    }
                    after = page.next();
                } while (after != null);
            }
        });
    }

    /** How many rows say that it was done; adds what these have in their first column. */
    private long count(String sql, Pipeline.Binder binder, Set<String> firsts) throws SQLException {
        long[] done = new long[1];
        database.run(new Pipeline().query(sql, binder, rows -> {
            while (rows.next()) {
                if (rows.getBoolean(2)) {
                    done[0]++;
                    firsts.add(rows.getString(1));
                }
            }
        }));
        return done[0];
    }
}
