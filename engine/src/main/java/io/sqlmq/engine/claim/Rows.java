package io.sqlmq.engine.claim;

import io.sqlmq.engine.jdbc.Composite;
import io.sqlmq.engine.jdbc.Sql;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Messages as result rows: in the order of the type mq_claimed. */
public final class Rows {

    /**
     * What a message carries, where it is not too much to fetch: %1$s is the schema, %2$s the bytes that are allowed. The length
     * of a text or bytea is known without reading it; of JSON, which is stored compressed, it is only asked where that may
     * matter. Other rows may share the body.
     */
    private static final String SHARED_BODIES = """
            CASE WHEN m.payload_id IS NOT NULL
                 THEN coalesce((SELECT p.payload_text FROM %1$s.mq_payloads p
                                 WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= %2$s),
                               (SELECT p.payload_text FROM %1$s.mq_payloads_unlogged p
                                 WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= %2$s))
                 WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= %2$s THEN m.payload_text END
                 WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= %2$s
                 THEN m.payload_json::text END AS payload_text,
            CASE WHEN m.payload_id IS NOT NULL
                 THEN coalesce((SELECT p.payload_bytes FROM %1$s.mq_payloads p
                                 WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= %2$s),
                               (SELECT p.payload_bytes FROM %1$s.mq_payloads_unlogged p
                                 WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= %2$s))
                 WHEN pg_catalog.octet_length(m.payload_bytes) <= %2$s THEN m.payload_bytes END AS payload_bytes""";

    private static final String PROPERTIES = """
            CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= 2 * %2$s::bigint
                 THEN m.properties::text END AS properties,
            CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000 OR pg_catalog.octet_length(m.property_types::text) <= 2 * %2$s::bigint
                 THEN m.property_types::text END AS property_types""";

    /** Whether it is too much; null for not. */
    private static final String LARGE = """
            (pg_catalog.octet_length(m.payload_text) > %2$s OR pg_catalog.octet_length(m.payload_bytes) > %2$s
              OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > %2$s)
              OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > 2 * %2$s::bigint)
              OR (pg_catalog.pg_column_size(m.property_types) > 8000 AND pg_catalog.octet_length(m.property_types::text) > 2 * %2$s::bigint))""";

    private static final String SHARED_LARGE = """
            CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (
                  SELECT FROM %1$s.mq_payloads p WHERE p.id = m.payload_id
                     AND (pg_catalog.octet_length(p.payload_text) > %2$s OR pg_catalog.octet_length(p.payload_bytes) > %2$s)
                  UNION ALL SELECT FROM %1$s.mq_payloads_unlogged p WHERE p.id = m.payload_id
                     AND (pg_catalog.octet_length(p.payload_text) > %2$s OR pg_catalog.octet_length(p.payload_bytes) > %2$s)) END""";

    /** From row_tid on, for queries over a table {@code m} of their own; %1$s is the schema. */
    private static final String COLUMNS = """
            m.ctid AS row_tid,
            %7$s AS suspect,
            coalesce(m.expires_at <= statement_timestamp(), false) AS expired, %2$s AS xact,
            m.id, m.seq, m.prio_rank, m.sent_at, m.delivery_time, m.expiration, m.delivery_count, m.failure_count,
            m.lease_owner IS NOT NULL AS leased, coalesce(m.message_id, m.payload_id) AS message_id,
            m.destination, m.reply_to, m.correlation_id,
            coalesce(m.jms_type, m.name) AS jms_type, m.redelivery_policy, m.dead_origin, m.dead_reason,
            CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                 ELSE m.body_type END AS body_type,
            %3$s,
            %4$s, m.payload_id, m.delivery_mode,
            m.grp, m.slot IS NOT NULL AS grouped, %5$s AS cut, m.attempt_at IS NOT NULL AS due,
            coalesce(%6$s, false) AS large""";

    /** How a row that only is looked at tells whether it is suspect. */
    private static final String SUSPECT = """
            CASE WHEN m.lease_owner IS NOT NULL THEN true
                 WHEN m.xmax = '0'::xid THEN false
                 ELSE %1$s.mq_suspect(m.xmax) END""";

    private static final String CLAIMED = """
            c.twin, c.row_tid,
            CASE WHEN c.leased THEN true
                 WHEN c.row_xmax = '0'::xid THEN false
                 ELSE %1$s.mq_suspect(c.row_xmax) END AS suspect,
            c.expired, c.xact, c.id, c.seq, c.prio_rank, c.sent_at, c.delivery_time, c.expiration, c.delivery_count,
            c.failure_count, c.leased, c.message_id, c.destination, c.reply_to, c.correlation_id, c.jms_type,
            c.redelivery_policy, c.dead_origin, c.dead_reason, c.body_type, c.payload_text, c.payload_bytes, c.properties,
            c.property_types, c.payload_id, c.delivery_mode, c.grp, c.grouped, c.cut, c.due, c.large""";

