package io.sqlmq.engine.jdbc;

/**
 * Statements that set the planner's switches for plain claims and what belongs to them, as functions set them for themselves: a
 * plan made for an empty table must not stay when the table is full. For one transaction, or for as long as a connection of our
 * own lives.
 */
public final class PlannerPins {

    /** For the transaction. */
    public static final String PIN = "SELECT " + switches("true");

    /** The same, so that {@link #UNPIN_REMEMBERED} can undo it. */
    public static final String PIN_AND_REMEMBER = """
            SELECT pg_catalog.set_config('sqlmq.window', pg_catalog.concat_ws(',', pg_catalog.current_setting('enable_seqscan'), pg_catalog.current_setting('enable_bitmapscan'),
                     pg_catalog.current_setting('enable_sort'), pg_catalog.current_setting('jit'), pg_catalog.current_setting('plan_cache_mode')), true),
                   %s""".formatted(switches("true"));

    /**
     * Before the application uses the transaction: a query of one value, which is not null. Also within the last statement that
     * needs the switches, since the plan of that is made before it runs.
     */
    public static final String UNPIN_REMEMBERED = """
            SELECT pg_catalog.set_config('enable_seqscan', pg_catalog.split_part(s, ',', 1), true)
                   || pg_catalog.set_config('enable_bitmapscan', pg_catalog.split_part(s, ',', 2), true)
                   || pg_catalog.set_config('enable_sort', pg_catalog.split_part(s, ',', 3), true) || pg_catalog.set_config('jit', pg_catalog.split_part(s, ',', 4), true)
                   || pg_catalog.set_config('plan_cache_mode', pg_catalog.split_part(s, ',', 5), true)
              FROM pg_catalog.current_setting('sqlmq.window') AS s""";

    /** For the session. */
    static final String PIN_SESSION = "SELECT " + switches("false");

    /** The same in a transaction of such a session: as it would be without. */
    public static final String UNPIN_TRANSACTION = """
            SELECT pg_catalog.set_config('enable_seqscan', NULL, true) || pg_catalog.set_config('enable_bitmapscan', NULL, true)
                   || pg_catalog.set_config('enable_sort', NULL, true) || pg_catalog.set_config('jit', NULL, true)
                   || pg_catalog.set_config('plan_cache_mode', NULL, true)""";

    private PlannerPins() {}

    private static String switches(String local) {
        return """
                pg_catalog.set_config('enable_seqscan', 'off', %1$s), pg_catalog.set_config('enable_bitmapscan', 'off', %1$s),
                       pg_catalog.set_config('enable_sort', 'off', %1$s), pg_catalog.set_config('jit', 'off', %1$s),
                       pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', %1$s)""".formatted(local);
    }
}
