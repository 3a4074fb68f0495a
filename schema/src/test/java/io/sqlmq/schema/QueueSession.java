package io.sqlmq.schema;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A connection of a consumer, in a transaction. Which parameters the functions have is known here only. */
final class QueueSession implements AutoCloseable {
    private final Connection connection;
    private final String queue;

    QueueSession(Connection connection, String queue) {
        this.connection = connection;
        this.queue = queue;
    }

    /** Claims as a lone consumer of all ranks does; other arguments as in {@link Call#with}. */
    List<ClaimedMessage> claim(int limit, String... arguments) throws SQLException {
        return claimed(Call.of(
                        "mq_claim",
                        "p_channel",
                        Call.literal(queue),
                        "p_limit",
                        String.valueOf(limit),
                        "p_lo",
                        "'{0}'",
                        "p_hi",
                        "'{9}'",
                        "p_floor",
                        "'{0}'",
                        "p_unlogged_floor",
                        "'{0}'",
                        "p_unlogged_first",
                        "false",
                        "p_held",
                        "'{}'",
                        "p_own",
                        "'{}'",
                        "p_blocking",
                        "false")
                .with(arguments));
    }

    List<ClaimedMessage> claimGrouped(int limit, String... arguments) throws SQLException {
        return claimed(Call.of(
                        "mq_claim_grouped",
                        "p_channel",
                        Call.literal(queue),
                        "p_limit",
                        String.valueOf(limit),
                        "p_lo",
                        "'{0}'",
                        "p_hi",
                        "'{9}'",
                        "p_floor",
                        "'{0}'",
                        "p_in_order",
                        "true",
                        "p_held",
                        "'{}'",
                        "p_own",
                        "'{}'",
                        "p_tokens",
                        "'{}'",
                        "p_overtake",
                        "false",
                        "p_me",
                        "0",
                        "p_lapsed",
                        "true",
                        "p_most",
                        "1000000",
                        "p_since",
                        "NULL")
                .with(arguments));
    }

    List<ClaimedMessage> take(String... arguments) throws SQLException {
        return claimed(Call.of(
                        "mq_take",
                        "p_channel",
                        Call.literal(queue),
                        "p_lo",
                        "'{0}'",
                        "p_hi",
                        "'{9}'",
                        "p_floor",
                        "'{0}'",
                        "p_unlogged_floor",
                        "'{0}'",
                        "p_unlogged_first",
                        "false",
                        "p_own",
                        "'{}'",
                        "p_blocking",
                        "false",
                        "p_expired_to",
                        "NULL")
                .with(arguments));
    }

