package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.jdbc.PlannerPins;
import io.sqlmq.engine.jdbc.Statements;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The claim of a queue that flows: ready rows of one table in a plain statement. It costs the server half of what the
 * function mq_claim does, which looks everywhere.
 */
public final class ReadyClaimStatements {

    /** The inner columns are read also of rows that others have locked, the outer ones only of what is claimed. */
    private static final String CLAIM = """
            SELECT %2$s FROM (
              SELECT %4$s FROM %1$s m
               WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NULL
                 AND (m.prio_rank, m.seq) >= (?::smallint, ?) AND m.prio_rank <= ?::smallint%5$s%3$s
               ORDER BY m.prio_rank, m.seq
               LIMIT %6$s FOR UPDATE SKIP LOCKED) m""";

    private static final String LIMIT = "?";

    /** The limit is computed once, before rows are looked for; a condition would be one more step for all the columns to go through. */
    private static final String OPENING_LIMIT = "CASE WHEN (%s) IS NOT NULL THEN ? ELSE 0 END";

    /**
     * Nothing when there is a message in the rank range before: then the claim has to look everywhere. Asked for in the order of an
     * index, since EXISTS may be planned with the primary key if the statistics are of an empty table. It names a column of the row
     * so that it is a filter, and not one more step for all the columns to go through.
     */
    private static final String GATE = """

               AND CASE WHEN m.seq IS NULL THEN false ELSE (
                   %s) IS NULL END""";

    private static final String LOOK = """
            SELECT true FROM %s b
                    WHERE b.channel_name = ? AND b.attempt_at IS NULL AND b.slot IS NULL
                      AND (b.prio_rank, b.seq) >= (?::smallint, ?) AND b.prio_rank <= ?::smallint
                    ORDER BY b.prio_rank, b.seq LIMIT 1""";

    /** Cheaper than to find that a row is locked. Passes over what was locked once and let go, too. */
    private static final String UNTOUCHED = " AND m.xmax = 0";

    /** A transaction is not kept from the rows that it has locked itself. */
    private static final String NOT_HELD = " AND m.seq NOT IN (SELECT pg_catalog.unnest(?::bigint[]))";

    /**
     * A claim and its delete at once, also of what has expired if that is not kept. MQ002, as from mq_take, for a suspect; MQ004 for
     * what has to be looked at by that, as has what somebody changed after the statement began: a claim finds it as it is now, and
     * the delete not at all. Signs before the first, since the lock hides what tells that the message is a suspect, and not
     * before the second, which would make it one.
     */
    private static final String TAKE = """
            WITH c AS MATERIALIZED (
            %1$s), gone AS (
              DELETE FROM %2$s t USING c
               WHERE t.channel_name = ? COLLATE pg_catalog."POSIX" AND t.ctid = c.row_tid AND NOT c.suspect
                 AND CASE WHEN %3$s THEN true ELSE %4$s.mq_unsettled(c.id, 'MQ004') END
              RETURNING true)
            SELECT c.*, CASE WHEN NOT c.suspect AND NOT EXISTS (SELECT FROM gone) THEN %4$s.mq_unsettled(c.id, 'MQ004')
                             WHEN %5$s IS NULL AND c.suspect THEN %4$s.mq_unsettled(c.id, 'MQ002') END
              FROM c""";

    /**
     * The planner is the application's again when the claim runs. Nothing is claimed above READ COMMITTED, which mq_take then
     * says.
     */
    private static final String IN_APPLICATIONS = """
            SELECT CASE WHEN u IS NOT NULL AND pg_catalog.current_setting('transaction_isolation') LIKE 'read %%' THEN true END
              FROM (%s) AS unpinned (u)""".formatted(PlannerPins.UNPIN_REMEMBERED);

    private static final String DELETE =
            "DELETE FROM %s.%s WHERE channel_name = ? COLLATE pg_catalog.\"POSIX\" AND ctid = ANY (?::tid[])";

    private static final String RELAXED =
            " AND (SELECT pg_catalog.set_config('synchronous_commit', 'off', true)) IS NOT NULL";

    private final String schema;
    private final long most;
    private final String[] deletes;
    private final Map<String, String> claims = new ConcurrentHashMap<>();

