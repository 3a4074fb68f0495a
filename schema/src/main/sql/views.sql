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
         s.properties, coalesce(s.body_type, 'text') AS body_type, s.payload_text AS body, s.jms_type, s.name
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

-- For operators who look again and again: what mq_channels says, as far as can be seen in a short time however much there is. Each
-- queue is counted up to `most` messages of a kind (10,001, less where there are more than ten queues, some 100,000 in all), `more`
-- says that there are more; in_flight is leases, and what is locked near the head. dead: letters that came from it; is_dead: it has
-- dead letters in it. Names come from the indexes, one by one, as PostgreSQL cannot skip; what is known not to be in an
-- index is not looked for there; OFFSET 0 keeps it from counting twice.
CREATE VIEW ${schema}.mq_overview AS
  WITH RECURSIVE
    {{names-of name=ready table=mq_msgs waits="NULL" slot="NULL"}},
    {{names-of name=grouped table=mq_msgs waits="NULL" slot="NOT NULL"}},
    {{names-of name=waits table=mq_msgs waits="NOT NULL" slot="NULL"}},
    {{names-of name=grouped_waits table=mq_msgs waits="NOT NULL" slot="NOT NULL"}},
    {{names-of name=unlogged table=mq_msgs_unlogged waits="NULL" slot="NULL"}},
    {{names-of name=unlogged_waits table=mq_msgs_unlogged waits="NOT NULL" slot="NULL"}},
    waiters AS (
      SELECT w.channel_name COLLATE "C" AS channel, count(*) AS consumers
        FROM ${schema}.mq_waiters w JOIN ${schema}.mq_owners o ON o.owner = w.owner AND o.alive_until > now()
       GROUP BY 1),
    named AS MATERIALIZED (
      SELECT s.channel, bool_or(s.part = 1) AS ready, bool_or(s.part = 2) AS grouped, bool_or(s.part = 3) AS waits,
             bool_or(s.part = 4) AS grouped_waits, bool_or(s.part = 5) AS unlogged, bool_or(s.part = 6) AS unlogged_waits
        FROM (SELECT channel, 1 AS part FROM ready UNION ALL SELECT channel, 2 FROM grouped UNION ALL SELECT channel, 3 FROM waits
              UNION ALL SELECT channel, 4 FROM grouped_waits UNION ALL SELECT channel, 5 FROM unlogged
              UNION ALL SELECT channel, 6 FROM unlogged_waits UNION ALL SELECT channel, 0 FROM waiters
              UNION ALL SELECT p.channel_name COLLATE "C", 0 FROM ${schema}.mq_paused p) s
       WHERE s.channel IS NOT NULL GROUP BY s.channel),
    bounds AS MATERIALIZED (
      SELECT least(10001, greatest(101, 100000 / greatest(count(*), 1))) AS most,
             least(500, greatest(5, 10000 / greatest(count(*), 1))) AS head FROM named),
    counted AS MATERIALIZED (
      SELECT n.channel, b.most, r.ready AS first_try, r.most AS largest, r.locked, r.is_dead, w.ready, w.leased, w.delayed,
             w.backing_off, a.set_aside, least(r.oldest, w.sent_at) AS oldest
        FROM named n CROSS JOIN bounds b
       CROSS JOIN LATERAL (
         SELECT coalesce(sum(p.n), 0)::bigint AS ready, coalesce(max(p.n), 0) AS most, coalesce(sum(p.locked), 0)::bigint AS locked,
                coalesce(bool_or(p.is_dead), false) AS is_dead, min(p.oldest) AS oldest
           FROM ({{ready-of name=ready table=mq_msgs slot="NULL"}} UNION ALL {{ready-of name=grouped table=mq_msgs slot="NOT NULL"}}
                 UNION ALL {{ready-of name=unlogged table=mq_msgs_unlogged slot="NULL"}}) p) r
       CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE x.attempt_at <= now()) AS ready,
                count(*) FILTER (WHERE x.attempt_at > now() AND x.lease_owner IS NOT NULL) AS leased,
                count(*) FILTER (WHERE x.attempt_at > now() AND x.lease_owner IS NULL AND x.delivery_count > 0) AS backing_off,
                count(*) FILTER (WHERE x.attempt_at > now() AND x.lease_owner IS NULL AND x.delivery_count = 0) AS delayed,
                min(x.sent_at) AS sent_at
           FROM ({{waiting-of name=waits table=mq_msgs slot="NULL"}} UNION ALL {{waiting-of name=grouped_waits table=mq_msgs slot="NOT NULL"}}
                 UNION ALL {{waiting-of name=unlogged_waits table=mq_msgs_unlogged slot="NULL"}}) x) w
       CROSS JOIN LATERAL (
         SELECT {{aside-of table=mq_msgs where="n.waits OR n.grouped_waits"}}
              + {{aside-of table=mq_msgs_unlogged where="n.unlogged_waits"}} AS set_aside OFFSET 0) a),
    letters AS (
      SELECT l.dead_origin COLLATE "C" AS channel, count(*) AS dead
        FROM counted c CROSS JOIN LATERAL (
          SELECT m.dead_origin FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.channel AND m.attempt_at IS NULL AND m.slot IS NULL
           ORDER BY m.prio_rank, m.seq LIMIT c.most) l
       WHERE c.is_dead AND l.dead_origin IS NOT NULL GROUP BY 1)
  SELECT coalesce(c.channel, l.channel) AS channel, s.topic, s.subscription,
         coalesce(c.first_try + c.ready + c.leased + c.backing_off + c.delayed + c.set_aside, 0) AS depth,
         coalesce(c.first_try + c.ready - c.locked, 0) AS ready, coalesce(c.leased + c.locked, 0) AS in_flight,
         coalesce(c.delayed, 0) AS delayed, coalesce(c.backing_off, 0) AS backing_off, coalesce(c.set_aside, 0) AS set_aside,
         coalesce(l.dead, 0) AS dead, coalesce(c.is_dead, false) AS is_dead,
         CASE WHEN c.oldest BETWEEN 0 AND 253402300799999 THEN now() - to_timestamp(c.oldest / 1000.0) END AS oldest_age,
         EXISTS (SELECT FROM ${schema}.mq_paused p WHERE p.channel_name = c.channel) AS paused,
         coalesce(w.consumers, 0) AS consumers,
         coalesce(c.most <= greatest(c.largest, c.ready + c.leased + c.backing_off + c.delayed, c.set_aside), false) AS more
    FROM counted c FULL JOIN letters l ON l.channel = c.channel
    LEFT JOIN waiters w ON w.channel = c.channel
    LEFT JOIN LATERAL (
      SELECT coalesce(t.pattern, t.topic) AS topic, t.name AS subscription
        FROM ${schema}.mq_subscriptions t WHERE t.channel = c.channel AND NOT t.to_queue) s ON true;

