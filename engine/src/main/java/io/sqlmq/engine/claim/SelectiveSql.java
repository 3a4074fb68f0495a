package io.sqlmq.engine.claim;

import io.sqlmq.engine.jdbc.Sql;
import io.sqlmq.engine.model.Selection;

/**
 * Claims and looks with a selection: what mq_claim does, with the predicate in the statement, so that it sees the whole
 * backlog.
 */
final class SelectiveSql {

    private static final String NAIL = """
            SELECT pg_catalog.set_config('sqlmq.planner', pg_catalog.concat_ws(',', pg_catalog.current_setting('enable_seqscan'),
                     pg_catalog.current_setting('enable_bitmapscan'), pg_catalog.current_setting('enable_sort'), pg_catalog.current_setting('jit')), true),
                   pg_catalog.set_config('enable_seqscan', 'off', true), pg_catalog.set_config('enable_bitmapscan', 'off', true),
                   pg_catalog.set_config('enable_sort', '%s', true), pg_catalog.set_config('jit', 'off', true)""";

    private static final String NAIL_ORDERED = NAIL.formatted("off");
    private static final String NAIL_SORTED = NAIL.formatted("on");

    static final String LOOSEN = """
            SELECT pg_catalog.set_config('enable_seqscan', pg_catalog.split_part(pg_catalog.current_setting('sqlmq.planner'), ',', 1), true),
                   pg_catalog.set_config('enable_bitmapscan', pg_catalog.split_part(pg_catalog.current_setting('sqlmq.planner'), ',', 2), true),
                   pg_catalog.set_config('enable_sort', pg_catalog.split_part(pg_catalog.current_setting('sqlmq.planner'), ',', 3), true),
                   pg_catalog.set_config('jit', pg_catalog.split_part(pg_catalog.current_setting('sqlmq.planner'), ',', 4), true)""";

    private static final String DUE = """
            SELECT %2$s AS twin, w.* FROM (
              SELECT %3$s FROM %1$s m
               WHERE m.channel_name = ? AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
                 AND (m.lease_owner IS NULL OR (m.lease_owner <> ? AND (? OR m.attempt_at = 'epoch')))
                 AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%4$s)
               ORDER BY m.attempt_at, m.prio_rank, m.seq
               LIMIT %5$s FOR UPDATE SKIP LOCKED) w""";

    private static final String GROUPED_DUE = """
            SELECT false AS twin, w.* FROM (
              SELECT %2$s FROM %1$s.mq_msgs m
               WHERE m.channel_name = ? AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
                 AND (m.lease_owner IS NULL OR (m.lease_owner <> ? AND (? OR m.attempt_at = 'epoch')))
                 AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%3$s)
                 AND m.slot = ANY (pg_catalog.current_setting('sqlmq.slots')::smallint[])
                 AND NOT %1$s.mq_group_waits(
                       m.channel_name, m.grp, m.prio_rank, m.seq,
                       m.delivery_time IS NULL OR m.delivery_count > 0 OR m.lease_owner IS NOT NULL,
                       m.lease_owner IS NOT NULL, ?, ?, ?)
               ORDER BY m.attempt_at, m.prio_rank, m.seq
               LIMIT (SELECT k FROM wanted) FOR UPDATE SKIP LOCKED) w""";

    private static final String GROUPED_READY = """
            SELECT false AS twin, w.* FROM unnest(?::smallint[], ?::smallint[], ?::bigint[]) AS lane (lo, hi, floor), LATERAL (
              SELECT %2$s FROM %1$s.mq_msgs m
               WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                 AND (m.prio_rank, m.seq) >= (lane.lo, lane.floor) AND m.prio_rank <= lane.hi
                 AND (m.prio_rank, m.seq)
                     < (pg_catalog.current_setting('sqlmq.slots_rank')::integer, pg_catalog.current_setting('sqlmq.slots_seq')::bigint)
                 AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%3$s)
                 AND m.slot = ANY (pg_catalog.current_setting('sqlmq.slots')::smallint[])
                 AND NOT %1$s.mq_group_waits(
                       m.channel_name, m.grp, m.prio_rank, m.seq, false, false,
                       ?::bigint[] OPERATOR(pg_catalog.||) ARRAY(SELECT d.seq FROM grouped_due d), ?, ?)
               ORDER BY m.prio_rank, m.seq
               LIMIT (SELECT k FROM wanted) FOR UPDATE SKIP LOCKED) w LIMIT (SELECT k FROM wanted)""";

    /** How many selected messages of groups a claim looks at, besides those that it is to bring. */
    private static final int CANDIDATES = 1_000;

