package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ClaimCursor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The claim of a queue that flows: ready rows of one table in a plain statement. It costs the server half of what the
 * function mq_claim does, which looks everywhere.
 */
public final class ReadyClaimStatements {

    private static final String SWITCHES = "pg_catalog.set_config('enable_seqscan', 'off', true),"
            + " pg_catalog.set_config('enable_bitmapscan', 'off', true), pg_catalog.set_config('enable_sort', 'off', true),"
            + " pg_catalog.set_config('jit', 'off', true), pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)";

    /** The inner columns are read also of rows that others have locked, the outer ones only of what is claimed. */
    private static final String CLAIM = """
            SELECT %2$s FROM (
              SELECT %4$s FROM %1$s m
               WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NULL
                 AND (m.prio_rank, m.seq) >= (?::smallint, ?) AND m.prio_rank <= ?::smallint%5$s%3$s
               ORDER BY m.prio_rank, m.seq
               LIMIT ? FOR UPDATE SKIP LOCKED) m""";

    /**
     * Nothing when there is a message in the rank range before: then the claim has to look everywhere. Asked for in the order of an
     * index, since EXISTS may be planned with the primary key if the statistics are of an empty table.
     */
    private static final String GATE = """

               AND (SELECT true FROM %1$s b
                     WHERE b.channel_name = ? AND b.attempt_at IS NULL AND b.slot IS NULL
                       AND (b.prio_rank, b.seq) >= (?::smallint, ?) AND b.prio_rank <= ?::smallint
                     ORDER BY b.prio_rank, b.seq LIMIT 1) IS NULL""";

    /** Cheaper than to find that a row is locked. Passes over what was locked once and let go, too. */
    private static final String UNTOUCHED = " AND m.xmax = 0";

    /** A transaction is not kept from the rows that it has locked itself. */
    private static final String NOT_HELD = " AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[]))";

    /** Deletes what the transaction has locked; see {@link #pinPlanner}. */
    public final String delete;

    private final String schema;
    private final long most;
    private final Map<String, String> claims = new ConcurrentHashMap<>();

    public ReadyClaimStatements(String schema, long most) {
        this.schema = schema;
        this.most = most;
        delete = "DELETE FROM " + schema
                + ".mq_msgs WHERE channel_name = ? COLLATE pg_catalog.\"POSIX\" AND ctid = ANY (?::tid[])";
    }

    /**
     * Sets for the transaction what the functions set for themselves: a plan made for an empty table must not stay when the
     * table is full. With it goes what else the transaction needs.
     *
     * @param remember whether {@link #UNPIN_PLANNER} may have to undo it
     * @param idleMillis when the server is to end the transaction because it is idle; 0 or less leaves that alone
     * @param relaxed whether its commit need not wait for the disk
     */
    public static String pinPlanner(boolean remember, long idleMillis, boolean relaxed) {
        return "SELECT "
                + (remember
                        ? "pg_catalog.set_config('sqlmq.window', pg_catalog.concat_ws(',', pg_catalog.current_setting('enable_seqscan'),"
                                + " pg_catalog.current_setting('enable_bitmapscan'), pg_catalog.current_setting('enable_sort'),"
                                + " pg_catalog.current_setting('jit'), pg_catalog.current_setting('plan_cache_mode')), true), "
                        : "")
                + SWITCHES
                + (idleMillis > 0
                        ? ", pg_catalog.set_config('idle_in_transaction_session_timeout', '" + idleMillis + "', true)"
                        : "")
                + (relaxed ? ", pg_catalog.set_config('synchronous_commit', 'off', true)" : "");
    }

    /** Undoes {@link #pinPlanner} before the application uses the transaction. */
    public static final String UNPIN_PLANNER = """
            SELECT pg_catalog.set_config('enable_seqscan', pg_catalog.split_part(s, ',', 1), true),
                   pg_catalog.set_config('enable_bitmapscan', pg_catalog.split_part(s, ',', 2), true),
                   pg_catalog.set_config('enable_sort', pg_catalog.split_part(s, ',', 3), true), pg_catalog.set_config('jit', pg_catalog.split_part(s, ',', 4), true),
                   pg_catalog.set_config('plan_cache_mode', pg_catalog.split_part(s, ',', 5), true)
              FROM pg_catalog.current_setting('sqlmq.window') AS s""";

    /** Parameters: channel, rank, floor and last rank of the lane, what is held, the rank range's again for the gate, limit. */
    String claim(ClaimCursor.Ready where, boolean holds, boolean sharesBodies) {
        String key = (where.unlogged() ? "t" : "")
                + (where.before() != null ? "g" : "")
                + (where.untouched() ? "u" : "")
                + (holds ? "h" : "")
                + (sharesBodies ? "s" : "");
        return claims.computeIfAbsent(key, k -> {
            String table = schema + (where.unlogged() ? ".mq_msgs_unlogged" : ".mq_msgs");
            return CLAIM.formatted(
                    table,
                    Rows.readyColumns(schema, sharesBodies, most),
                    where.before() != null ? GATE.formatted(table) : "",
                    Rows.readyFields(most),
                    (where.untouched() ? UNTOUCHED : "") + (holds ? NOT_HELD : ""));
        });
    }
}
