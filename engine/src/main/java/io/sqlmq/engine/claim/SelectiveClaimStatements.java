package io.sqlmq.engine.claim;

import io.sqlmq.engine.jdbc.Fetched;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Selection;
import java.util.function.BinaryOperator;

/**
 * Claims and looks with a selection: what mq_claim does, with the predicate in the statement, so that it sees the whole
 * backlog.
 */
final class SelectiveClaimStatements {

    private static final String PIN_PLANNER = """
            SELECT pg_catalog.set_config('sqlmq.planner', pg_catalog.concat_ws(',', pg_catalog.current_setting('enable_seqscan'),
                     pg_catalog.current_setting('enable_bitmapscan'), pg_catalog.current_setting('enable_sort'), pg_catalog.current_setting('jit'), pg_catalog.current_setting('plan_cache_mode')), true),
                   pg_catalog.set_config('enable_seqscan', 'off', true), pg_catalog.set_config('enable_bitmapscan', 'off', true),
                   pg_catalog.set_config('enable_sort', '%s', true), pg_catalog.set_config('jit', 'off', true),
                   pg_catalog.set_config('plan_cache_mode', 'auto', true)""";

    private static final String NAIL_ORDERED = PIN_PLANNER.formatted("off");
    private static final String NAIL_SORTED = PIN_PLANNER.formatted("on");

    static final String UNPIN_PLANNER = """
            SELECT pg_catalog.set_config('enable_seqscan', pg_catalog.split_part(pg_catalog.current_setting('sqlmq.planner'), ',', 1), true),
                   pg_catalog.set_config('enable_bitmapscan', pg_catalog.split_part(pg_catalog.current_setting('sqlmq.planner'), ',', 2), true),
                   pg_catalog.set_config('enable_sort', pg_catalog.split_part(pg_catalog.current_setting('sqlmq.planner'), ',', 3), true),
                   pg_catalog.set_config('jit', pg_catalog.split_part(pg_catalog.current_setting('sqlmq.planner'), ',', 4), true),
                   pg_catalog.set_config('plan_cache_mode', pg_catalog.split_part(pg_catalog.current_setting('sqlmq.planner'), ',', 5), true)""";

    /** What is due, wherever it is. */
    private static final String ANYWHERE = "m.attempt_at <= statement_timestamp()";

    /** What was given back at once, from a place on. */
    private static final String BACK = "%s AND m.attempt_at < '1970-01-02 00:00+00'";

    /** What else is due, from a place on. */
    private static final String LATE = "%s AND m.attempt_at <= statement_timestamp()";

    private static final String DUE = """
            SELECT %2$s AS unlogged, w.* FROM (
              SELECT %3$s FROM %1$s m
               WHERE m.channel_name = ? AND %6$s AND m.slot IS NULL
                 AND (m.lease_owner IS NULL OR (m.lease_owner <> ? AND (? OR m.attempt_at < '1970-01-02 00:00+00')))
                 AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%4$s)
               ORDER BY m.attempt_at, m.prio_rank, m.seq
               LIMIT %5$s FOR UPDATE SKIP LOCKED) w""";

    private static final String GROUPED_DUE = """
            SELECT false AS unlogged, w.* FROM (
              SELECT %2$s FROM %1$s.mq_msgs m
               WHERE m.channel_name = ? AND %4$s AND m.slot IS NOT NULL
                 AND (m.lease_owner IS NULL OR (m.lease_owner <> ? AND (? OR m.attempt_at < '1970-01-02 00:00+00')))
                 AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%3$s)
                 AND m.slot = ANY (pg_catalog.current_setting('sqlmq.slots')::smallint[])
                 AND NOT %1$s.mq_group_waits(
                       m.channel_name, m.grp, m.prio_rank, m.seq,
                       m.delivery_time IS NULL OR m.delivery_count > 0 OR m.lease_owner IS NOT NULL,
                       m.lease_owner IS NOT NULL, ?, ?, ?, %5$s)
               ORDER BY m.attempt_at, m.prio_rank, m.seq
               LIMIT %6$s FOR UPDATE SKIP LOCKED) w""";

