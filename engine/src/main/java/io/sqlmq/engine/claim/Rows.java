package io.sqlmq.engine.claim;

import io.sqlmq.engine.jdbc.Composite;
import io.sqlmq.engine.jdbc.Fetched;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.JobPolicy;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import io.sqlmq.schema.internal.ClaimedColumn;
import io.sqlmq.schema.internal.ClaimedRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Messages as result rows: {@link ClaimedColumn}s, or fewer for claims of ready rows. */
public final class Rows {

    private static final String SHARED_LARGE = """
            CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (
                  SELECT FROM %1$s.mq_payloads p WHERE p.id = m.payload_id
                     AND (pg_catalog.octet_length(p.payload_text) > %2$s OR pg_catalog.octet_length(p.payload_bytes) > %2$s)
                  UNION ALL SELECT FROM %1$s.mq_payloads_unlogged p WHERE p.id = m.payload_id
                     AND (pg_catalog.octet_length(p.payload_text) > %2$s OR pg_catalog.octet_length(p.payload_bytes) > %2$s)) END""";

    private static final String READY_FIELDS = """
            m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.seq, m.prio_rank, m.sent_at, m.body_type, m.payload_text,
            m.payload_bytes, m.payload_json, m.properties, m.property_types, m.delivery_count, m.failure_count,
            m.expires_at, m.delivery_time, m.expiration, m.message_id, m.payload_id, m.destination, m.reply_to,
            m.correlation_id, m.jms_type, m.name, m.redelivery_policy, m.dead_origin, m.dead_reason, m.delivery_mode,
            m.grp, m.max_deliveries, m.retry_backoff,
            greatest(pg_catalog.octet_length(m.payload_text), pg_catalog.octet_length(m.payload_bytes),
                pg_catalog.octet_length(m.body_type), pg_catalog.pg_column_size(m.payload_json),
                pg_catalog.pg_column_size(m.properties), pg_catalog.pg_column_size(m.property_types)) > %1$s AS large""";

    private static final String READY_TEXT = """
            WHEN m.large THEN NULL
                 WHEN m.payload_json IS NULL THEN m.payload_text
                 ELSE m.payload_json::text::pg_catalog.varchar(%1$s) END AS payload_text""";

    private static final String READY_BYTES = "WHEN m.large THEN NULL ELSE m.payload_bytes END AS payload_bytes";

    /** A body that other rows may share. */
    private static final String READY_SHARED = """
            WHEN m.payload_id IS NOT NULL
                 THEN coalesce((SELECT p.%3$s FROM %1$s.mq_payloads p
                                 WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.%3$s) <= %2$s),
                               (SELECT p.%3$s FROM %1$s.mq_payloads_unlogged p
                                 WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.%3$s) <= %2$s))
            """;

    /** The policy of a job is made here of its columns: mq_job_policy would take a third of the time of a row. */
    private static final String READY_COLUMNS = """
            m.row_tid, coalesce(%3$s, pg_current_xact_id()) AS xact, m.id, m.seq, m.prio_rank, m.sent_at,
            CASE WHEN m.large THEN NULL ELSE m.body_type END AS body_type, %2$s,
            CASE WHEN m.large THEN NULL ELSE m.properties::text::pg_catalog.varchar(%5$s) END AS properties,
            CASE WHEN m.large THEN NULL ELSE m.property_types::text::pg_catalog.varchar(%5$s) END AS property_types,
            CASE WHEN m.delivery_count > 0 OR m.row_xmax <> '0'::xid
                   OR num_nonnulls(m.expires_at, m.delivery_time, m.message_id, m.payload_id, m.destination, m.reply_to,
                        m.correlation_id, m.jms_type, m.name, m.redelivery_policy, m.dead_origin, m.dead_reason,
                        m.delivery_mode, m.grp) > 0
                   OR %4$s
                 THEN ROW(m.row_xmax <> '0'::xid AND %1$s.mq_suspect(m.row_xmax),
                        m.expires_at <= statement_timestamp(), m.delivery_count, m.failure_count, m.delivery_time,
                        m.expiration, coalesce(m.message_id, m.payload_id), m.payload_id, m.delivery_mode, m.grp, %4$s,
                        m.destination, m.reply_to, m.correlation_id, coalesce(m.jms_type, m.name),
                        m.redelivery_policy, m.max_deliveries,
                        CASE WHEN m.max_deliveries IS NOT NULL
                             THEN 1000 * least(greatest(
                                    pg_catalog.date_part('epoch', coalesce(m.retry_backoff, interval '1 s')), 0), %6$s) END::bigint,
                        m.dead_origin, m.dead_reason)::text::pg_catalog.varchar(%5$s)
            END AS rest""";