    private List<ClaimedMessage> claimed(Call call) throws SQLException {
        List<ClaimedMessage> claimed = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT * FROM " + call.sql())) {
            while (result.next()) {
                claimed.add(ClaimedMessage.of(result));
            }
        }
        return claimed;
    }

    int ack(List<ClaimedMessage> messages) throws SQLException {
        return ack(messages, false);
    }

    int ack(List<ClaimedMessage> messages, boolean relaxed) throws SQLException {
        return Integer.parseInt(value(Call.of(
                "mq_ack",
                "p_channel",
                Call.literal(queue),
                "p_tids",
                tids(messages, false),
                "p_unlogged_tids",
                tids(messages, true),
                "p_relaxed",
                String.valueOf(relaxed))));
    }

    int lease(List<ClaimedMessage> messages, int owner, long token, long millis) throws SQLException {
        return Integer.parseInt(value(Call.of(
                "mq_lease",
                "p_channel",
                Call.literal(queue),
                "p_tids",
                tids(messages, false),
                "p_unlogged_tids",
                tids(messages, true),
                "p_owner",
                String.valueOf(owner),
                "p_token",
                String.valueOf(token),
                "p_millis",
                String.valueOf(millis))));
    }

    private static String tids(List<ClaimedMessage> messages, boolean unlogged) {
        return Call.array(
                "tid",
                messages.stream()
                        .filter(message -> message.is(ClaimedColumn.UNLOGGED) == unlogged)
                        .map(message -> message.get(ClaimedColumn.ROW_TID))
                        .toList());
    }

    /** What could not be acknowledged, and whether that is because somebody has locked it. */
    Map<String, Boolean> ackIds(int owner, List<String> ids, Long... tokens) throws SQLException {
        Map<String, Boolean> left = new LinkedHashMap<>();
        Call call = Call.of(
                "mq_ack_ids",
                "p_channels",
                queues(ids.size()),
                "p_ids",
                Call.array("uuid", ids),
                "p_owner",
                String.valueOf(owner),
                "p_tokens",
                Call.array("bigint", (Object[]) tokens));
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT * FROM " + call.sql())) {
            while (result.next()) {
                left.put(result.getString("id"), result.getBoolean("busy"));
            }
        }
        return left;
    }

    /** The queues in which messages were let go. */
    List<String> renew(int owner, long millis, List<String> ids, List<Long> tokens, String... arguments)
            throws SQLException {
        return values(Call.of(
                        "mq_renew",
                        "p_owner",
                        String.valueOf(owner),
                        "p_millis",
                        String.valueOf(millis),
                        "p_ids",
                        Call.array("uuid", ids),
                        "p_tokens",
                        Call.array("bigint", tokens),
                        "p_first",
                        "1",
                        "p_last",
                        "1000000",
                        "p_busy",
                        "'{}'")
                .with(arguments)
                .sql());
    }

    int giveBack(int owner, Back... backs) throws SQLException {
        return giveBack(owner, null, Arrays.asList(backs));
    }

    /** How many were busy. */
    int giveBack(int owner, String error, Collection<Back> backs, String... arguments) throws SQLException {
        return Integer.parseInt(value(Call.of(
                        "mq_give_back",
                        "p_channels",
                        queues(backs.size()),
                        "p_ids",
                        Call.array("uuid", backs.stream().map(Back::id).toList()),
                        "p_unlogged",
                        Call.array("boolean", backs.stream().map(Back::unlogged).toList()),
                        "p_tokens",
                        Call.array("bigint", backs.stream().map(Back::token).toList()),
                        "p_owner",
                        String.valueOf(owner),
                        "p_counted",
                        Call.array("integer", backs.stream().map(Back::counted).toList()),
                        "p_failed",
                        Call.array("integer", backs.stream().map(Back::failed).toList()),
                        "p_delays",
                        Call.array("bigint", backs.stream().map(Back::delay).toList()),
                        "p_dead",
                        Call.array("text", backs.stream().map(Back::dead).toList()),
                        "p_reasons",
                        Call.array("text", backs.stream().map(Back::reason).toList()),
                        "p_error",
                        Call.literal(error))
                .with(arguments)));
    }

    private String queues(int count) {
        return "array_fill(" + Call.literal(queue) + "::text, ARRAY[" + count + "])";
    }

    boolean move(String id, boolean unlogged, String to, String reason) throws SQLException {
        return "t"
                .equals(value(Call.of("mq_move", placeOf(id, unlogged))
                        .with("p_to", Call.literal(to))
                        .with("p_reason", Call.literal(reason), "p_error", "'it broke'", "p_attempts", "NULL")));
    }

    /** By mq_park or mq_dead_letter. */
    void park(String function, String id, boolean unlogged, String to) throws SQLException {
        value(Call.of(function, placeOf(id, unlogged))
                .with("p_to", Call.literal(to))
                .with("p_reason", "'delivered too often'", "p_error", "'it broke'", "p_attempts", "3"));
    }

    private String[] placeOf(String id, boolean unlogged) {
        return new String[] {
            "p_id", Call.literal(id), "p_channel", Call.literal(queue), "p_unlogged", String.valueOf(unlogged)
        };
    }

    /** As consumers do in the transaction that claims, before they deliver. */
    void sign(long signature) throws SQLException {
        values("id FROM mq_signatures WHERE id = " + signature + " FOR UPDATE");
    }

    String value(Call call) throws SQLException {
        return values(call.sql()).get(0);
    }

    /** The first column of a query without its SELECT. */
    List<String> values(String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT " + query)) {
            while (result.next()) {
                values.add(result.getString(1));
            }
        }
        return values;
    }

    /** The rows of a statement by the names of their columns. */
    List<Map<String, String>> rows(String sql) throws SQLException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.put(result.getMetaData().getColumnLabel(i), result.getString(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** How many rows it has changed. */
    int execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    void rollback() throws SQLException {
        connection.rollback();
    }

    @Override
    public void close() throws SQLException {
        // So that its locks are gone when this returns.
        if (connection.isValid(20) && !connection.getAutoCommit()) {
            connection.rollback();
        }
        connection.close();
    }
}
