package io.sqlmq.engine;

/**
 * Claims and looks with a selection: what mq_claim does, with the predicate in the statement, so that it sees the whole
 * backlog.
 */
final class SelectiveSql {

    /**
     * The planner switches that functions set for themselves; undone below, because the application may be using the
     * same transaction. A plan for an empty table must not stay when the table is full.
     */
    static final String NAIL = """
            SELECT set_config('sqlmq.planner', concat_ws(',', current_setting('enable_seqscan'),
                     current_setting('enable_bitmapscan'), current_setting('enable_sort'), current_setting('jit')), true),
                   set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
                   set_config('enable_sort', 'off', true), set_config('jit', 'off', true)""";

    static final String LOOSEN = """
            SELECT set_config('enable_seqscan', split_part(current_setting('sqlmq.planner'), ',', 1), true),
                   set_config('enable_bitmapscan', split_part(current_setting('sqlmq.planner'), ',', 2), true),
                   set_config('enable_sort', split_part(current_setting('sqlmq.planner'), ',', 3), true),
                   set_config('jit', split_part(current_setting('sqlmq.planner'), ',', 4), true)""";

    private static final String DUE = """
            SELECT %2$s AS twin, w.* FROM (
              SELECT %3$s FROM %1$s m
               WHERE m.channel_name = ? AND m.attempt_at <= statement_timestamp()
                 AND m.seq <> ALL (?) AND m.xmin <> ALL (?::xid[]) AND (%4$s)
               ORDER BY m.attempt_at, m.prio_rank, m.seq
               LIMIT %5$s FOR UPDATE SKIP LOCKED) w""";

    private static final String READY = """
            SELECT %2$s AS twin, w.* FROM unnest(?, ?, ?) AS lane (lo, hi, floor), LATERAL (
              SELECT %3$s FROM %1$s m
               WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NULL
                 AND (m.prio_rank, m.seq) >= (lane.lo, lane.floor) AND m.prio_rank <= lane.hi
                 AND m.seq <> ALL (?) AND m.xmin <> ALL (?::xid[]) AND (%4$s)
               ORDER BY m.prio_rank, m.seq
               LIMIT %5$s FOR UPDATE SKIP LOCKED) w LIMIT %5$s""";

    private SelectiveSql() {}

    /** Parameters: see {@link Claims}. */
    static String claim(String schema, String predicate) {
        String columns = Rows.claimColumns(schema);
        String limit = "(SELECT k FROM wanted)";
        String rest = "(SELECT greatest(0, k - (SELECT count(*) FROM due)) FROM wanted)";
        String twinRest =
                "(SELECT greatest(0, k - (SELECT count(*) FROM due) - (SELECT count(*) FROM ready)) FROM wanted)";
        String logged = schema + ".mq_msgs";
        String unlogged = schema + ".mq_msgs_unlogged";
        return "WITH wanted AS MATERIALIZED (SELECT ?::bigint AS k),\n due AS MATERIALIZED ("
                + DUE.formatted(logged, "false", columns, predicate, limit)
                + "),\n ready AS MATERIALIZED ("
                + READY.formatted(logged, "false", columns, predicate, rest)
                + "),\n twin_due AS MATERIALIZED ("
                + DUE.formatted(unlogged, "true", columns, predicate, twinRest)
                + "),\n twin_ready AS MATERIALIZED ("
                + READY.formatted(unlogged, "true", columns, predicate, twinRest)
                + ")\nSELECT * FROM due UNION ALL SELECT * FROM ready UNION ALL SELECT * FROM twin_due"
                + " UNION ALL SELECT * FROM twin_ready";
    }

    /** The first visible sequence number of a rank that is selected: parameters channel, rank, floor, the predicate's. */
    static String visible(String schema, boolean twin, String predicate) {
        return """
                SELECT m.seq FROM %1$s.%2$s m
                 WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NULL AND m.prio_rank = ?::smallint
                   AND m.seq >= ? AND (%3$s)
                 ORDER BY m.seq LIMIT 1""".formatted(schema, twin ? "mq_msgs_unlogged" : "mq_msgs", predicate);
    }
}