    /** What tells whether a row can be taken. */
    private static final String TAKING = """
            ,
            m.row_xmax <> '0'::xid AND %s.mq_suspect(m.row_xmax) AS suspect, m.large, m.payload_id IS NOT NULL AS shared,
            coalesce(m.expires_at <= statement_timestamp(), false) AS expired""";

    /** Nothing is too large or missing. */
    private static final String WHOLE = """
            NOT c.large AND (NOT c.shared OR pg_catalog.num_nonnulls(c.payload_text, c.payload_bytes) > 0)
                   AND coalesce(pg_catalog.octet_length(c.payload_text), 0) + coalesce(pg_catalog.octet_length(c.payload_bytes), 0)
                       + coalesce(pg_catalog.octet_length(c.properties), 0) + coalesce(pg_catalog.octet_length(c.property_types), 0)
                       + coalesce(pg_catalog.octet_length(c.rest), 0) <= %s""";

    /** Of a row for which the column {@code rest} is null. */
    private static final String NO_REST = "(f,f,0,0,,,,,,,f,,,,,,,,,)";

    /** A message has so many parts that are measured one by one. */
    private static final int PARTS = 6;

    /** The length of a varchar is at most one more: it bounds what numbers in JSON become, and is free where nothing is cut. */
    private static final long LONGEST_PART = 10_485_759;

    /** No job waits longer, see mq_job_policy. */
    private static final long LONGEST_BACKOFF_SECONDS = 3_155_760_000L;

    private Rows() {}

    /**
     * The columns of a query that locks rows, for {@link #claimed} outside of it: whether a row is suspect can be told when it
     * is locked. Before that, whoever holds it may still be at work, and may have given up when it is.
     *
     * @param most bytes that a message may have to be fetched
     */
    static String claimColumns(String schema, long most) {
        return row(
                                schema,
                                most,
                                "pg_current_xact_id()",
                                "m.slot IS NOT NULL AND pg_catalog.current_setting('sqlmq.slots_cut', true) = 'true'",
                                "NULL::boolean")
                        .columns()
                + ", m.xmax AS row_xmax";
    }

    /** The columns of rows {@code c} that are locked, over {@link Fetched#from}. */
    static String claimed(String schema) {
        return Fetched.columns(ClaimedRow.suspect(schema, "c.leased", "c.row_xmax"));
    }

    /**
     * The columns of a claim of ready rows. Each column costs, so what few messages have travels in one.
     *
     * The first parameter is the signature.
     *
     * @param sharedBodies whether bodies may be elsewhere; looking for them costs even when there are none
     * @param most bytes that a message may have to be fetched
     */
    static String readyColumns(String schema, boolean sharedBodies, long most) {
        return readyColumns(schema, sharedBodies, most, Statements.sign(schema));
    }

    private static String readyColumns(String schema, boolean sharedBodies, long most, String sign) {
        long part = part(most);
        String text = "CASE "
                + (sharedBodies ? READY_SHARED.formatted(schema, part, "payload_text") : "")
                + READY_TEXT.formatted(part + 1);
        String bytes =
                "CASE " + (sharedBodies ? READY_SHARED.formatted(schema, part, "payload_bytes") : "") + READY_BYTES;
        return READY_COLUMNS.formatted(
                schema,
                text + ",\n" + bytes,
                sign,
                sharedBodies ? "(m.large OR " + SHARED_LARGE.formatted(schema, part) + ")" : "m.large",
                part + 1,
                LONGEST_BACKOFF_SECONDS);
    }

