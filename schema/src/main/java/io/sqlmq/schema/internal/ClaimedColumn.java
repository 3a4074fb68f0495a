package io.sqlmq.schema.internal;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The columns of a message as consumers read it, in the order of the type {@code mq_claimed}: the one place that says what a
 * claim returns of a row {@code m}, for the functions of the database as for statements of the engine. {@link ClaimedRow}
 * fills in what differs.
 */
public enum ClaimedColumn {
    /** Of mq_msgs_unlogged. */
    UNLOGGED("boolean", "{unlogged}"),
    ROW_TID("tid", "{tid}"),
    /** The delivery before ended with the death of its transaction or its lease. */
    SUSPECT("boolean", "{suspect}"),
    EXPIRED("boolean", "coalesce(m.expires_at <= statement_timestamp(), false)"),
    /** The transaction that claims. */
    XACT("xid8", "{xact}"),
    ID("uuid", "m.id"),
    SEQ("{schema}.mq_number", "m.seq"),
    PRIO_RANK("{schema}.mq_rank", "m.prio_rank"),
    SENT_AT("bigint", "m.sent_at"),
    DELIVERY_TIME("bigint", "m.delivery_time"),
    EXPIRATION("bigint", "m.expiration"),
    DELIVERY_COUNT("{schema}.mq_count", "m.delivery_count"),
    FAILURE_COUNT("{schema}.mq_count", "m.failure_count"),
    LEASED("boolean", "m.lease_owner IS NOT NULL"),
    MESSAGE_ID("uuid", "coalesce(m.message_id, m.payload_id)"),
    DESTINATION("text", "m.destination"),
    REPLY_TO("text", "m.reply_to"),
    CORRELATION_ID("text", "m.correlation_id"),
    JMS_TYPE("text", "coalesce(m.jms_type, m.name)"),
    /** Of a job what it says itself. */
    REDELIVERY_POLICY("text", """
            CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                 ELSE {schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END"""),
    DEAD_ORIGIN("text", "m.dead_origin"),
    DEAD_REASON("text", "m.dead_reason"),
    BODY_TYPE("text", """
            CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                 ELSE m.body_type END"""),
    PAYLOAD_TEXT("text", """
            CASE WHEN m.payload_id IS NOT NULL THEN {sharedText}
                 WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= {most} THEN m.payload_text END
                 WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= {most}
                 THEN m.payload_json::text END"""),
    PAYLOAD_BYTES("bytea", """
            CASE WHEN m.payload_id IS NOT NULL THEN {sharedBytes}
                 WHEN pg_catalog.octet_length(m.payload_bytes) <= {most} THEN m.payload_bytes END"""),
    /** With one that tells why the delivery before failed. */
    PROPERTIES("text", """
            CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                   AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                 THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                       || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                 WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= {most} + 131072
                 THEN m.properties::text END"""),
    PROPERTY_TYPES("text", """
            CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                   OR pg_catalog.octet_length(m.property_types::text) <= {most} + 131072
                 THEN m.property_types::text END"""),
    PAYLOAD_ID("uuid", "m.payload_id"),
    DELIVERY_MODE("smallint", "m.delivery_mode"),
    GRP("{schema}.mq_group", "m.grp"),
    /** See mq_claim_grouped, as for the next. */
    GROUPED("boolean", "{grouped}"),
    CUT("boolean", "{cut}"),
    /** It waited: for its redelivery, its delivery time or the end of a lease. */
    DUE("boolean", "m.attempt_at IS NOT NULL"),
    /** A part of it is more than the consumer will fetch; what is too much is null. All together is measured by mq_octets. */
    LARGE("boolean", """
            coalesce(pg_catalog.octet_length(m.payload_text) > {most} OR pg_catalog.octet_length(m.payload_bytes) > {most}
              OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > {most})
              OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > {most} + 131072)
              OR (pg_catalog.pg_column_size(m.property_types) > 8000
                  AND pg_catalog.octet_length(m.property_types::text) > {most} + 131072)
              OR CASE WHEN m.payload_id IS NOT NULL THEN {sharedLarge} END, false)""");

    private final String type;
    private final String expression;

    ClaimedColumn(String type, String expression) {
        this.type = type;
        this.expression = expression;
    }

    /** As the database names it. */
    public String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its number in a result, from 1. */
    @SuppressWarnings("EnumOrdinal") // that the order is that of the type is what this enum is for
    public int index() {
        return ordinal() + 1;
    }

    String expression() {
        return expression;
    }

    /** The attributes of the type mq_claimed. */
    public static String type(String schema) {
        return Arrays.stream(values())
                .map(c -> c.column() + " " + c.type.replace("{schema}", schema))
                .collect(Collectors.joining(",\n"));
    }
}