-- For operators: how many messages a second were sent to each queue or channel and are done with, in this minute and the one before, as
-- processes count them. One that is not here was not counted.
CREATE VIEW ${schema}.mq_rates AS
  SELECT t.channel_name AS channel, sum(t.sent)::float8 / s.seconds AS sent_per_second, sum(t.gone)::float8 / s.seconds AS gone_per_second
    FROM (SELECT w.since, extract(epoch FROM now() - w.since)::float8 AS seconds
            FROM (SELECT date_trunc('minute', now()) - interval '1 minute' AS since) w) s
    JOIN ${schema}.mq_traffic t ON t.minute >= s.since
   GROUP BY t.channel_name, s.seconds;

-- For operators: the processes that consume, what each may be waiting on and how much it holds for longer.
CREATE VIEW ${schema}.mq_consumers AS
  SELECT o.owner, o.description, o.listening, o.alive_until > now() AS alive, o.alive_until,
         (SELECT count(*) FROM ${schema}.mq_leases l WHERE l.owner = o.owner) AS leases,
         array(SELECT w.channel_name::text FROM ${schema}.mq_waiters w WHERE w.owner = o.owner ORDER BY 1) AS waits_for
    FROM ${schema}.mq_owners o;

-- For operators who page through a queue: the rows of both tables by the columns that the indexes have, for (prio_rank, seq) > (…)
-- among those that are ready (attempt_at null), (attempt_at, prio_rank, seq) > (…) among those that wait. A role can be given the columns
-- without those of the body.
CREATE VIEW ${schema}.mq_rows AS
  SELECT m.tableoid, m.channel_name, m.id, m.seq, m.sent_at, m.prio_rank, m.slot, m.delivery_count, m.failure_count, m.attempt_at,
         m.expires_at, m.lease_owner, m.message_id, m.destination, m.reply_to, m.correlation_id, m.jms_type, m.delivery_time,
         m.expiration, m.grp, m.properties, m.property_types, m.redelivery_policy, m.delivery_mode, m.last_error, m.set_aside,
         m.dead_origin, m.dead_reason, m.dead_attempts, m.dead_at, m.name, m.channel_args, m.body_type, m.payload_id,
         m.payload_json,
         coalesce(m.payload_text, (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id)) AS payload_text,
         coalesce(m.payload_bytes, (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id)) AS payload_bytes,
         ${schema}.mq_is_locked(m.xmax) AS locked
    FROM ${schema}.mq_msgs m
  UNION ALL
  SELECT m.tableoid, m.channel_name, m.id, m.seq, m.sent_at, m.prio_rank, m.slot, m.delivery_count, m.failure_count, m.attempt_at,
         m.expires_at, m.lease_owner, m.message_id, m.destination, m.reply_to, m.correlation_id, m.jms_type, m.delivery_time,
         m.expiration, m.grp, m.properties, m.property_types, m.redelivery_policy, m.delivery_mode, m.last_error, m.set_aside,
         m.dead_origin, m.dead_reason, m.dead_attempts, m.dead_at, m.name, m.channel_args, m.body_type, m.payload_id,
         m.payload_json,
         coalesce(m.payload_text, (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id)) AS payload_text,
         coalesce(m.payload_bytes, (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id)) AS payload_bytes,
         ${schema}.mq_is_locked(m.xmax) AS locked
    FROM ${schema}.mq_msgs_unlogged m;
