package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.model.Selection;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Prepared transactions that nobody ends: {@link Floors} do not wait for them but pass what they have written and
 * locked, so that one of them does not make every claim slower and slower. As soon as one that was passed has ended, all
 * floors are to be forgotten, because what it wrote or let go is below them.
 *
 * <p>{@link #refresh}, {@link #settle} and {@link #raise} are used by one thread; the others are thread-safe.
 */
final class InDoubt {

    /** A transaction that has been prepared for so long is not just about to be committed. */
    private static final String PATIENCE = "interval '5 s'";

    private static final long SAMPLE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int PAGE = 100;

    /** The 64-bit number of a transaction that has been given to somebody. */
    private static final String FULL = """
            (SELECT CASE WHEN w.wide >= w.until THEN w.wide - 4294967296 ELSE w.wide END
               FROM (SELECT n.until, (n.until & ~4294967295) | %s::text::bigint AS wide
                       FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS until) n) w)""";

    private static final String PREPARED = """
            SELECT %s, (SELECT min(l.virtualtransaction) FROM pg_catalog.pg_locks l
                         WHERE l.pid IS NULL AND l.locktype = 'transactionid' AND l.transactionid = p.transaction)
              FROM pg_catalog.pg_prepared_xacts p
             WHERE p.database = current_database() AND p.prepared < statement_timestamp() - %s""".formatted(FULL.formatted("p.transaction"), PATIENCE);

    private static final String NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

    private static final String ENDED = """
            SELECT EXISTS (SELECT FROM pg_catalog.unnest(?::bigint[]) AS x (id)
                            WHERE pg_catalog.pg_xact_status(x.id::text::xid8) IS DISTINCT FROM 'in progress')""";

    private static final String VISIBLE = """
            SELECT v.seq,
                   CASE WHEN v.holder > 2 THEN
                     CASE WHEN pg_catalog.pg_xact_status(v.holder::text::xid8) = 'in progress' THEN v.holder ELSE 0 END
                   ELSE 0 END
              FROM (SELECT m.seq, %4$s AS holder
                      FROM %1$s.%2$s m
                     WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS %6$s AND m.prio_rank = ?::smallint
                       AND m.seq >= ? AND (%3$s)
                     ORDER BY m.seq LIMIT %5$d) v
             ORDER BY v.seq""";

    private final String schema;
    private final Set<Long> passed = ConcurrentHashMap.newKeySet();
    private Map<String, Long> writers = Map.of();
    private long oldest;
    private long settledBefore;
    private long sample;
    private long sampledAt;

    InDoubt(String schema) {
        this.schema = schema;
    }

    /** Whether any floor has passed any of them. */
    boolean anyPassed() {
        return !passed.isEmpty();
    }

    /** All floors are forgotten. */
    void clear() {
        passed.clear();
    }

    /** Whether one that was passed has ended. */
    boolean anyEnded(Connection connection) throws SQLException {
        Long[] ids = passed.toArray(Long[]::new);
        boolean[] ended = new boolean[1];
        new Pipeline()
                .query(ENDED, p -> p.bigints(ids), rows -> {
                    rows.next();
                    ended[0] = rows.getBoolean(1);
                })
                .run(connection);
        return ended[0];
    }

    /** Looks which there are now. */
    void refresh(Connection connection) throws SQLException {
        Map<String, Long> found = new HashMap<>();
        long[] next = new long[1];
        new Pipeline()
                .query(PREPARED, p -> {}, rows -> {
                    while (rows.next()) {
                        @Nullable String virtual = rows.getString(2);
                        found.put(virtual == null ? "" : virtual, rows.getLong(1));
                    }
                })
                .query(NEXT, p -> {}, rows -> {
                    rows.next();
                    next[0] = rows.getLong(1);
                })
                .run(connection);
        writers = found;
        oldest = found.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
        long now = System.nanoTime();
        if (sample == 0 || now - sampledAt > SAMPLE_NANOS) {
            settledBefore = sample;
            sample = next[0];
            sampledAt = now;
        }
    }

    /** Whether there are any. */
    boolean isEmpty() {
        return writers.isEmpty();
    }

    /** Those of the running transactions, by their virtual numbers, that are not in doubt; the others count as passed. */
    Set<String> settle(Set<String> running) {
        Set<String> others = new HashSet<>();
        for (String virtual : running) {
            Long id = writers.get(virtual);
            if (id == null) {
                others.add(virtual);
            } else {
                passed.add(id);
            }
        }
        return others;
    }

    /**
     * Adds the look for the first row of a rank that nobody in doubt holds. A row's holder may be a subtransaction, of
     * which nothing tells whose it is; its number lies between that of the oldest in doubt and what was handed out some
     * seconds ago. Should it be that of a long transaction of another kind, its end is noticed all the same.
     *
     * @param last up to which number all are complete
     * @param raised gets the floor
     */
    void raise(
            Pipeline pipeline,
            ClaimCursor cursor,
            int rank,
            boolean unlogged,
            boolean grouped,
            long floor,
            long last,
            Raised raised) {
        Selection selection = cursor.selection();
        String sql = VISIBLE.formatted(
                schema,
                unlogged ? "mq_msgs_unlogged" : "mq_msgs",
                selection == null ? "true" : selection.predicate(),
                FULL.formatted("m.xmax"),
                PAGE,
                grouped ? "NOT NULL" : "NULL");
        String channel = cursor.channel().name();
        pipeline.query(
                sql,
                p -> {
                    p.text(channel).integer(rank).bigint(floor);
                    if (selection != null) {
                        p.values(selection.parameters());
                    }
                },
                rows -> {
                    Set<Long> holders = new HashSet<>();
                    long to = last + 1;
                    int count = 0;
                    while (rows.next() && rows.getLong(1) <= last) {
                        long holder = rows.getLong(2);
                        if (holder < oldest || holder >= settledBefore) {
                            to = rows.getLong(1);
                            break;
                        }
                        holders.add(holder);
                        count++;
                        if (count == PAGE) {
                            to = rows.getLong(1) + 1;
                        }
                    }
                    passed.addAll(holders);
                    raised.to(Math.max(floor, to));
                });
    }

    /** Takes a new floor. */
    @FunctionalInterface
    interface Raised {
        void to(long floor);
    }
}
