package io.sqlmq.engine;

import io.sqlmq.engine.NewMessage.Content;
import io.sqlmq.engine.NewMessage.Headers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/** Messages as result rows: in the order of the type mq_claimed. */
final class Rows {

    /** From row_tid on, for queries over a table {@code m} of their own; %1$s is the schema. */
    private static final String COLUMNS = """
            m.ctid AS row_tid,
            CASE WHEN m.lease_owner IS NOT NULL THEN true
                 WHEN m.xmax = '0'::xid THEN false
                 ELSE %1$s.mq_aborted(m.xmax) END AS suspect,
            coalesce(m.expires_at <= statement_timestamp(), false) AS expired, %2$s AS xact,
            m.id, m.seq, m.prio_rank, m.sent_at, m.delivery_time, m.expiration, m.delivery_count, m.failure_count,
            m.lease_owner IS NOT NULL AS leased, coalesce(m.message_id, m.payload_id) AS message_id,
            m.destination, m.reply_to, m.correlation_id,
            coalesce(m.jms_type, m.name) AS jms_type, m.redelivery_policy, m.dead_origin, m.dead_reason,
            CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                 ELSE m.body_type END AS body_type,
            CASE WHEN m.payload_id IS NOT NULL
                 THEN coalesce((SELECT p.payload_text FROM %1$s.mq_payloads p WHERE p.id = m.payload_id),
                               (SELECT p.payload_text FROM %1$s.mq_payloads_unlogged p WHERE p.id = m.payload_id))
                 WHEN m.payload_json IS NULL THEN m.payload_text ELSE m.payload_json::text END AS payload_text,
            CASE WHEN m.payload_id IS NOT NULL
                 THEN coalesce((SELECT p.payload_bytes FROM %1$s.mq_payloads p WHERE p.id = m.payload_id),
                               (SELECT p.payload_bytes FROM %1$s.mq_payloads_unlogged p WHERE p.id = m.payload_id))
                 ELSE m.payload_bytes END AS payload_bytes,
            m.properties::text AS properties, m.property_types::text AS property_types, m.payload_id, m.delivery_mode,
            m.grp, m.slot IS NOT NULL AS grouped, %3$s AS cut""";

    private Rows() {}

    /** The columns of a query that locks rows. */
    static String claimColumns(String schema) {
        return COLUMNS.formatted(
                schema,
                "pg_current_xact_id()",
                "m.slot IS NOT NULL AND current_setting('sqlmq.slots_cut', true) = 'true'");
    }

    /** The columns of a query that only looks. */
    static String browseColumns(String schema) {
        return COLUMNS.formatted(schema, "NULL::xid8", "false");
    }

    static Delivery delivery(ResultSet rows, String channel) throws SQLException {
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
        return delivery;
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
