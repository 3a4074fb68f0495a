package io.sqlmq.schema;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A message as a claim returns it, in the text form of the database. */
record ClaimedMessage(Map<ClaimedColumn, String> columns) {

    static ClaimedMessage of(ResultSet result) throws SQLException {
        Map<ClaimedColumn, String> columns = new EnumMap<>(ClaimedColumn.class);
        for (ClaimedColumn column : ClaimedColumn.values()) {
            columns.put(column, result.getString(column.column()));
        }
        return new ClaimedMessage(columns);
    }

    /** Null: none. */
    String get(ClaimedColumn column) {
        return columns.get(column);
    }

    boolean is(ClaimedColumn column) {
        return "t".equals(get(column));
    }

    String text() {
        return get(ClaimedColumn.PAYLOAD_TEXT);
    }

    long seq() {
        return Long.parseLong(get(ClaimedColumn.SEQ));
    }

    int rank() {
        return Integer.parseInt(get(ClaimedColumn.PRIO_RANK));
    }

    /** Their texts in the order of delivery. */
    static List<String> texts(List<ClaimedMessage> messages) {
        return inOrder(messages).stream().map(ClaimedMessage::text).toList();
    }

    /** A claim returns them in no order. */
    static List<ClaimedMessage> inOrder(List<ClaimedMessage> messages) {
        return messages.stream()
                .sorted(Comparator.comparingInt(ClaimedMessage::rank).thenComparingLong(ClaimedMessage::seq))
                .toList();
    }
}
