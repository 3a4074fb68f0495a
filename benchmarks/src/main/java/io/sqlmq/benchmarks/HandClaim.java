package io.sqlmq.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Receiving by hand with row locks: the statements, each a prepared round trip. */
final class HandClaim {

    private static final String CLAIM = """
            SELECT ctid, id, seq, sent_at, delivery_count, reply_to, correlation_id, jms_type, properties, payload_text
              FROM %s
             WHERE channel_name = ? AND attempt_at IS NULL AND slot IS NULL
             ORDER BY prio_rank, seq
             LIMIT ? FOR UPDATE SKIP LOCKED""";

    private static final String DELETE = "DELETE FROM %s WHERE ctid = ANY (?::tid[])";

    private final PreparedStatement beginAndClaim;
    private final PreparedStatement deleteAndCommit;
    private final PreparedStatement turn;
    private final String queue;
    private @Nullable String replyTo;

    HandClaim(Connection connection, String queue) throws SQLException {
        this(connection, queue, "mq_msgs");
    }

    HandClaim(Connection connection, String queue, String table) throws SQLException {
        this.queue = queue;
        String claim = CLAIM.formatted(table);
        String delete = DELETE.formatted(table);
        beginAndClaim = connection.prepareStatement("BEGIN; " + claim);
        deleteAndCommit = connection.prepareStatement(delete + "; COMMIT");
        turn = connection.prepareStatement(delete + "; COMMIT; BEGIN; " + claim);
    }

    /** Opens a transaction and claims; returns the rows' addresses. */
    List<String> begin(int limit) throws SQLException {
        beginAndClaim.setString(1, queue);
        beginAndClaim.setInt(2, limit);
        return claimed(beginAndClaim, 1);
    }

    /** Deletes what was claimed and commits. */
    void end(List<String> rows) throws SQLException {
        deleteAndCommit.setObject(1, array(rows), Types.OTHER);
        deleteAndCommit.execute();
    }

    /** Both in one round trip: deletes and commits the last, claims the next. */
    List<String> turn(List<String> rows, int limit) throws SQLException {
        turn.setObject(1, array(rows), Types.OTHER);
        turn.setString(2, queue);
        turn.setInt(3, limit);
        return claimed(turn, 3);
    }

    /** Where the last row that was claimed asks for a reply. */
    @Nullable
    String replyTo() {
        return replyTo;
    }

    private List<String> claimed(PreparedStatement statement, int statementsBefore) throws SQLException {
        statement.execute();
        for (int i = 0; i < statementsBefore; i++) {
            statement.getMoreResults();
        }
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.getResultSet()) {
            while (result.next()) {
                rows.add(result.getString(1));
                read(result, 2);
                replyTo = result.getString("reply_to");
            }
        }
        return rows;
    }

    /** Reads what an application may need of a message, as the provider does; {@code id} is the first column. */
    static void read(ResultSet row, int id) throws SQLException {
        row.getString(id);
        row.getLong(id + 1);
        row.getLong(id + 2);
        row.getInt(id + 3);
        row.getString(id + 4);
        row.getString(id + 5);
        row.getString(id + 6);
        row.getString(id + 7);
        if (row.getString(id + 8) == null) {
            throw new IllegalStateException("A message without a body");
        }
    }

    static String array(List<String> values) {
        StringBuilder text = new StringBuilder("{");
        for (String value : values) {
            text.append(text.length() == 1 ? "\"" : ",\"").append(value).append('"');
        }
        return text.append('}').toString();
    }
}
