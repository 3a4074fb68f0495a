package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Raises the floors: sequence numbers below which nothing is left in a channel, so that claims do not read the dead
 * index entries of everything that was ever received while some open transaction keeps vacuum from removing them.
 *
 * <p>A number is complete when no transaction that held the tables' lock at the time it was handed out is still running.
 * So a round reads how far the sequence has come and, after it, who holds that lock; as soon as none of those is left,
 * the smallest visible number at or above the old floor, or the remembered end, is the new floor.
 *
 * <p>Prepared transactions that nobody ends do not count: see {@link InDoubt}.
 *
 * <p>Used by one thread.
 */
public final class Floors {

    /** Most transactions end within a moment; for others the next step looks again. */
    private static final int LOOKS = 3;

    private static final int PAUSE_NANOS = 1_000_000;

    /** How often is looked below the floors. */
    private static final long BELOW_NANOS =
            TimeUnit.MILLISECONDS.toNanos(Long.getLong("io.sqlmq.engine.belowFloorsMillis", 20_000));

    /**
     * Floors of what waits are passed by what somebody writes to be due in the past. That is looked for so often, and at most
     * for one part in so many of the time.
     */
    private final long belowNanos =
            TimeUnit.MILLISECONDS.toNanos(Long.getLong("io.sqlmq.engine.lookBelowMillis", 5_000));

    private static final int BELOW_PARTS = 50;

    /**
     * What was complete when everybody in {@code writers} had ended: numbers up to {@code last}, what was given back before round
     * {@code atOnce} began, and what is due before {@code time}, in microseconds since 1970.
     */
    private record Round(long last, long atOnce, long time, Set<String> writers) {}

    private final Database database;
    private final Statements sql;
    private final Wakeups wakeups;
    private @Nullable Round round;
    private final Set<ClaimCursor> due = new HashSet<>();
    private final Set<Channel> dueWaiting = new HashSet<>();
    private long nextBelow = System.nanoTime() + belowNanos;
    private final InDoubt inDoubt;
    private long lookedBelow = System.nanoTime();

    public Floors(Database database, Statements sql, Wakeups wakeups) {
        this.database = database;
        this.sql = sql;
        this.wakeups = wakeups;
        this.inDoubt = new InDoubt(sql.schema());
    }

    /** One step, if any channel has moved on enough. */
    public void advance(Collection<Channel> channels) throws SQLException {
        if (inDoubt.anyPassed()) {
            forgetIfEnded(channels);
        } else if (System.nanoTime() - lookedBelow > BELOW_NANOS) {
            lookBelow(channels);
            lookedBelow = System.nanoTime();
        }
        if (System.nanoTime() - nextBelow >= 0) {
            lookBelowWaiting(channels);
        }
        for (Channel channel : channels) {
            if (channel.hasPassedWaiting()) {
                dueWaiting.add(channel);
            }
            for (ClaimCursor cursor : cursors(channel)) {
                if (cursor.hasPassedMany()) {
                    due.add(cursor);
                }
            }
        }
        if (due.isEmpty()) {
            return;
        }
        Connection connection = database.connections().takeForSend();
        try {
            inDoubt.refresh(connection);
            Round current = round;
            if (current == null) {
                current = begin(connection);
                round = current;
            }
            if (!haveEnded(current.writers(), connection)) {
                return;
            }
            raise(connection, current.last());
            raiseWaiting(connection, current);
            due.clear();
            dueWaiting.clear();
            round = null;
        } finally {
            Failures.close(connection);
        }
    }

    private boolean haveEnded(Set<String> writers, Connection connection) throws SQLException {
        for (int look = 0; !writers.isEmpty(); look++) {
            if (look == LOOKS) {
                return false;
            }
            LockSupport.parkNanos(this, PAUSE_NANOS);
            Set<String> running = new HashSet<>();
            addWriters(new Pipeline(), running).run(connection);
            running.retainAll(writers);
            if (inDoubt.settle(running).isEmpty()) {
                return true;
            }
        }
        return true;
    }

    /** Whether floors have passed what transactions in doubt hold; any thread. */
    public boolean havePassedAnyInDoubt() {
        return inDoubt.anyPassed();
    }

