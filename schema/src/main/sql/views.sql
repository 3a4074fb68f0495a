-- Text as JSON, null when it is none, or is nested more than 1,000 levels deep: what a server can read depends on its
-- stack, and subscriptions have to select alike. For selectors on the fields of a body.
CREATE FUNCTION ${schema}.mq_try_json(p_text text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_json jsonb;
BEGIN
  v_json := p_text::jsonb;
  IF length(p_text) > 2000
     AND jsonb_path_exists(v_json, 'strict $.**{1000} ? (@.type() == "array" || @.type() == "object")') THEN
    RETURN NULL;
  END IF;
  RETURN v_json;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END
$body${tag}$;

-- For operators ----------------------------------------------------------------------------------------------------------

-- One line a message, readable. mq_messages_logged is the variant for hot standbys, where unlogged tables are not there.
CREATE VIEW ${schema}.mq_messages_logged AS
  SELECT m.channel_name AS queue, m.id, 9 - m.prio_rank AS priority, true AS persistent,
         CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END AS sent_at,
         CASE WHEN m.attempt_at IS NULL OR m.attempt_at <= now() THEN 'ready'
              WHEN m.set_aside IS NOT NULL THEN 'set aside'
              WHEN m.lease_owner IS NOT NULL THEN 'leased'
              WHEN m.delivery_count > 0 THEN 'backing off'
              ELSE 'delayed' END AS state,
         CASE WHEN m.attempt_at >= '1970-01-02 00:00+00' AND m.attempt_at < 'infinity' THEN m.attempt_at END AS due_at, m.expires_at, m.delivery_count, m.last_error,
         m.correlation_id, m.jms_type, m.reply_to, m.properties,
         coalesce(m.body_type, 'text') AS body_type,
         coalesce(m.payload_text, m.payload_json::text,
                  (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id)) AS body,
         m.seq, m.set_aside
    FROM ${schema}.mq_msgs m;

CREATE VIEW ${schema}.mq_messages AS
  SELECT * FROM ${schema}.mq_messages_logged
  UNION ALL
  SELECT m.channel_name, m.id, 9 - m.prio_rank, false,
         CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END,
         CASE WHEN m.attempt_at IS NULL OR m.attempt_at <= now() THEN 'ready'
              WHEN m.set_aside IS NOT NULL THEN 'set aside'
              WHEN m.lease_owner IS NOT NULL THEN 'leased'
              WHEN m.delivery_count > 0 THEN 'backing off'
              ELSE 'delayed' END,
         CASE WHEN m.attempt_at >= '1970-01-02 00:00+00' AND m.attempt_at < 'infinity' THEN m.attempt_at END, m.expires_at, m.delivery_count, m.last_error,
         m.correlation_id, m.jms_type, m.reply_to, m.properties,
         coalesce(m.body_type, 'text'),
         coalesce(m.payload_text, m.payload_json::text,
                  (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id)), m.seq, m.set_aside
    FROM ${schema}.mq_msgs_unlogged m;

CREATE VIEW ${schema}.mq_queues_logged AS
  SELECT queue, count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state = 'delayed') AS delayed,
         count(*) FILTER (WHERE state = 'backing off') AS backing_off, count(*) FILTER (WHERE state = 'leased') AS leased,
         count(*) FILTER (WHERE state = 'set aside') AS set_aside, count(*) AS total, min(sent_at) AS oldest
    FROM ${schema}.mq_messages_logged GROUP BY queue;

CREATE VIEW ${schema}.mq_queues AS
  SELECT queue, count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state = 'delayed') AS delayed,
         count(*) FILTER (WHERE state = 'backing off') AS backing_off, count(*) FILTER (WHERE state = 'leased') AS leased,
         count(*) FILTER (WHERE state = 'set aside') AS set_aside, count(*) AS total, min(sent_at) AS oldest
    FROM ${schema}.mq_messages GROUP BY queue;

-- What can be neither delivered nor parked, and why.
CREATE VIEW ${schema}.mq_set_aside AS
  SELECT m.channel_name AS queue, m.id, true AS persistent, m.set_aside AS reason, m.delivery_count, m.failure_count,
         m.last_error AS error, m.expires_at, m.seq
    FROM ${schema}.mq_msgs m WHERE m.set_aside IS NOT NULL
  UNION ALL
  SELECT m.channel_name, m.id, false, m.set_aside, m.delivery_count, m.failure_count, m.last_error, m.expires_at, m.seq
    FROM ${schema}.mq_msgs_unlogged m WHERE m.set_aside IS NOT NULL;

CREATE VIEW ${schema}.mq_dead_letters AS
  SELECT m.channel_name AS queue, m.id, m.dead_origin AS origin, m.dead_reason AS reason, m.dead_attempts AS attempts,
         m.dead_at, m.last_error AS error, m.properties, coalesce(m.body_type, 'text') AS body_type,
         coalesce(m.payload_text, m.payload_json::text) AS body
    FROM ${schema}.mq_msgs m WHERE m.dead_origin IS NOT NULL;