    public ReadyClaimStatements(String schema, long most) {
        this.schema = schema;
        this.most = most;
        deletes = new String[] {
            DELETE.formatted(schema, "mq_msgs"),
            DELETE.formatted(schema, "mq_msgs") + RELAXED,
            DELETE.formatted(schema, "mq_msgs_unlogged"),
            DELETE.formatted(schema, "mq_msgs_unlogged") + RELAXED
        };
    }

    /**
     * Deletes what the transaction has locked, where the planner is pinned ({@link io.sqlmq.engine.jdbc.PlannerPins}). Parameters:
     * channel, places.
     *
     * @param relaxed whether its commit need not wait for the disk
     */
    public String delete(boolean unlogged, boolean relaxed) {
        return deletes[(unlogged ? 2 : 0) + (relaxed ? 1 : 0)];
    }

    /**
     * What a claim that begins a transaction sets for it besides, as a query of one value; null: nothing.
     *
     * @param idleMillis when the server is to end the transaction because it is idle; 0 or less leaves that alone
     * @param relaxed whether its commit need not wait for the disk
     */
    public static @Nullable String opening(long idleMillis, boolean relaxed) {
        List<String> settings = new ArrayList<>(2);
        if (idleMillis > 0) {
            settings.add("pg_catalog.set_config('idle_in_transaction_session_timeout', '" + idleMillis + "', true)");
        }
        if (relaxed) {
            settings.add("pg_catalog.set_config('synchronous_commit', 'off', true)");
        }
        return settings.isEmpty() ? null : "SELECT " + String.join(" || ", settings);
    }

    /**
     * Parameters: channel, rank, floor and last rank of the lane, what is held, the rank range's again for the gate, limit.
     *
     * @param opening a query of one value that it runs first, to set something; null: none
     */
    String claim(ClaimCursor.Ready where, boolean holds, boolean sharesBodies, @Nullable String opening) {
        String key = (where.unlogged() ? "t" : "")
                + (where.before() != null ? "g" : "")
                + (where.untouched() ? "u" : "")
                + (holds ? "h" : "")
                + (sharesBodies ? "s" : "")
                + (opening == null ? "" : opening);
        return claims.computeIfAbsent(
                key, k -> claim(where, holds, Rows.readyColumns(schema, sharesBodies, most), opening));
    }

    /**
     * Takes one row in a transaction of the application, behind {@link PlannerPins#PIN_AND_REMEMBER}: claims and deletes it. Parameters:
     * without the signature those of {@link #claim}, then the channel and the signature. The first columns are those of a claim.
     *
     * @param keepsExpired whether what has expired is not just dropped
     */
    String take(ClaimCursor.Ready where, boolean sharesBodies, boolean keepsExpired) {
        String key = "take"
                + (keepsExpired ? "e" : "")
                + (where.unlogged() ? "t" : "")
                + (where.before() != null ? "g" : "")
                + (where.untouched() ? "u" : "")
                + (sharesBodies ? "s" : "");
        return claims.computeIfAbsent(
                key,
                k -> TAKE.formatted(
                        claim(where, false, Rows.takeColumns(schema, sharesBodies, most), IN_APPLICATIONS),
                        table(where),
                        Rows.isWhole(most, keepsExpired),
                        schema,
                        Statements.sign(schema)));
    }

    private String claim(ClaimCursor.Ready where, boolean holds, String columns, @Nullable String opening) {
        return CLAIM.formatted(
                table(where),
                columns,
                where.before() != null ? GATE.formatted(look(where)) : "",
                Rows.readyFields(most),
                (where.untouched() ? UNTOUCHED : "") + (holds ? NOT_HELD : ""),
                opening == null ? LIMIT : OPENING_LIMIT.formatted(opening));
    }

    /** Whether a row is ready in a lane, in the table of that claim. Parameters: channel, rank, floor and last rank of the lane. */
    String look(ClaimCursor.Ready where) {
        return LOOK.formatted(table(where));
    }

    private String table(ClaimCursor.Ready where) {
        return schema + (where.unlogged() ? ".mq_msgs_unlogged" : ".mq_msgs");
    }
}
