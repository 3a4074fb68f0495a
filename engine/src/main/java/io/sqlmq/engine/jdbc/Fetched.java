package io.sqlmq.engine.jdbc;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a query over rows {@code c} of the type mq_claimed brings: those of a message that is too large come without the texts
 * that make it so.
 */
public final class Fetched {

    /** In the order of the parameters of mq_octets. */
    private static final Set<ClaimedColumn> TEXTS = EnumSet.of(
            ClaimedColumn.DESTINATION,
            ClaimedColumn.REPLY_TO,
            ClaimedColumn.CORRELATION_ID,
            ClaimedColumn.JMS_TYPE,
            ClaimedColumn.REDELIVERY_POLICY,
            ClaimedColumn.DEAD_ORIGIN,
            ClaimedColumn.DEAD_REASON,
            ClaimedColumn.BODY_TYPE,
            ClaimedColumn.PAYLOAD_TEXT,
            ClaimedColumn.PAYLOAD_BYTES,
            ClaimedColumn.PROPERTIES,
            ClaimedColumn.PROPERTY_TYPES);

    private Fetched() {}

    /**
     * All columns, over {@link #from}.
     *
     * @param suspect the expression for that column
     */
    public static String columns(String suspect) {
        return Arrays.stream(ClaimedColumn.values())
                .map(c -> column(c, suspect))
                .collect(Collectors.joining(", "));
    }

    private static String column(ClaimedColumn column, String suspect) {
        if (column == ClaimedColumn.SUSPECT) {
            return suspect + " AS " + column.column();
        }
        if (column == ClaimedColumn.LARGE) {
            return "c.too_large AS " + column.column();
        }
        return TEXTS.contains(column)
                ? "CASE WHEN c.too_large THEN NULL ELSE c." + column.column() + " END AS " + column.column()
                : "c." + column.column();
    }

    /**
     * Measures the rows, each once.
     *
     * @param most bytes that a message may have to be fetched
     * @param rows what stands behind FROM, with {@code c}
     */
    public static String from(String schema, long most, String rows) {
        return "(SELECT c.*, c.large OR " + schema + ".mq_octets("
                + TEXTS.stream().map(text -> "c." + text.column()).collect(Collectors.joining(", "))
                + ") > " + most + "::bigint AS too_large FROM " + rows + " OFFSET 0) c";
    }
}
