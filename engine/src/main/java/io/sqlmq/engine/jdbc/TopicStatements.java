package io.sqlmq.engine.jdbc;

/** The statements of topics and subscriptions, for one schema. */
public final class TopicStatements {

    private static final String COLUMNS = """
            id, channel_name, prio_rank, sent_at, body_type, payload_text, payload_bytes, properties, property_types,
            attempt_at, delivery_time, expires_at, expiration, message_id, destination, reply_to, correlation_id,
            jms_type, redelivery_policy, delivery_mode, payload_id, grp, slot""";

    /** What {@code PublishStatements} binds for each row; the parameter is the schema. */
    private static final String ROWS = """
            SELECT m.id, m.channel, m.prio_rank, m.sent_at, m.body_type, m.text, m.bytes, m.properties::jsonb,
                   m.property_types::jsonb, statement_timestamp() + m.delay::float8 * interval '1 millisecond',
                   m.delivery_time, statement_timestamp() + m.ttl::float8 * interval '1 millisecond', m.expiration,
                   m.message_id, m.destination, m.reply_to, m.correlation_id, m.jms_type, m.redelivery_policy,
                   m.delivery_mode, m.payload_id, m.grp, %1$s.mq_slot(m.grp)
              FROM unnest(?::text[], ?::uuid[], ?::text[], ?::smallint[], ?::bigint[], ?::text[], ?::text[], ?::bytea[],
                          ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::uuid[], ?::text[],
                          ?::text[], ?::text[], ?::text[], ?::text[], ?::smallint[], ?::uuid[], ?::text[])
                AS m (topic, id, channel, prio_rank, sent_at, body_type, text, bytes, properties, property_types,
                      delay, delivery_time, ttl, expiration, message_id, destination, reply_to, correlation_id,
                      jms_type, redelivery_policy, delivery_mode, payload_id, grp)
             WHERE m.topic = ANY ((SELECT c.topics FROM current c)::text[])""";

    private static final String BODIES = """
            SELECT b.id, b.text, b.bytes
              FROM unnest(?::text[], ?::uuid[], ?::text[], ?::bytea[]) AS b (topic, id, text, bytes)
             WHERE b.topic = ANY ((SELECT c.topics FROM current c)::text[])""";

    public final String subscriptions;
    public final String bindQueue;
    public final String unbindQueue;
    public final String subscribe;
    public final String leave;
    public final String comeBack;
    public final String clientsOf;
    public final String unsubscribe;
    public final String takeClient;
    public final String giveBackClient;
    public final String giveBackClientsOf;
    public final String channelsOf;
    public final String topicOwners;
    public final String missingOwners;
    public final String sweepGone;
    public final String dropPayloads;
    public final String sweepPayloads;

    private final String schema;

    public TopicStatements(String schema) {
        this.schema = schema;
        subscriptions = "SELECT * FROM " + schema + ".mq_topic_subscriptions(?)";
        subscribe = "SELECT * FROM " + schema + ".mq_subscribe(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        bindQueue = "SELECT " + schema + ".mq_bind_queue(?, ?, ?)";
        unbindQueue = "SELECT " + schema + ".mq_unbind_queue(?)";
        leave = "SELECT " + schema + ".mq_leave_subscription(?, ?, ?::bigint)";
        comeBack = "SELECT " + schema + ".mq_return_to_subscription(?, ?, ?)";
        clientsOf = "SELECT client_id, token FROM " + schema + ".mq_clients WHERE owner = ?";
        unsubscribe = "SELECT * FROM " + schema + ".mq_unsubscribe(?, ?)";
        takeClient = "SELECT " + schema + ".mq_take_client(?, ?, ?)";
        giveBackClient = "DELETE FROM " + schema + ".mq_clients WHERE client_id = ? AND owner = ? AND token = ?";
        giveBackClientsOf = "DELETE FROM " + schema + ".mq_clients WHERE owner = ?";
        channelsOf = "SELECT channel, consumer FROM " + schema + ".mq_subscribers WHERE owner = ?";
        topicOwners = "SELECT pg_catalog.unnest(" + schema + ".mq_topic_owners())";
        missingOwners = "SELECT * FROM " + schema + ".mq_missing_owners(?, ?)";
        sweepGone = "SELECT " + schema + ".mq_sweep_gone(?)";
        dropPayloads = "SELECT " + schema + ".mq_drop_payloads(?)";
        sweepPayloads = "SELECT " + schema + ".mq_sweep_payloads(?, ?)";
    }

    /**
     * Writes what is published to those topics whose subscriptions are still the ones that the publisher knows, and
     * returns these topics; last the (sub)transaction that wrote. One snapshot decides for both tables.
     */
    public String publish(
            boolean logged, boolean loggedBodies, boolean unlogged, boolean unloggedBodies, boolean relaxes) {
        StringBuilder sql = new StringBuilder(2_500)
                .append("WITH current AS MATERIALIZED (SELECT pg_catalog.array_agg(t.topic) AS topics FROM ")
                .append(schema)
                .append(".mq_current_topics(?, ?, ?) AS t (topic))");
        if (loggedBodies) {
            insert(sql, "logged_bodies", "mq_payloads", "id, payload_text, payload_bytes", BODIES);
        }
        if (logged) {
            insert(sql, "logged", "mq_msgs", COLUMNS, ROWS.formatted(schema));
        }
        if (unloggedBodies) {
            insert(sql, "unlogged_bodies", "mq_payloads_unlogged", "id, payload_text, payload_bytes", BODIES);
        }
        if (unlogged) {
            insert(sql, "unlogged", "mq_msgs_unlogged", COLUMNS, ROWS.formatted(schema));
        }
        return sql.append("\nSELECT c.topics, ")
                .append(writer(logged, "logged"))
                .append(", ")
                .append(writer(unlogged, "unlogged"))
                .append(relaxes ? ", pg_catalog.set_config('synchronous_commit', 'off', true)" : "")
                .append(" FROM current c")
                .toString();
    }

    private void insert(StringBuilder sql, String name, String table, String columns, String rows) {
        sql.append(",\n")
                .append(name)
                .append(" AS (INSERT INTO ")
                .append(schema)
                .append('.')
                .append(table);
        sql.append(" (").append(columns).append(")\n").append(rows).append(" RETURNING xmin)");
    }

    private static String writer(boolean writes, String name) {
        return writes ? "(SELECT w.xmin FROM " + name + " w LIMIT 1)" : "NULL";
    }
}