    private static final String HOLD = """
            SELECT %1$s.mq_hold_selected(?, ?, pg_catalog.array_agg(c.slot), pg_catalog.array_agg(c.grp), pg_catalog.array_agg(c.prio_rank),
                     pg_catalog.array_agg(c.seq), pg_catalog.array_agg(c.due), pg_catalog.array_agg(c.back), pg_catalog.array_agg(c.leased), ?, ?, ?) FROM (
              (SELECT m.slot, m.grp, m.prio_rank, m.seq, true AS due,
                      m.delivery_time IS NULL OR m.delivery_count > 0 OR m.lease_owner IS NOT NULL AS back,
                      m.lease_owner IS NOT NULL AS leased
                 FROM %1$s.mq_msgs m
                WHERE m.channel_name = ? AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
                  AND (m.lease_owner IS NULL OR (m.lease_owner <> ? AND (? OR m.attempt_at = 'epoch')))
                  AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%2$s)
                ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT %3$d)
              UNION ALL
              (SELECT r.* FROM unnest(?::smallint[], ?::smallint[], ?::bigint[]) AS lane (lo, hi, floor), LATERAL (
                 SELECT m.slot, m.grp, m.prio_rank, m.seq, false, false, false FROM %1$s.mq_msgs m
                  WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                    AND (m.prio_rank, m.seq) >= (lane.lo, lane.floor) AND m.prio_rank <= lane.hi
                    AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%2$s)
                  ORDER BY m.prio_rank, m.seq LIMIT %3$d) r LIMIT %3$d)) c""";

    private static final String READY = """
            SELECT %2$s AS twin, w.* FROM unnest(?::smallint[], ?::smallint[], ?::bigint[]) AS lane (lo, hi, floor), LATERAL (
              SELECT %3$s FROM %1$s m
               WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NULL
                 AND (m.prio_rank, m.seq) >= (lane.lo, lane.floor) AND m.prio_rank <= lane.hi
                 AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%4$s)
               ORDER BY m.prio_rank, m.seq
               LIMIT %5$s FOR UPDATE SKIP LOCKED) w LIMIT %5$s""";

    private SelectiveSql() {}

    /**
     * The planner switches that functions set for themselves; undone by {@link #LOOSEN}, because the application may be using
     * the same transaction. A plan for an empty table must not stay when the table is full. Rows come in their order from
     * an index, unless there are so few that it is better to find them by their correlation id and to sort them.
     */
    static String nail(Selection selection) {
        return selection.correlated() ? NAIL_SORTED : NAIL_ORDERED;
    }

    /**
     * Locks the groups from which the claim that follows may take, see mq_hold_selected. Parameters: see
     * {@link SelectiveClaim}.
     */
    static String hold(String schema, String predicate) {
        return HOLD.formatted(schema, predicate, CANDIDATES);
    }

    /** Parameters: see {@link SelectiveClaim}. */
    static String claim(String schema, String predicate, long most) {
        String columns = Rows.claimColumns(schema, most);
        String limit = "(SELECT k FROM wanted)";
        String rest = "(SELECT greatest(0, k - (SELECT count(*) FROM due)) FROM wanted)";
        String twinRest =
                "(SELECT greatest(0, k - (SELECT count(*) FROM due) - (SELECT count(*) FROM ready)) FROM wanted)";
        String logged = schema + ".mq_msgs";
        String unlogged = schema + ".mq_msgs_unlogged";
        return "WITH wanted AS MATERIALIZED (SELECT ?::bigint AS k),\n grouped_due AS MATERIALIZED ("
                + GROUPED_DUE.formatted(schema, columns, predicate)
                + "),\n grouped_ready AS MATERIALIZED ("
                + GROUPED_READY.formatted(schema, columns, predicate)
                + "),\n due AS MATERIALIZED ("
                + DUE.formatted(logged, "false", columns, predicate, limit)
                + "),\n ready AS MATERIALIZED ("
                + READY.formatted(logged, "false", columns, predicate, rest)
                + "),\n twin_due AS MATERIALIZED ("
                + DUE.formatted(unlogged, "true", columns, predicate, twinRest)
                + "),\n twin_ready AS MATERIALIZED ("
                + READY.formatted(unlogged, "true", columns, predicate, twinRest)
                + ")\nSELECT " + Rows.claimed(schema) + ", " + Sql.sign(schema)
                + " FROM (SELECT * FROM grouped_due UNION ALL SELECT * FROM grouped_ready"
                + " UNION ALL SELECT * FROM due UNION ALL SELECT * FROM ready UNION ALL SELECT * FROM twin_due"
                + " UNION ALL SELECT * FROM twin_ready) c";
    }

    /** The first visible sequence number of a rank that is selected: parameters channel, rank, floor, the predicate's. */
    static String visible(String schema, boolean twin, boolean grouped, String predicate) {
        return """
                SELECT m.seq FROM %1$s.%2$s m
                 WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS %4$s
                   AND m.prio_rank = ?::smallint AND m.seq >= ? AND (%3$s)
                 ORDER BY m.seq LIMIT 1""".formatted(schema, twin ? "mq_msgs_unlogged" : "mq_msgs", predicate, grouped ? "NOT NULL" : "NULL");
    }
}