    /** The columns of a claim that takes, over which is {@link #isWhole}. It does not sign. */
    static String takeColumns(String schema, boolean sharedBodies, long most) {
        return readyColumns(schema, sharedBodies, most, "NULL::xid8") + TAKING.formatted(schema);
    }

    /** The condition for a row {@code c} of {@link #takeColumns} to be taken, and handed over unless it has expired. */
    static String isWhole(long most, boolean keepsExpired) {
        String whole = WHOLE.formatted(part(most) - NO_REST.length());
        return keepsExpired ? "NOT c.expired AND " + whole : "c.expired OR (" + whole + ")";
    }

    /**
     * What {@link #readyColumns} is made of. Computed also of rows that others have locked.
     *
     * @param most bytes that a message may have to be fetched
     */
    static String readyFields(long most) {
        return READY_FIELDS.formatted(part(most));
    }

    /** Where no part has more than this, all together are not too much: a claim of ready rows fetches only such messages. */
    private static long part(long most) {
        return Math.min(most / PARTS, LONGEST_PART);
    }

    /** The columns of a query that only looks. */
    public static String browseColumns(String schema, long most) {
        String suspect = ClaimedRow.suspect(schema, "m.lease_owner IS NOT NULL", "m.xmax");
        return row(schema, most, "NULL::xid8", "false", suspect).columns();
    }

    /** Other rows may share the body, wherever it is. */
    private static ClaimedRow row(String schema, long most, String transaction, String cut, String suspect) {
        return new ClaimedRow(
                schema,
                Long.toString(most),
                List.of("mq_payloads", "mq_payloads_unlogged"),
                "m.ctid",
                suspect,
                transaction,
                "m.slot IS NOT NULL",
                cut);
    }

    /** Whether what a row of {@link #browseColumns} carries was too much to fetch. */
    static boolean isLarge(ResultSet rows) throws SQLException {
        return bool(rows, ClaimedColumn.LARGE);
    }

    public static Delivery delivery(ResultSet rows, String channel) throws SQLException {
        Delivery delivery = new Delivery(
                row(rows, channel),
                text(rows, ClaimedColumn.ROW_TID),
                bool(rows, ClaimedColumn.SUSPECT),
                bool(rows, ClaimedColumn.EXPIRED),
                bool(rows, ClaimedColumn.LEASED),
                text(rows, ClaimedColumn.XACT));
        delivery.payloadId = uuid(rows, ClaimedColumn.PAYLOAD_ID);
        delivery.grouped = bool(rows, ClaimedColumn.GROUPED);
        delivery.cut = bool(rows, ClaimedColumn.CUT);
        delivery.due = bool(rows, ClaimedColumn.DUE);
        delivery.large = isLarge(rows);
        return delivery;
    }