    private void forgetIfEnded(Collection<Channel> channels) throws SQLException {
        Connection connection = database.connections().takeForSend();
        try {
            if (inDoubt.anyEnded(connection)) {
                forget(channels);
                wakeups.signalAll();
            }
        } finally {
            Failures.close(connection);
        }
    }

    /** The sequence may have been rewound (failover, restore), or a transaction in doubt has ended. */
    public void forget(Collection<Channel> channels) {
        inDoubt.clear();
        round = null;
        for (Channel channel : channels) {
            channel.setWaiting(null);
            channel.cursors().all().forEach(cursor -> cursor.setLanes(ClaimCursor.RankRange.ALL));
        }
    }

    /** Who writes is read last: what others write later has a higher number, is given back later, or is due later. */
    private Round begin(Connection connection) throws SQLException {
        long[] complete = new long[3];
        Set<String> writers = new HashSet<>();
        Pipeline pipeline = new Pipeline().query(sql.complete, p -> {}, rows -> {
            rows.next();
            for (int i = 0; i < complete.length; i++) {
                complete[i] = rows.getLong(i + 1);
            }
        });
        addWriters(pipeline, writers).run(connection);
        return new Round(complete[0], complete[1], complete[2], writers);
    }

    private Pipeline addWriters(Pipeline pipeline, Set<String> into) {
        return pipeline.query(sql.writers, p -> {}, rows -> {
            while (rows.next()) {
                into.add(rows.getString(1));
            }
        });
    }

    private void raise(Connection connection, long last) throws SQLException {
        Pipeline pipeline = new Pipeline();
        VisibleRows looks = new VisibleRows(sql);
        Map<ClaimCursor, Map<Integer, long[]>> raised = new HashMap<>();
        for (ClaimCursor cursor : due) {
            Map<Integer, long[]> floors = floors(cursor);
            for (int rank = 0; rank <= 9; rank++) {
                if (cursor.hasTakenFrom(rank)) {
                    raised.put(cursor, floors);
                    long[] floor = floors.computeIfAbsent(rank, r -> new long[VisibleRows.TABLES]);
                    for (int table = 0; table < VisibleRows.TABLES; table++) {
                        addLook(pipeline, looks, cursor, rank, floor, table, last);
                    }
                }
            }
        }
        looks.addTo(pipeline);
        if (!pipeline.isEmpty()) {
            pipeline.run(connection);
            raised.forEach((cursor, floors) -> cursor.setLanes(ranges(floors)));
        }
    }

    /** The floors that a cursor has, by rank. */
    private static Map<Integer, long[]> floors(ClaimCursor cursor) {
        Map<Integer, long[]> floors = new HashMap<>();
        for (ClaimCursor.RankRange range : cursor.ranges()) {
            if (range.floor() > 0) {
                floors.put(range.from(), new long[] {range.floor(), range.unloggedFloor(), range.groupedFloor()});
            }
        }
        return floors;
    }

    private void addLook(
            Pipeline pipeline, VisibleRows looks, ClaimCursor cursor, int rank, long[] floors, int table, long last) {
        long floor = floors[table];
        if (!inDoubt.isEmpty()) {
            inDoubt.raise(
                    pipeline, cursor, rank, table == 1, table == 2, floor, last, raised -> floors[table] = raised);
            return;
        }
        looks.ask(
                cursor,
                rank,
                floor,
                table,
                number -> floors[table] = Math.max(floor, number == null ? last + 1 : Math.min(number, last + 1)));
    }

    /**
     * Nothing appears below a floor, unless somebody writes a row with a number of his own. Whoever has one is found in time, at a
     * cost that does not count: its cursor forgets its floors until they are raised again.
     */
    private void lookBelow(Collection<Channel> channels) throws SQLException {
        VisibleRows looks = new VisibleRows(sql);
        Set<ClaimCursor> passed = new HashSet<>();
        for (Channel channel : channels) {
            for (ClaimCursor cursor : cursors(channel)) {
                for (ClaimCursor.RankRange range : cursor.ranges()) {
                    long[] floors = {range.floor(), range.unloggedFloor(), range.groupedFloor()};
                    for (int table = 0; table < VisibleRows.TABLES; table++) {
                        long floor = floors[table];
                        if (floor > 0) {
                            looks.ask(cursor, range.from(), 0, table, number -> {
                                if (number != null && number < floor) {
                                    passed.add(cursor);
                                }
                            });
                        }
                    }
                }
            }
        }
        Pipeline pipeline = new Pipeline();
        looks.addTo(pipeline);
        if (pipeline.isEmpty()) {
            return;
        }
        Connection connection = database.connections().takeForSend();
        try {
            pipeline.run(connection);
        } finally {
            Failures.close(connection);
        }
        if (!passed.isEmpty()) {
            passed.forEach(cursor -> cursor.setLanes(ClaimCursor.RankRange.ALL));
            wakeups.signalAll();
        }
    }