    private static final String READY_FIELDS = """
            m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.seq, m.prio_rank, m.sent_at, m.body_type, m.payload_text,
            m.payload_bytes, m.payload_json, m.properties, m.property_types, m.delivery_count, m.failure_count,
            m.expires_at, m.delivery_time, m.expiration, m.message_id, m.payload_id, m.destination, m.reply_to,
            m.correlation_id, m.jms_type, m.name, m.redelivery_policy, m.dead_origin, m.dead_reason, m.delivery_mode,
            m.grp,
            CASE WHEN pg_catalog.octet_length(m.payload_text) > %2$s OR pg_catalog.octet_length(m.payload_bytes) > %2$s THEN true
                 WHEN greatest(pg_catalog.pg_column_size(m.payload_json), pg_catalog.pg_column_size(m.properties),
                               pg_catalog.pg_column_size(m.property_types)) > %3$s
                 THEN %1$s.mq_is_large(m.payload_json, m.properties, m.property_types, %2$s) END AS large""";

    private static final String READY_TEXT = """
            WHEN m.large THEN NULL
                 WHEN m.payload_json IS NULL THEN m.payload_text ELSE m.payload_json::text END AS payload_text""";

    private static final String READY_BYTES = "WHEN m.large THEN NULL ELSE m.payload_bytes END AS payload_bytes";

    /** A body that other rows may share. */
    private static final String READY_SHARED = """
            WHEN m.payload_id IS NOT NULL
                 THEN coalesce((SELECT p.%3$s FROM %1$s.mq_payloads p
                                 WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.%3$s) <= %2$s),
                               (SELECT p.%3$s FROM %1$s.mq_payloads_unlogged p
                                 WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.%3$s) <= %2$s))
            """;

    private static final String READY_COLUMNS = """
            m.row_tid, coalesce(%3$s, pg_current_xact_id()) AS xact, m.id, m.seq, m.prio_rank, m.sent_at, m.body_type, %2$s,
            CASE WHEN m.large THEN NULL ELSE m.properties::text END AS properties,
            CASE WHEN m.large THEN NULL ELSE m.property_types::text END AS property_types,
            CASE WHEN m.delivery_count > 0 OR m.row_xmax <> '0'::xid
                   OR num_nonnulls(m.expires_at, m.delivery_time, m.message_id, m.payload_id, m.destination, m.reply_to,
                        m.correlation_id, m.jms_type, m.name, m.redelivery_policy, m.dead_origin, m.delivery_mode, m.grp) > 0
                   OR %4$s
                 THEN ROW(m.row_xmax <> '0'::xid AND %1$s.mq_suspect(m.row_xmax), m.expires_at <= statement_timestamp(),
                        m.delivery_count, m.failure_count, m.delivery_time, m.expiration,
                        coalesce(m.message_id, m.payload_id), m.payload_id, m.destination, m.reply_to, m.correlation_id,
                        coalesce(m.jms_type, m.name), m.redelivery_policy, m.dead_origin, m.dead_reason,
                        m.delivery_mode, m.grp, %4$s)::text
            END AS rest""";

    /** Of a row for which the column {@code rest} is null. */
    private static final String NO_REST = "(f,f,0,0,,,,,,,,,,,,,,)";

    private Rows() {}

    /**
     * The columns of a query that locks rows, for {@link #claimed} outside of it: whether a row is suspect can be told when it
     * is locked. Before that, whoever holds it may still be at work, and may have given up when it is.
     *
     * @param most bytes that body or properties may have to be fetched
     */
    static String claimColumns(String schema, long most) {
        return columns(
                        schema,
                        most,
                        "pg_current_xact_id()",
                        "m.slot IS NOT NULL AND pg_catalog.current_setting('sqlmq.slots_cut', true) = 'true'",
                        "NULL::boolean")
                + ", m.xmax AS row_xmax";
    }

    /** The columns of rows {@code c} that are locked. */
    static String claimed(String schema) {
        return CLAIMED.formatted(schema);
    }