    /**
     * A row of a claim of ready rows.
     *
     * @param transaction the claiming transaction; null: read it from the row
     */
    static Delivery readyDelivery(
            ResultSet rows, String channel, boolean unlogged, @Nullable String transaction, long most)
            throws SQLException {
        String text = rows.getString(8);
        byte[] bytes = rows.getBytes(9);
        String bodyType = rows.getString(7);
        Content content = new Content(
                bodyType == null && text == null && bytes != null ? "bytes" : bodyType,
                text,
                bytes,
                rows.getString(10),
                rows.getString(11));
        String given = rows.getString(12);
        String fields = given == null ? NO_REST : given;
        Composite rest = new Composite(fields);
        boolean suspect = rest.bool();
        boolean expired = rest.bool();
        int deliveryCount = (int) rest.number();
        int failureCount = (int) rest.number();
        long deliveryTime = rest.number();
        long expiration = rest.number();
        UUID messageId = uuid(rest.text());
        UUID payloadId = uuid(rest.text());
        int deliveryMode = (int) rest.number();
        String group = rest.text();
        boolean unmeasured =
                rest.bool() || content.size() + (long) fields.length() > Math.max(part(most), NO_REST.length());
        Composite texts = unmeasured ? new Composite("(,,,,,,,,)") : rest;
        String destination = texts.text();
        String replyTo = texts.text();
        String correlationId = texts.text();
        String type = texts.text();
        String ownPolicy = texts.text();
        String jobDeliveries = texts.text();
        long jobBackoffMillis = texts.number();
        String redeliveryPolicy =
                jobDeliveries == null ? ownPolicy : JobPolicy.of(Integer.parseInt(jobDeliveries), jobBackoffMillis);
        String deadOrigin = texts.text();
        String deadReason = texts.text();
        Headers headers = new Headers(
                messageId, destination, replyTo, correlationId, type, redeliveryPolicy, deliveryMode, group);
        Delivery.Row row = new Delivery.Row(
                rows.getObject(3, UUID.class),
                channel,
                !unlogged,
                9 - rows.getInt(5),
                rows.getLong(4),
                rows.getLong(6),
                deliveryTime,
                expiration,
                deliveryCount,
                failureCount,
                deadOrigin,
                deadReason,
                headers,
                content);
        Delivery delivery = new Delivery(
                row, rows.getString(1), suspect, expired, false, transaction == null ? rows.getString(2) : transaction);
        delivery.payloadId = payloadId;
        delivery.unmeasured = unmeasured;
        return delivery;
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        return text == null ? null : UUID.fromString(text);
    }

    static Delivery.Row row(ResultSet rows, String channel) throws SQLException {
        Headers headers = new Headers(
                uuid(rows, ClaimedColumn.MESSAGE_ID),
                text(rows, ClaimedColumn.DESTINATION),
                text(rows, ClaimedColumn.REPLY_TO),
                text(rows, ClaimedColumn.CORRELATION_ID),
                text(rows, ClaimedColumn.JMS_TYPE),
                text(rows, ClaimedColumn.REDELIVERY_POLICY),
                integer(rows, ClaimedColumn.DELIVERY_MODE),
                text(rows, ClaimedColumn.GRP));
        Content content = new Content(
                text(rows, ClaimedColumn.BODY_TYPE),
                text(rows, ClaimedColumn.PAYLOAD_TEXT),
                rows.getBytes(ClaimedColumn.PAYLOAD_BYTES.index()),
                text(rows, ClaimedColumn.PROPERTIES),
                text(rows, ClaimedColumn.PROPERTY_TYPES));
        return new Delivery.Row(
                uuid(rows, ClaimedColumn.ID),
                channel,
                !bool(rows, ClaimedColumn.UNLOGGED),
                9 - integer(rows, ClaimedColumn.PRIO_RANK),
                number(rows, ClaimedColumn.SEQ),
                number(rows, ClaimedColumn.SENT_AT),
                number(rows, ClaimedColumn.DELIVERY_TIME),
                number(rows, ClaimedColumn.EXPIRATION),
                integer(rows, ClaimedColumn.DELIVERY_COUNT),
                integer(rows, ClaimedColumn.FAILURE_COUNT),
                text(rows, ClaimedColumn.DEAD_ORIGIN),
                text(rows, ClaimedColumn.DEAD_REASON),
                headers,
                content);
    }

    private static String text(ResultSet rows, ClaimedColumn column) throws SQLException {
        return rows.getString(column.index());
    }

    private static boolean bool(ResultSet rows, ClaimedColumn column) throws SQLException {
        return rows.getBoolean(column.index());
    }

    private static int integer(ResultSet rows, ClaimedColumn column) throws SQLException {
        return rows.getInt(column.index());
    }

    private static long number(ResultSet rows, ClaimedColumn column) throws SQLException {
        return rows.getLong(column.index());
    }

    private static UUID uuid(ResultSet rows, ClaimedColumn column) throws SQLException {
        return rows.getObject(column.index(), UUID.class);
    }
}
