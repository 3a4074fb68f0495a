package io.sqlmq.schema.internal;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What claims and looks read of a row {@code m}: the {@link ClaimedColumn}s, with what differs between statements. All texts are
 * SQL.
 *
 * @param schema quoted
 * @param most how many bytes body or properties may have to be fetched
 * @param payloads the tables where a shared body may be
 * @param tid the row's ctid
 * @param suspect whether it is suspect; see {@link #suspect}
 * @param xact the claiming transaction
 * @param grouped whether it belongs to a group
 * @param cut whether there may be more of groups
 */
public record ClaimedRow(
        String schema,
        String most,
        List<String> payloads,
        String tid,
        String suspect,
        String xact,
        String grouped,
        String cut) {

    /** Whether a row with this xmax is suspect, to be asked when it is locked. */
    public static String suspect(String schema, String leased, String xmax) {
        return """
                CASE WHEN %2$s THEN true
                     WHEN %3$s = '0'::xid THEN false
                     ELSE %1$s.mq_suspect(%3$s) END""".formatted(schema, leased, xmax);
    }

    /** All columns but the first, which says of which table they are. */
    public String columns() {
        return list(true);
    }

    /** The same without names, for a row constructor. */
    public String values() {
        return list(false);
    }

    private String list(boolean named) {
        return Arrays.stream(ClaimedColumn.values())
                .filter(c -> c != ClaimedColumn.UNLOGGED)
                .map(c -> fill(c.expression()) + (named ? " AS " + c.column() : ""))
                .collect(Collectors.joining(",\n"));
    }

    private String fill(String expression) {
        return expression
                .replace("{schema}", schema)
                .replace("{most}", most)
                .replace("{tid}", tid)
                .replace("{suspect}", suspect)
                .replace("{xact}", xact)
                .replace("{grouped}", grouped)
                .replace("{cut}", cut)
                .replace("{sharedText}", shared("payload_text"))
                .replace("{sharedBytes}", shared("payload_bytes"))
                .replace("{sharedLarge}", sharedLarge());
    }

    private String shared(String column) {
        String bodies = payloads.stream()
                .map(table -> "(SELECT p." + column + " FROM " + schema + "." + table
                        + " p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p." + column + ") <= " + most + ")")
                .collect(Collectors.joining(", "));
        return payloads.size() == 1 ? bodies : "coalesce(" + bodies + ")";
    }

    private String sharedLarge() {
        return payloads.stream()
                .map(table -> "SELECT FROM " + schema + "." + table + " p WHERE p.id = m.payload_id"
                        + " AND (pg_catalog.octet_length(p.payload_text) > " + most
                        + " OR pg_catalog.octet_length(p.payload_bytes) > " + most + ")")
                .collect(Collectors.joining(" UNION ALL ", "EXISTS (", ")"));
    }
}