    private static Collection<ClaimCursor> cursors(Channel channel) {
        return channel.cursors().isPlainOnly()
                ? List.of(channel.cursors().plain())
                : channel.cursors().all();
    }

    private void raiseWaiting(Connection connection, Round complete) throws SQLException {
        Map<String, Channel> without = new HashMap<>();
        for (Channel channel : dueWaiting) {
            if (channel.waiting() == null) {
                without.put(channel.name(), channel);
            } else {
                raiseWaiting(connection, channel, complete);
            }
        }
        if (!without.isEmpty()) {
            new Pipeline()
                    .query(
                            sql.passWaitingFirst,
                            p -> p.texts(without.keySet().toArray(String[]::new))
                                    .bigint(complete.atOnce())
                                    .bigint(complete.time()),
                            rows -> {
                                while (rows.next()) {
                                    passed(without.get(rows.getString(1)), rows.getString(2), rows.getBoolean(3));
                                }
                            })
                    .run(connection);
        }
    }

    private void raiseWaiting(Connection connection, Channel channel, Round complete) throws SQLException {
        String since = channel.waiting();
        new Pipeline()
                .query(
                        sql.passWaiting,
                        p -> p.text(channel.name())
                                .literal(since)
                                .bigint(complete.atOnce())
                                .bigint(complete.time()),
                        rows -> {
                            rows.next();
                            passed(channel, rows.getString(1), rows.getBoolean(2));
                        })
                .run(connection);
    }

    private static void passed(Channel channel, @Nullable String since, boolean again) {
        channel.setWaiting(since);
        if (again) {
            channel.passedWaiting();
            channel.cursors().plain().passedOver(ClaimCursor.MESSAGES);
        }
    }

    /** The engine writes nothing that is due in the past, but others may, and the server's clock may be put back. */
    private void lookBelowWaiting(Collection<Channel> channels) throws SQLException {
        List<Channel> raised = channels.stream()
                .filter(channel -> channel.hasConsumers() && channel.waiting() != null)
                .toList();
        long began = System.nanoTime();
        if (!raised.isEmpty()) {
            Connection connection = database.connections().takeForSend();
            try {
                for (Channel channel : raised) {
                    lookBelowWaiting(connection, channel);
                }
            } finally {
                Failures.close(connection);
            }
        }
        long now = System.nanoTime();
        nextBelow = now + Math.max(belowNanos, BELOW_PARTS * (now - began));
    }

    private void lookBelowWaiting(Connection connection, Channel channel) throws SQLException {
        String since = channel.waiting();
        new Pipeline()
                .query(
                        sql.anyWaitingBefore,
                        p -> p.text(channel.name()).literal(since).literal(since),
                        rows -> {
                            rows.next();
                            if (rows.getBoolean(1)) {
                                channel.setWaiting(null);
                                channel.cursors().all().forEach(ClaimCursor::lookEverywhere);
                                wakeups.signalAll();
                            }
                        })
                .run(connection);
    }

    /** A rank range begins at each rank with a floor and goes on to the next: after its rank come the others from their start. */
    private static List<ClaimCursor.RankRange> ranges(Map<Integer, long[]> floors) {
        List<ClaimCursor.RankRange> ranges = new ArrayList<>();
        int from = 0;
        for (int rank = 0; rank <= 9; rank++) {
            if (rank == 9 || floors.containsKey(rank + 1)) {
                long[] floor = floors.getOrDefault(from, new long[VisibleRows.TABLES]);
                ranges.add(new ClaimCursor.RankRange(from, rank, floor[0], floor[1], floor[2]));
                from = rank + 1;
            }
        }
        return List.copyOf(ranges);
    }
}