    private static final String GROUPED_READY = """
            SELECT false AS unlogged, w.* FROM unnest(?::smallint[], ?::smallint[], ?::bigint[]) AS ranks (lo, hi, floor), LATERAL (
              SELECT %2$s FROM %1$s.mq_msgs m
               WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                 AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= ranks.hi
                 AND (m.prio_rank, m.seq)
                     < (pg_catalog.current_setting('sqlmq.slots_rank')::integer, pg_catalog.current_setting('sqlmq.slots_seq')::bigint)
                 AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%3$s)
                 AND m.slot = ANY (pg_catalog.current_setting('sqlmq.slots')::smallint[])
                 AND NOT %1$s.mq_group_waits(
                       m.channel_name, m.grp, m.prio_rank, m.seq, false, false,
                       ?::bigint[] OPERATOR(pg_catalog.||) ARRAY(SELECT d.seq FROM grouped_due d), ?, ?, %4$s)
               ORDER BY m.prio_rank, m.seq
               LIMIT (SELECT k FROM wanted) FOR UPDATE SKIP LOCKED) w LIMIT (SELECT k FROM wanted)""";

    /** How many selected messages of groups a claim looks at, besides those that it is to bring. */
    private static final int CANDIDATES = 1_000;

    private static final String HOLD = """
            %4$sSELECT %1$s.mq_hold_selected(?, ?, pg_catalog.array_agg(c.slot), pg_catalog.array_agg(c.grp), pg_catalog.array_agg(c.prio_rank),
                     pg_catalog.array_agg(c.seq), pg_catalog.array_agg(c.due), pg_catalog.array_agg(c.back), pg_catalog.array_agg(c.leased), ?, ?, ?, %5$s) FROM (
              %6$s
              UNION ALL
              (SELECT r.* FROM unnest(?::smallint[], ?::smallint[], ?::bigint[]) AS ranks (lo, hi, floor), LATERAL (
                 SELECT m.slot, m.grp, m.prio_rank, m.seq, false, false, false FROM %1$s.mq_msgs m
                  WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                    AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= ranks.hi
                    AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%2$s)
                  ORDER BY m.prio_rank, m.seq LIMIT %3$d) r LIMIT %3$d)) c""";

    private static final String HOLD_DUE = """
            (SELECT m.slot, m.grp, m.prio_rank, m.seq, true AS due,
                    m.delivery_time IS NULL OR m.delivery_count > 0 OR m.lease_owner IS NOT NULL AS back,
                    m.lease_owner IS NOT NULL AS leased
               FROM %1$s.mq_msgs m
              WHERE m.channel_name = ? AND %4$s AND m.slot IS NOT NULL
                AND (m.lease_owner IS NULL OR (m.lease_owner <> ? AND (? OR m.attempt_at < '1970-01-02 00:00+00')))
                AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%2$s)
              ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT %3$d)""";

    private static final String READY = """
            SELECT %2$s AS unlogged, w.* FROM unnest(?::smallint[], ?::smallint[], ?::bigint[]) AS ranks (lo, hi, floor), LATERAL (
              SELECT %3$s FROM %1$s m
               WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NULL
                 AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= ranks.hi
                 AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[])) AND m.xmin <> ALL (?::xid[]) AND (%4$s)
               ORDER BY m.prio_rank, m.seq
               LIMIT %5$s FOR UPDATE SKIP LOCKED) w LIMIT %5$s""";

    private SelectiveClaimStatements() {}

    /**
     * The planner switches that functions set for themselves; undone by {@link #UNPIN_PLANNER}, because the application may be using
     * the same transaction. A plan for an empty table must not stay when the table is full. Rows come in their order from
     * an index, unless there are so few that it is better to find them by their correlation id and to sort them.
     */
    static String pinPlanner(Selection selection) {
        return selection.correlated() ? NAIL_SORTED : NAIL_ORDERED;
    }

    /**
     * Locks the groups from which the claim that follows may take, see mq_hold_selected. Parameters: see
     * {@link SelectiveClaimParameters}.
     *
     * @param behind whether it begins where rows that wait begin
     */
    static String hold(String schema, String predicate, boolean behind) {
        String due = behind
                ? HOLD_DUE.formatted(schema, predicate, CANDIDATES, BACK.formatted(place(schema, 13))) + " UNION ALL "
                        + HOLD_DUE.formatted(schema, predicate, CANDIDATES, LATE.formatted(place(schema, 16)))
                : HOLD_DUE.formatted(schema, predicate, CANDIDATES, ANYWHERE);
        String wanted = behind ? "WITH wanted AS MATERIALIZED (SELECT ?::bigint[] AS since)\n" : "";
        return HOLD.formatted(schema, predicate, CANDIDATES, wanted, since(behind), due);
    }