    /**
     * The columns of a claim of ready rows. Each column costs, so what few messages have travels in one.
     *
     * The first parameter is the signature.
     *
     * @param sharedBodies whether bodies may be elsewhere; looking for them costs even when there are none
     * @param most bytes that body or properties may have to be fetched
     */
    static String readyColumns(String schema, boolean sharedBodies, long most) {
        String text = "CASE " + (sharedBodies ? READY_SHARED.formatted(schema, most, "payload_text") : "") + READY_TEXT;
        String bytes =
                "CASE " + (sharedBodies ? READY_SHARED.formatted(schema, most, "payload_bytes") : "") + READY_BYTES;
        return READY_COLUMNS.formatted(
                schema,
                text + ",\n" + bytes,
                Sql.sign(schema),
                sharedBodies ? "(m.large OR " + SHARED_LARGE.formatted(schema, most) + ")" : "m.large");
    }

    /**
     * What {@link #readyColumns} is made of. Computed also of rows that others have locked, so {@code large} reads stored JSON only
     * where that is so long that it may be too much.
     *
     * @param most bytes that body or properties may have to be fetched
     */
    static String readyFields(String schema, long most) {
        return READY_FIELDS.formatted(schema, most, Math.max(8_000, Math.min(65_536, most / 256)));
    }

    /** The columns of a query that only looks. */
    public static String browseColumns(String schema, long most) {
        return columns(schema, most, "NULL::xid8", "false", SUSPECT.formatted(schema));
    }

    private static String columns(String schema, long most, String transaction, String cut, String suspect) {
        return COLUMNS.formatted(
                schema,
                transaction,
                SHARED_BODIES.formatted(schema, most),
                PROPERTIES.formatted(schema, most),
                cut,
                LARGE.formatted(schema, most) + " OR " + SHARED_LARGE.formatted(schema, most),
                suspect);
    }

    /** Whether what a row of {@link #browseColumns} carries was too much to fetch. */
    static boolean isLarge(ResultSet rows) throws SQLException {
        return rows.getBoolean(34);
    }

    public static Delivery delivery(ResultSet rows, String channel) throws SQLException {
        Delivery delivery = new Delivery(
                row(rows, channel),
                rows.getString(2),
                rows.getBoolean(3),
                rows.getBoolean(4),
                rows.getBoolean(14),
                rows.getString(5));
        delivery.payloadId = rows.getObject(28, UUID.class);
        delivery.grouped = rows.getBoolean(31);
        delivery.cut = rows.getBoolean(32);
        delivery.due = rows.getBoolean(33);
        delivery.large = isLarge(rows);
        return delivery;
    }

    /**
     * A row of a claim of ready rows.
     *
     * @param transaction the claiming transaction; null: read it from the row
     */
    static Delivery readyDelivery(ResultSet rows, String channel, boolean twin, @Nullable String transaction)
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
        Composite rest = new Composite(given == null ? NO_REST : given);
        boolean suspect = rest.bool();
        boolean expired = rest.bool();
        int deliveryCount = (int) rest.number();
        int failureCount = (int) rest.number();
        long deliveryTime = rest.number();
        long expiration = rest.number();
        UUID messageId = uuid(rest.text());
        UUID payloadId = uuid(rest.text());
        String destination = rest.text();
        String replyTo = rest.text();
        String correlationId = rest.text();
        String type = rest.text();
        String redeliveryPolicy = rest.text();
        String deadOrigin = rest.text();
        String deadReason = rest.text();
        Headers headers = new Headers(
                messageId,
                destination,
                replyTo,
                correlationId,
                type,
                redeliveryPolicy,
                (int) rest.number(),
                rest.text());
        boolean large = rest.bool();
        Delivery.Row row = new Delivery.Row(
                rows.getObject(3, UUID.class),
                channel,
                !twin,
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
        delivery.large = large;
        return delivery;
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        return text == null ? null : UUID.fromString(text);
    }

    static Delivery.Row row(ResultSet rows, String channel) throws SQLException {
        Headers headers = new Headers(
                rows.getObject(15, UUID.class),
                rows.getString(16),
                rows.getString(17),
                rows.getString(18),
                rows.getString(19),
                rows.getString(20),
                rows.getInt(29),
                rows.getString(30));
        Content content = new Content(
                rows.getString(23), rows.getString(24), rows.getBytes(25), rows.getString(26), rows.getString(27));
        return new Delivery.Row(
                rows.getObject(6, UUID.class),
                channel,
                !rows.getBoolean(1),
                9 - rows.getInt(8),
                rows.getLong(7),
                rows.getLong(9),
                rows.getLong(10),
                rows.getLong(11),
                rows.getInt(12),
                rows.getInt(13),
                rows.getString(21),
                rows.getString(22),
                headers,
                content);
    }
}