-- For operators.
CREATE VIEW ${schema}.mq_topic_subscribers AS
  SELECT coalesce(s.pattern, s.topic) AS topic, s.name AS subscription, nullif(s.client_id, '') AS client_id, s.shared, s.durable, s.selector,
         s.channel AS queue, s.created_at,
         (SELECT count(*) FROM ${schema}.mq_subscribers c WHERE c.channel = s.channel) AS consumers
    FROM ${schema}.mq_subscriptions s;

-- For operators: what will be sent, where and when.
CREATE VIEW ${schema}.mq_scheduled AS
  SELECT s.id, s.parent_id, CASE WHEN s.topic THEN 'topic://' ELSE 'queue://' END || s.channel_name AS destination,
         nullif(s.next_at, 'infinity') AS next_at, s.cron, s.zone, s.delay * interval '1 millisecond' AS delay,
         s.period * interval '1 millisecond' AS period, nullif(s.repeats, -1) AS repeats, s.created_at, s.last_error,
         s.properties, coalesce(s.body_type, 'text') AS body_type, s.payload_text AS body
    FROM ${schema}.mq_schedules s;

-- For operators: what is in each queue or channel, and which dead letters came from it. in_flight: leased, or locked by a transaction that
-- runs. The columns stay as they are; others may be added behind them.
CREATE VIEW ${schema}.mq_channels AS
  SELECT c.channel, count(*) FILTER (WHERE c.state NOT IN ('dead', 'paused')) AS depth, count(*) FILTER (WHERE c.state = 'ready') AS ready,
         count(*) FILTER (WHERE c.state = 'in flight') AS in_flight, count(*) FILTER (WHERE c.state = 'delayed') AS delayed,
         count(*) FILTER (WHERE c.state = 'backing off') AS backing_off, count(*) FILTER (WHERE c.state = 'set aside') AS set_aside,
         count(*) FILTER (WHERE c.state = 'dead') AS dead, now() - min(c.sent_at) AS oldest_age,
         bool_or(c.state = 'paused') AS paused
    FROM (
      SELECT m.channel_name::text AS channel,
             CASE WHEN m.set_aside IS NOT NULL THEN 'set aside'
                  WHEN m.lease_owner IS NOT NULL AND m.attempt_at > now() THEN 'in flight'
                  WHEN m.xmax <> '0'::xid AND pg_xact_status(${schema}.mq_locker(m.xmax)) = 'in progress' THEN 'in flight'
                  WHEN m.attempt_at IS NULL OR m.attempt_at <= now() THEN 'ready'
                  WHEN m.delivery_count > 0 THEN 'backing off'
                  ELSE 'delayed' END AS state,
             CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END AS sent_at
        FROM ${schema}.mq_msgs m
      UNION ALL
      SELECT m.channel_name::text,
             CASE WHEN m.set_aside IS NOT NULL THEN 'set aside'
                  WHEN m.lease_owner IS NOT NULL AND m.attempt_at > now() THEN 'in flight'
                  WHEN m.xmax <> '0'::xid AND pg_xact_status(${schema}.mq_locker(m.xmax)) = 'in progress' THEN 'in flight'
                  WHEN m.attempt_at IS NULL OR m.attempt_at <= now() THEN 'ready'
                  WHEN m.delivery_count > 0 THEN 'backing off'
                  ELSE 'delayed' END,
             CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END
        FROM ${schema}.mq_msgs_unlogged m
      UNION ALL
      SELECT m.dead_origin, 'dead', NULL FROM ${schema}.mq_msgs m WHERE m.dead_origin IS NOT NULL
      UNION ALL
      SELECT p.channel_name, 'paused', NULL FROM ${schema}.mq_paused p) c
   GROUP BY c.channel;

-- For operators: who holds what for longer. owner is null for what was polled; holder is then the process of the session.
CREATE VIEW ${schema}.mq_leases AS
  SELECT l.channel_name::text AS channel, l.id, nullif(l.lease_owner, -1) AS owner,
         CASE WHEN l.lease_owner = -1 THEN 'mq_poll in the session ' || (-l.lease_token)::text ELSE o.description END AS holder,
         l.attempt_at AS until, l.delivery_count, l.name
    FROM (SELECT m.channel_name, m.id, m.lease_owner, m.lease_token, m.attempt_at, m.delivery_count, m.name FROM ${schema}.mq_msgs m
           WHERE m.lease_owner IS NOT NULL AND m.attempt_at > now()
          UNION ALL
          SELECT m.channel_name, m.id, m.lease_owner, m.lease_token, m.attempt_at, m.delivery_count, m.name
            FROM ${schema}.mq_msgs_unlogged m WHERE m.lease_owner IS NOT NULL AND m.attempt_at > now()) l
    LEFT JOIN ${schema}.mq_owners o ON o.owner = l.lease_owner;