    /**
     * Parameters: see {@link SelectiveClaimParameters}.
     *
     * @param behind whether it begins where rows that wait begin
     */
    static String claim(String schema, String predicate, long most, boolean behind) {
        String columns = Rows.claimColumns(schema, most);
        String limit = "(SELECT k FROM wanted)";
        String rest = "(SELECT greatest(0, k - (SELECT count(*) FROM due)) FROM wanted)";
        String unloggedRest =
                "(SELECT greatest(0, k - (SELECT count(*) FROM due) - (SELECT count(*) FROM ready)) FROM wanted)";
        String logged = schema + ".mq_msgs";
        String unlogged = schema + ".mq_msgs_unlogged";
        String since = since(behind);
        return "WITH wanted AS MATERIALIZED (SELECT ?::bigint AS k" + (behind ? ", ?::bigint[] AS since" : "") + "),\n "
                + due(
                        schema,
                        behind,
                        "grouped_due",
                        limit,
                        13,
                        (range, upTo) -> GROUPED_DUE.formatted(schema, columns, predicate, range, since, upTo))
                + ",\n grouped_ready AS MATERIALIZED ("
                + GROUPED_READY.formatted(schema, columns, predicate, since)
                + "),\n "
                + due(
                        schema,
                        behind,
                        "due",
                        limit,
                        1,
                        (range, upTo) -> DUE.formatted(logged, "false", columns, predicate, upTo, range))
                + ",\n ready AS MATERIALIZED ("
                + READY.formatted(logged, "false", columns, predicate, rest)
                + "),\n "
                + due(
                        schema,
                        behind,
                        "unlogged_due",
                        unloggedRest,
                        7,
                        (range, upTo) -> DUE.formatted(unlogged, "true", columns, predicate, upTo, range))
                + ",\n unlogged_ready AS MATERIALIZED ("
                + READY.formatted(unlogged, "true", columns, predicate, unloggedRest)
                + ")\nSELECT " + Rows.claimed(schema) + ", " + Statements.sign(schema)
                + " FROM "
                + Fetched.from(
                        schema,
                        most,
                        "(SELECT * FROM grouped_due UNION ALL SELECT * FROM grouped_ready"
                                + " UNION ALL SELECT * FROM due UNION ALL SELECT * FROM ready UNION ALL SELECT * FROM unlogged_due"
                                + " UNION ALL SELECT * FROM unlogged_ready) c");
    }

    /**
     * What is due, as a part of a claim. Behind floors, what was given back at once is looked for first.
     *
     * @param place the first of the six numbers of the two places
     * @param rows makes the look from a range and a limit
     */
    private static String due(
            String schema, boolean behind, String name, String limit, int place, BinaryOperator<String> rows) {
        if (!behind) {
            return name + " AS MATERIALIZED (" + rows.apply(ANYWHERE, limit) + ")";
        }
        String rest = "(SELECT greatest(0, " + limit + " - (SELECT count(*) FROM " + name + "_back)))";
        return name + "_back AS MATERIALIZED (" + rows.apply(BACK.formatted(place(schema, place)), limit) + "),\n "
                + name + " AS MATERIALIZED (SELECT * FROM " + name + "_back UNION ALL "
                + rows.apply(LATE.formatted(place(schema, place + 3)), rest) + ")";
    }

    /** Rows from a place of mq_first_waiting on. */
    private static String place(String schema, int first) {
        return """
                (m.attempt_at, m.prio_rank, m.seq)
                   >= (%s.mq_time((SELECT since[%d] FROM wanted)), (SELECT since[%d]::smallint FROM wanted), (SELECT since[%d] FROM wanted))""".formatted(schema, first, first + 1, first + 2);
    }

    private static String since(boolean behind) {
        return behind ? "(SELECT since FROM wanted)" : "NULL::bigint[]";
    }

    /**
     * The first visible sequence numbers of ranks that are selected, by the number of the question. Parameters: ranks, floors and
     * tables (0: plain rows, 1: those of the unlogged table, 2: those of groups); then for each table the channel, and those of the
     * predicate.
     */
    static String visible(String schema, String predicate) {
        return """
                SELECT f.i, v.seq FROM unnest(?::smallint[], ?::bigint[], ?::smallint[]) WITH ORDINALITY AS f (rank, floor, t, i)
                  LEFT JOIN LATERAL (%s UNION ALL %s UNION ALL %s) AS v ON true""".formatted(
                        visible(schema, 0, "mq_msgs", "NULL", predicate),
                        visible(schema, 1, "mq_msgs_unlogged", "NULL", predicate),
                        visible(schema, 2, "mq_msgs", "NOT NULL", predicate));
    }

    private static String visible(String schema, int number, String table, String slot, String predicate) {
        return """
                (SELECT m.seq FROM %s.%s m
                 WHERE f.t = %d AND m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS %s
                   AND m.prio_rank = f.rank AND m.seq >= f.floor AND (%s)
                 ORDER BY m.seq LIMIT 1)""".formatted(schema, table, number, slot, predicate);
    }
}
