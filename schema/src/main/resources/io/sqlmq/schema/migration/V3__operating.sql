-- For those who operate queues. Never changed once it is released.

-- Channels of which only so much is delivered, over all processes. See mq_limit.
CREATE TABLE ${schema}.mq_limits (
  channel_name text COLLATE "C" PRIMARY KEY CHECK (octet_length(channel_name) <= 255),
  running      integer CHECK (running BETWEEN 1 AND 1000),      -- how many are worked on at the same time
  starts       integer CHECK (starts BETWEEN 1 AND 1000000),    -- how many deliveries may begin within any period
  period       interval CHECK (period BETWEEN interval '1 ms' AND interval '31 days'),
  limited_at   timestamptz NOT NULL DEFAULT statement_timestamp(),
  limited_by   text NOT NULL DEFAULT session_user,
  CHECK (num_nonnulls(starts, period) <> 1 AND num_nonnulls(running, starts) > 0)
);

-- Each delivery from a limited channel has one of these of each kind that is limited. It is taken while somebody has its row locked;
-- besides, one of what runs while its message is leased, and one of the starts until free_at.
CREATE TABLE ${schema}.mq_limit_slots (
  channel_name text COLLATE "C" NOT NULL,
  starts       boolean NOT NULL,
  number       integer NOT NULL,
  message_id   uuid,
  taker        xid8,                                            -- the transaction that took it
  free_at      timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (channel_name, starts, number)
) WITH (fillfactor = 50);

-- For operators: the selectors of its consumers, if all have one; empty: some take any message; null: not told.
ALTER TABLE ${schema}.mq_waiters ADD COLUMN selectors text;

-- The first p_queues queues by name, how many messages each has, as far as p_limit, and for how many seconds the first of those that can
-- be received has been there; null where none can. Temporary queues and subscriptions are left out. Its work is bounded, for those who
-- ask again and again.
CREATE OR REPLACE FUNCTION ${schema}.mq_queue_sizes(p_queues integer, p_limit bigint)
RETURNS TABLE (queue text, messages bigint, oldest_age double precision)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_sent bigint;
BEGIN
  FOR queue IN SELECT n FROM ${schema}.mq_queue_names('') n LIMIT p_queues LOOP
    messages := ${schema}.mq_depth(queue, p_limit);
    v_sent := least(
      (SELECT m.sent_at FROM ${schema}.mq_msgs m
        WHERE m.channel_name = queue AND m.attempt_at IS NULL AND m.slot IS NULL ORDER BY m.prio_rank, m.seq LIMIT 1),
      (SELECT m.sent_at FROM ${schema}.mq_msgs m
        WHERE m.channel_name = queue AND m.attempt_at IS NULL AND m.slot IS NOT NULL ORDER BY m.prio_rank, m.seq LIMIT 1),
      (SELECT m.sent_at FROM ${schema}.mq_msgs_unlogged m
        WHERE m.channel_name = queue AND m.attempt_at IS NULL AND m.slot IS NULL ORDER BY m.prio_rank, m.seq LIMIT 1));
    oldest_age := CASE WHEN v_sent > 0 THEN greatest(0, extract(epoch FROM statement_timestamp()) - v_sent / 1000.0) END;
    RETURN NEXT;
  END LOOP;
END
$body${tag}$;

-- For operators who look again and again: what mq_channels says, as far as can be seen in a short time however much there is. Each
-- queue is counted up to `most` messages of a kind (10,001, less where there are more than ten queues, some 100,000 in all), `more`
-- says that there are more; in_flight is leases, and what is locked near the head. dead: letters that came from it; is_dead: it has
-- dead letters in it. Names come from the indexes, one by one, as PostgreSQL cannot skip; OFFSET 0 keeps it from counting twice.
CREATE VIEW ${schema}.mq_overview AS
  WITH RECURSIVE
    ready (channel) AS (
          (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs m WHERE m.attempt_at IS NULL AND m.slot IS NULL
            ORDER BY m.channel_name LIMIT 1)
          UNION ALL
          SELECT (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs m
                   WHERE m.attempt_at IS NULL AND m.slot IS NULL AND m.channel_name > l.channel ORDER BY m.channel_name LIMIT 1)
            FROM ready l WHERE l.channel IS NOT NULL),
    grouped (channel) AS (
          (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs m WHERE m.attempt_at IS NULL AND m.slot IS NOT NULL
            ORDER BY m.channel_name LIMIT 1)
          UNION ALL
          SELECT (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs m
                   WHERE m.attempt_at IS NULL AND m.slot IS NOT NULL AND m.channel_name > l.channel ORDER BY m.channel_name LIMIT 1)
            FROM grouped l WHERE l.channel IS NOT NULL),
    waits (channel) AS (
          (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs m WHERE m.attempt_at IS NOT NULL AND m.slot IS NULL
            ORDER BY m.channel_name LIMIT 1)
          UNION ALL
          SELECT (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs m
                   WHERE m.attempt_at IS NOT NULL AND m.slot IS NULL AND m.channel_name > l.channel ORDER BY m.channel_name LIMIT 1)
            FROM waits l WHERE l.channel IS NOT NULL),
    grouped_waits (channel) AS (
          (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs m WHERE m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
            ORDER BY m.channel_name LIMIT 1)
          UNION ALL
          SELECT (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs m
                   WHERE m.attempt_at IS NOT NULL AND m.slot IS NOT NULL AND m.channel_name > l.channel ORDER BY m.channel_name LIMIT 1)
            FROM grouped_waits l WHERE l.channel IS NOT NULL),
    unlogged (channel) AS (
          (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs_unlogged m WHERE m.attempt_at IS NULL AND m.slot IS NULL
            ORDER BY m.channel_name LIMIT 1)
          UNION ALL
          SELECT (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs_unlogged m
                   WHERE m.attempt_at IS NULL AND m.slot IS NULL AND m.channel_name > l.channel ORDER BY m.channel_name LIMIT 1)
            FROM unlogged l WHERE l.channel IS NOT NULL),
    unlogged_waits (channel) AS (
          (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs_unlogged m WHERE m.attempt_at IS NOT NULL AND m.slot IS NULL
            ORDER BY m.channel_name LIMIT 1)
          UNION ALL
          SELECT (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.mq_msgs_unlogged m
                   WHERE m.attempt_at IS NOT NULL AND m.slot IS NULL AND m.channel_name > l.channel ORDER BY m.channel_name LIMIT 1)
            FROM unlogged_waits l WHERE l.channel IS NOT NULL),
    waiters AS (
      SELECT w.channel_name COLLATE "C" AS channel, count(*) AS consumers
        FROM ${schema}.mq_waiters w JOIN ${schema}.mq_owners o ON o.owner = w.owner AND o.alive_until > now()
       GROUP BY 1),
    named AS MATERIALIZED (
      SELECT s.channel FROM (
        SELECT channel FROM ready UNION SELECT channel FROM grouped UNION SELECT channel FROM waits
        UNION SELECT channel FROM grouped_waits UNION SELECT channel FROM unlogged UNION SELECT channel FROM unlogged_waits
        UNION SELECT channel FROM waiters UNION SELECT p.channel_name COLLATE "C" FROM ${schema}.mq_paused p) s
       WHERE s.channel IS NOT NULL),
    bounds AS MATERIALIZED (
      SELECT least(10001, greatest(101, 100000 / greatest(count(*), 1))) AS most,
             least(500, greatest(20, 10000 / greatest(count(*), 1))) AS head FROM named),
    counted AS MATERIALIZED (
      SELECT n.channel, b.most, r.logged, r.grouped, r.unlogged, w.ready, w.leased, w.delayed, w.backing_off, w.sent_at,
             r.set_aside, h.locked, h.is_dead,
             least(CASE WHEN r.logged > 0 THEN (SELECT min(o.sent_at) FROM generate_series(0, 9) k,
                              LATERAL (SELECT m.sent_at FROM ${schema}.mq_msgs m
                                        WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL AND m.prio_rank = k::smallint
                                        ORDER BY m.seq LIMIT 1) o) END,
                   CASE WHEN r.grouped > 0 THEN (SELECT min(o.sent_at) FROM generate_series(0, 9) k,
                                    LATERAL (SELECT m.sent_at FROM ${schema}.mq_msgs m
                                              WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL AND m.prio_rank = k::smallint
                                              ORDER BY m.seq LIMIT 1) o) END,
                   CASE WHEN r.unlogged > 0 THEN (SELECT min(o.sent_at) FROM generate_series(0, 9) k,
                                    LATERAL (SELECT m.sent_at FROM ${schema}.mq_msgs_unlogged m
                                              WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL AND m.prio_rank = k::smallint
                                              ORDER BY m.seq LIMIT 1) o) END, w.sent_at) AS oldest
        FROM named n CROSS JOIN bounds b
       CROSS JOIN LATERAL (
         SELECT (SELECT count(*) FROM (SELECT FROM ${schema}.mq_msgs m
                           WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                           ORDER BY m.prio_rank, m.seq LIMIT b.most) x) AS logged,
                (SELECT count(*) FROM (SELECT FROM ${schema}.mq_msgs m
                                WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                                ORDER BY m.prio_rank, m.seq LIMIT b.most) x) AS grouped,
                (SELECT count(*) FROM (SELECT FROM ${schema}.mq_msgs_unlogged m
                                WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                                ORDER BY m.prio_rank, m.seq LIMIT b.most) x) AS unlogged,
                (SELECT count(*) FROM (SELECT FROM ${schema}.mq_msgs m WHERE m.channel_name = n.channel AND m.set_aside IS NOT NULL
                                ORDER BY m.seq LIMIT b.most) x) + (SELECT count(*) FROM (SELECT FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = n.channel AND m.set_aside IS NOT NULL
                                                  ORDER BY m.seq LIMIT b.most) x) AS set_aside
        OFFSET 0) r
       CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE pg_xact_status(${schema}.mq_locker(x.xmax)) = 'in progress') AS locked,
                coalesce(bool_or(x.dead_origin IS NOT NULL), false) AS is_dead
           FROM ((SELECT m.xmax, m.dead_origin FROM ${schema}.mq_msgs m
                            WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                            ORDER BY m.prio_rank, m.seq LIMIT b.head) UNION ALL (SELECT m.xmax, m.dead_origin FROM ${schema}.mq_msgs m
                                             WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                                             ORDER BY m.prio_rank, m.seq LIMIT b.head)
                 UNION ALL (SELECT m.xmax, m.dead_origin FROM ${schema}.mq_msgs_unlogged m
                                  WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                                  ORDER BY m.prio_rank, m.seq LIMIT b.head)) x
          WHERE x.xmax <> '0'::xid OR x.dead_origin IS NOT NULL) h
       CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE x.attempt_at <= now()) AS ready,
                count(*) FILTER (WHERE x.attempt_at > now() AND x.lease_owner IS NOT NULL) AS leased,
                count(*) FILTER (WHERE x.attempt_at > now() AND x.lease_owner IS NULL AND x.delivery_count > 0) AS backing_off,
                count(*) FILTER (WHERE x.attempt_at > now() AND x.lease_owner IS NULL AND x.delivery_count = 0) AS delayed,
                min(x.sent_at) AS sent_at
           FROM ((SELECT m.attempt_at, m.lease_owner, m.delivery_count, m.sent_at FROM ${schema}.mq_msgs m
                            WHERE m.channel_name = n.channel AND m.attempt_at IS NOT NULL AND m.attempt_at < 'infinity' AND m.slot IS NULL
                            ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT b.most) UNION ALL (SELECT m.attempt_at, m.lease_owner, m.delivery_count, m.sent_at FROM ${schema}.mq_msgs m
                                             WHERE m.channel_name = n.channel AND m.attempt_at IS NOT NULL AND m.attempt_at < 'infinity' AND m.slot IS NOT NULL
                                             ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT b.most)
                 UNION ALL (SELECT m.attempt_at, m.lease_owner, m.delivery_count, m.sent_at FROM ${schema}.mq_msgs_unlogged m
                                  WHERE m.channel_name = n.channel AND m.attempt_at IS NOT NULL AND m.attempt_at < 'infinity' AND m.slot IS NULL
                                  ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT b.most)) x) w),
    letters AS (
      SELECT l.dead_origin COLLATE "C" AS channel, count(*) AS dead
        FROM counted c CROSS JOIN LATERAL (
          SELECT m.dead_origin FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.channel AND m.attempt_at IS NULL AND m.slot IS NULL
           ORDER BY m.prio_rank, m.seq LIMIT c.most) l
       WHERE c.is_dead AND l.dead_origin IS NOT NULL GROUP BY 1)
  SELECT coalesce(c.channel, l.channel) AS channel, s.topic, s.subscription,
         coalesce(c.logged + c.grouped + c.unlogged + c.ready + c.leased + c.backing_off + c.delayed + c.set_aside, 0) AS depth,
         coalesce(c.logged + c.grouped + c.unlogged + c.ready - c.locked, 0) AS ready, coalesce(c.leased + c.locked, 0) AS in_flight,
         coalesce(c.delayed, 0) AS delayed, coalesce(c.backing_off, 0) AS backing_off, coalesce(c.set_aside, 0) AS set_aside,
         coalesce(l.dead, 0) AS dead, coalesce(c.is_dead, false) AS is_dead,
         CASE WHEN c.oldest BETWEEN 0 AND 253402300799999 THEN now() - to_timestamp(c.oldest / 1000.0) END AS oldest_age,
         EXISTS (SELECT FROM ${schema}.mq_paused p WHERE p.channel_name = c.channel) AS paused,
         coalesce(w.consumers, 0) AS consumers,
         coalesce(c.most <= greatest(c.logged, c.grouped, c.unlogged, c.ready + c.leased + c.backing_off + c.delayed, c.set_aside), false)
           AS more
    FROM counted c FULL JOIN letters l ON l.channel = c.channel
    LEFT JOIN waiters w ON w.channel = c.channel
    LEFT JOIN LATERAL (
      SELECT coalesce(t.pattern, t.topic) AS topic, t.name AS subscription
        FROM ${schema}.mq_subscriptions t WHERE t.channel = c.channel AND NOT t.to_queue) s ON true;

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
         pg_xact_status(${schema}.mq_locker(m.xmax)) IS NOT DISTINCT FROM 'in progress' AS locked
    FROM ${schema}.mq_msgs m
  UNION ALL
  SELECT m.tableoid, m.channel_name, m.id, m.seq, m.sent_at, m.prio_rank, m.slot, m.delivery_count, m.failure_count, m.attempt_at,
         m.expires_at, m.lease_owner, m.message_id, m.destination, m.reply_to, m.correlation_id, m.jms_type, m.delivery_time,
         m.expiration, m.grp, m.properties, m.property_types, m.redelivery_policy, m.delivery_mode, m.last_error, m.set_aside,
         m.dead_origin, m.dead_reason, m.dead_attempts, m.dead_at, m.name, m.channel_args, m.body_type, m.payload_id,
         m.payload_json,
         coalesce(m.payload_text, (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id)) AS payload_text,
         coalesce(m.payload_bytes, (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id)) AS payload_bytes,
         pg_xact_status(${schema}.mq_locker(m.xmax)) IS NOT DISTINCT FROM 'in progress' AS locked
    FROM ${schema}.mq_msgs_unlogged m;

-- What a role needs, in words of SQL after GRANT: docs/operating.md says what each kind may do.
CREATE OR REPLACE FUNCTION ${schema}.mq_rights(p_what text) RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_name text;
BEGIN
  IF p_what NOT IN ('all', 'queues', 'send', 'send by SQL', 'receive', 'watch', 'watch headers', 'watch bodies', 'administer') THEN
    RAISE EXCEPTION 'no right is called "%": all, queues, send, send by SQL, receive, watch, watch headers, watch bodies, administer', p_what
      USING ERRCODE = '22023';
  END IF;
  FOREACH v_name IN ARRAY CASE
    WHEN p_what IN ('all', 'administer') THEN ARRAY[
      'SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged, mq_payloads, mq_payloads_unlogged, mq_owners, mq_waiters,'
        || ' mq_signatures, mq_failures, mq_topics, mq_subscriptions, mq_subscribers, mq_clients, mq_gone_channels, mq_schedules,'
        || ' mq_dedup, mq_exclusives, mq_completed, mq_limit_slots',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_limits, mq_schema_history']
    WHEN p_what = 'queues' THEN ARRAY[
      'SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged, mq_payloads, mq_payloads_unlogged, mq_owners, mq_waiters,'
        || ' mq_signatures, mq_failures, mq_clients, mq_gone_channels, mq_schedules, mq_dedup, mq_exclusives, mq_completed, mq_limit_slots',
      'SELECT, UPDATE, DELETE ON mq_topics, mq_subscriptions, mq_subscribers',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_limits, mq_schema_history']
    WHEN p_what = 'receive' THEN ARRAY[
      'SELECT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged',
      'SELECT, DELETE ON mq_payloads, mq_payloads_unlogged',
      'SELECT, UPDATE, DELETE ON mq_schedules, mq_dedup',
      'SELECT, INSERT, UPDATE, DELETE ON mq_owners, mq_waiters, mq_signatures, mq_failures, mq_topics, mq_subscriptions,'
        || ' mq_subscribers, mq_clients, mq_gone_channels, mq_exclusives, mq_completed, mq_limit_slots',
      'SELECT ON SEQUENCE mq_seq',
      'USAGE, SELECT ON SEQUENCE mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_limits, mq_schema_history']
    WHEN p_what = 'send' THEN ARRAY[
      -- To count what is in a queue, for maxDepth, too.
      'INSERT, SELECT (id, xmin, channel_name, attempt_at, slot) ON mq_msgs, mq_msgs_unlogged',
      'INSERT, SELECT (id, xmin) ON mq_schedules',
      'INSERT ON mq_payloads, mq_payloads_unlogged',
      'SELECT, INSERT, UPDATE ON mq_dedup',
      'USAGE ON SEQUENCE mq_seq',
      'SELECT ON mq_waiters, mq_topics, mq_subscriptions, mq_destinations, mq_schema_history']
    WHEN p_what = 'send by SQL' THEN ARRAY[
      'INSERT ON mq_msgs', 'SELECT, INSERT, UPDATE ON mq_dedup', 'USAGE ON SEQUENCE mq_seq', 'SELECT ON mq_waiters']
    WHEN p_what = 'watch' THEN ARRAY[
      'SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_overview, mq_consumers, mq_leases, mq_topic_subscribers']
    WHEN p_what = 'watch headers' THEN ARRAY[
      'SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_overview, mq_consumers, mq_leases, mq_topic_subscribers, mq_attempts,'
        || ' mq_set_aside',
      'SELECT (tableoid, channel_name, id, seq, sent_at, prio_rank, slot, delivery_count, failure_count, attempt_at, expires_at, lease_owner,'
        || ' message_id, destination, reply_to, correlation_id, jms_type, delivery_time, expiration, grp, properties, property_types,'
        || ' redelivery_policy, delivery_mode, last_error, set_aside, dead_origin, dead_reason, dead_attempts, dead_at, name,'
        || ' channel_args, body_type, payload_id, locked) ON mq_rows']
    ELSE ARRAY['SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_overview, mq_consumers, mq_leases, mq_topic_subscribers, mq_messages,'
                 || ' mq_messages_logged, mq_rows, mq_set_aside, mq_dead_letters, mq_scheduled, mq_attempts, mq_completed']
    END
  LOOP
    RETURN NEXT replace(v_name, 'mq_', '${schemaText}.mq_');
  END LOOP;
  IF p_what = 'administer' THEN
    RETURN NEXT 'INSERT, DELETE ON ${schemaText}.mq_destinations';
    RETURN NEXT 'INSERT, UPDATE, DELETE ON ${schemaText}.mq_paused, ${schemaText}.mq_limits';
    RETURN NEXT 'SELECT ON ${schemaText}.mq_queues, ${schemaText}.mq_queues_logged, ${schemaText}.mq_channels, ${schemaText}.mq_leases, '
      || '${schemaText}.mq_topic_subscribers, ${schemaText}.mq_overview, ${schemaText}.mq_consumers, ${schemaText}.mq_rows, '
      || '${schemaText}.mq_messages, ${schemaText}.mq_messages_logged, ${schemaText}.mq_set_aside, '
      || '${schemaText}.mq_dead_letters, ${schemaText}.mq_scheduled';
  END IF;
  RETURN NEXT 'USAGE ON SCHEMA ${schemaText}';
  -- Also where a database's default privileges take it from everybody.
  RETURN NEXT 'EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schemaText}';
END
$body${tag}$;

-- Limits what is delivered from a channel, to consumers, to jobs, and to those who poll, over all processes: to p_running at the same
-- time, and to p_starts in any p_period; null: not limited in that way. Takes the place of limits before it. A message that is
-- delivered again counts again. What is leased already counts as running, what a transaction has received already does not. Of
-- more than 1,000 starts at most 1,000 begin at once: of 60,000 in a minute as many in each second.
CREATE OR REPLACE FUNCTION ${schema}.mq_limit(
  p_channel text, p_running integer DEFAULT NULL, p_starts integer DEFAULT NULL, p_period interval DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  INSERT INTO ${schema}.mq_limits AS l (channel_name, running, starts, period)
  VALUES (p_channel, p_running, p_starts, p_period)
  ON CONFLICT (channel_name) DO UPDATE
     SET running = excluded.running, starts = excluded.starts, period = excluded.period, limited_at = excluded.limited_at,
         limited_by = excluded.limited_by;
  -- What is leased without a slot gets one, if there are more of them then than may run: mq_hold_slots deletes them as they get free.
  INSERT INTO ${schema}.mq_limit_slots (channel_name, starts, number, message_id)
  SELECT p_channel, false, coalesce(max.number, 0) + row_number() OVER (), m.id
    FROM (SELECT max(s.number) AS number FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND NOT s.starts) max,
         (SELECT m.id FROM ${schema}.mq_msgs m
           WHERE m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
          UNION ALL
          SELECT m.id FROM ${schema}.mq_msgs_unlogged m
           WHERE m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()) m
   WHERE p_running IS NOT NULL
     AND NOT EXISTS (SELECT FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND NOT s.starts AND s.message_id = m.id);
  INSERT INTO ${schema}.mq_limit_slots (channel_name, starts, number)
  SELECT p_channel, k.starts, coalesce(k.last, 0) + n
    FROM (SELECT w.starts, w.wanted, count(s.number)::integer AS there, max(s.number) AS last
            FROM (SELECT false AS starts, l.running AS wanted FROM ${schema}.mq_limits l WHERE l.channel_name = p_channel
                  UNION ALL SELECT true, l.starts / ((l.starts + 999) / 1000) FROM ${schema}.mq_limits l WHERE l.channel_name = p_channel) w
            LEFT JOIN ${schema}.mq_limit_slots s ON s.channel_name = p_channel AND s.starts = w.starts
           GROUP BY w.starts, w.wanted) k,
         generate_series(1, k.wanted - k.there) AS n;
  PERFORM pg_notify('sqlmq:' || md5('${schemaText}'), '0 sqlmq-pauses'), ${schema}.mq_notify_jobs(ARRAY[p_channel], 0);
END
$body${tag}$;

-- Ends them; returns whether there were any.
CREATE OR REPLACE FUNCTION ${schema}.mq_unlimit(p_channel text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_limited boolean;
BEGIN
  DELETE FROM ${schema}.mq_limits l WHERE l.channel_name = p_channel;
  v_limited := FOUND;
  IF v_limited THEN
    -- Those that are taken just now stay, and are used or deleted when there is a limit again.
    DELETE FROM ${schema}.mq_limit_slots s
     WHERE (s.channel_name, s.starts, s.number) IN (
       SELECT t.channel_name, t.starts, t.number FROM ${schema}.mq_limit_slots t WHERE t.channel_name = p_channel FOR UPDATE SKIP LOCKED);
    PERFORM pg_notify('sqlmq:' || md5('${schemaText}'), '0 sqlmq-pauses'), ${schema}.mq_notify_jobs(ARRAY[p_channel], 0);
  END IF;
  RETURN v_limited;
END
$body${tag}$;

-- Locks slots for up to p_most deliveries from a channel until the transaction ends; null in slots or free: it is not limited in that way.
-- Where none can be had, wait says after which time to ask again. What is then delivered is told to mq_fill_slots, in the same
-- transaction. Whose message is leased is asked for in a statement that comes after the one that locks the slot, or its snapshot
-- might be older than the lease.
CREATE OR REPLACE FUNCTION ${schema}.mq_hold_slots(
  p_channel text, p_most integer, OUT slots integer[], OUT begins integer[], OUT count integer, OUT wait double precision)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_limit ${schema}.mq_limits;
  v_extra integer;
BEGIN
  count := p_most;
  SELECT l.* INTO v_limit FROM ${schema}.mq_limits l WHERE l.channel_name = p_channel;
  IF v_limit.starts IS NOT NULL THEN
    v_extra := (SELECT greatest(pg_catalog.count(*) - v_limit.starts / ((v_limit.starts + 999) / 1000), 0)
                  FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND s.starts);
    begins := ARRAY(
      SELECT s.number FROM ${schema}.mq_limit_slots s
       WHERE s.channel_name = p_channel AND s.starts AND s.free_at <= clock_timestamp()
         AND (s.taker = pg_current_xact_id_if_assigned()) IS NOT TRUE
       ORDER BY s.number LIMIT count + v_extra FOR UPDATE SKIP LOCKED);
    IF v_extra > 0 THEN
      DELETE FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND s.starts AND s.number = ANY (begins[:v_extra]);
      begins := begins[v_extra + 1 :];
    END IF;
    count := cardinality(begins);
    IF count = 0 THEN
      wait := (SELECT greatest(1, extract(epoch FROM min(s.free_at) - clock_timestamp()) * 1000)
                 FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND s.starts AND s.free_at > '-infinity');
      RETURN;
    END IF;
  END IF;
  IF v_limit.running IS NOT NULL THEN
    v_extra := (SELECT greatest(pg_catalog.count(*) - v_limit.running, 0)
                  FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND NOT s.starts);
    slots := ARRAY(
      SELECT s.number FROM ${schema}.mq_limit_slots s
       WHERE s.channel_name = p_channel AND NOT s.starts AND (s.taker = pg_current_xact_id_if_assigned()) IS NOT TRUE
         AND (SELECT true FROM ${schema}.mq_msgs m
           WHERE m.id = s.message_id AND m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
          UNION ALL
          SELECT true FROM ${schema}.mq_msgs_unlogged m
           WHERE m.id = s.message_id AND m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
          LIMIT 1) IS NULL
       ORDER BY s.number LIMIT count + v_extra FOR UPDATE SKIP LOCKED);
    slots := ARRAY(
      SELECT s.number FROM ${schema}.mq_limit_slots s
       WHERE s.channel_name = p_channel AND NOT s.starts AND s.number = ANY (slots) AND (SELECT true FROM ${schema}.mq_msgs m
         WHERE m.id = s.message_id AND m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
        UNION ALL
        SELECT true FROM ${schema}.mq_msgs_unlogged m
         WHERE m.id = s.message_id AND m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
        LIMIT 1) IS NULL);
    IF v_extra > 0 THEN
      DELETE FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND NOT s.starts AND s.number = ANY (slots[:v_extra]);
      slots := slots[v_extra + 1 :];
    END IF;
    count := least(count, cardinality(slots));
  END IF;
  IF count = 0 THEN
    wait := 1000;
  END IF;
END
$body${tag}$;

-- These messages are delivered now, by the transaction that holds these slots.
CREATE OR REPLACE FUNCTION ${schema}.mq_fill_slots(p_channel text, p_slots integer[], p_begins integer[], p_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF p_slots IS NOT NULL THEN
    -- One that was leased before and comes again has one slot, not two.
    UPDATE ${schema}.mq_limit_slots s SET message_id = NULL
     WHERE s.channel_name = p_channel AND NOT s.starts AND s.number = ANY (ARRAY(
       SELECT o.number FROM ${schema}.mq_limit_slots o
        WHERE o.channel_name = p_channel AND NOT o.starts AND o.message_id = ANY (p_ids) AND o.number <> ALL (p_slots)
          FOR UPDATE SKIP LOCKED));
  END IF;
  UPDATE ${schema}.mq_limit_slots s SET message_id = f.id, taker = pg_current_xact_id()
    FROM unnest(p_slots, p_ids) AS f (number, id)
   WHERE s.channel_name = p_channel AND NOT s.starts AND s.number = f.number AND f.id IS NOT NULL;
  UPDATE ${schema}.mq_limit_slots s SET free_at = clock_timestamp() + l.period / ((l.starts + 999) / 1000), taker = pg_current_xact_id()
    FROM ${schema}.mq_limits l, unnest(p_begins, p_ids) AS f (number, id)
   WHERE l.channel_name = p_channel
     AND s.channel_name = p_channel AND s.starts AND s.number = f.number AND f.id IS NOT NULL;
END
$body${tag}$;

-- What mq_poll does for one channel that is limited. It remembers for each of them where it was.
CREATE OR REPLACE FUNCTION ${schema}.mq_poll_limited(p_channel text, p_most integer, p_most_backoff interval)
RETURNS TABLE (
  id uuid, is_committed boolean, name text, payload_json text, payload_bytes bytea, retry_backoff interval, wait_time interval)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_place constant text := current_setting('sqlmq.poll_place', true);
  v_held record;
  v_ids uuid[] := '{}';
BEGIN
  SELECT h.* INTO v_held FROM ${schema}.mq_hold_slots(p_channel, p_most) h;
  IF v_held.count = 0 THEN
    wait_time := v_held.wait * interval '1 ms';
    RETURN NEXT;
    RETURN;
  END IF;
  -- Not as SET of the function: only superusers may create one with a setting of our own.
  PERFORM set_config('sqlmq.polls_limited', 'on', true),
          set_config('sqlmq.poll_place', coalesce(current_setting('sqlmq.poll_place_' || md5(p_channel), true), ''), false);
  FOR id, is_committed, name, payload_json, payload_bytes, retry_backoff, wait_time IN
    SELECT p.* FROM ${schema}.mq_poll(ARRAY[p_channel], v_held.count, p_most_backoff) p
  LOOP
    v_ids := v_ids || id;
    RETURN NEXT;
  END LOOP;
  PERFORM ${schema}.mq_fill_slots(p_channel, v_held.slots, v_held.begins, array_remove(v_ids, NULL)),
          set_config('sqlmq.poll_place_' || md5(p_channel), coalesce(current_setting('sqlmq.poll_place', true), ''), false),
          set_config('sqlmq.poll_place', coalesce(v_place, ''), false),
          set_config('sqlmq.polls_limited', 'off', true);
END
$body${tag}$;

-- Leases up to batch_size jobs of these channels (null: of all) and returns them: each comes again after retry_backoff, unless it
-- is deleted or kept alive before that. If there is none, one row says when the next is due (wait_time; null: none waits).
-- Nothing comes from paused channels, and of limited ones, each by itself, what may. max_retry_backoff: see mq_job_backoff.
--
-- A lane is what is ready in a channel with the same arguments, but for groups, of which each slot is a lane of its own. Where there
-- are several, all get the same share, and the next call of this session begins behind the last one. Up to half of what is
-- wanted are due jobs, if there are ready ones. Of an ordered group comes one job at a time, for others wait for it. On the way
-- jobs that have expired, or whose position was not committed in time, are deleted, and those whose attempts are used up are parked.
CREATE OR REPLACE FUNCTION ${schema}.mq_poll(
  channel_names text[], batch_size integer DEFAULT 1, max_retry_backoff interval DEFAULT NULL)
RETURNS TABLE (
  id uuid, is_committed boolean, name text, payload_json text, payload_bytes bytea, retry_backoff interval, wait_time interval)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_rest integer := greatest(batch_size, 0);
  v_place constant text[] := nullif(current_setting('sqlmq.poll_place', true), '')::text[];
  v_last text[] := v_place;
  v_wrapped boolean := v_place IS NULL;
  v_read constant bigint := ${schema}.mq_jobs_read();
  v_setting constant text := current_setting('sqlmq.poll_floors_' || '${schemaText}.mq_msgs'::regclass::oid::text, true);
  v_floors ${schema}.mq_poll_floors;
  v_paused text[];              -- and those that are limited
  v_limited boolean := false;
  v_wait interval;
  v_names text[] := channel_names;    -- in their order; null: all
  v_waiting text[];
  v_due text[];
  v_since timestamptz[];
  v_till timestamptz[];
  v_due_groups text[];
  v_groups_since timestamptz[];
  v_groups_till timestamptz[];
  v_ready integer := CASE WHEN random() < 0.5 THEN batch_size / 2 ELSE (batch_size + 1) / 2 END;  -- kept for ready jobs
  v_name text;
  v_arg text;
  v_slot integer;
  v_lanes text[];
  v_args text[];
  v_slots integer[];
  v_seen_lanes text[];
  v_seen_args text[];
  v_seen_slots integer[];
  v_more boolean;
  v_one boolean;                -- a job of one channel is wanted: then a lane is tried before there is a list of them
  v_single boolean;             -- and this is the lane
  v_groups uuid[];
  v_group_channels text[];
  v_row record;
  v_busy boolean;               -- something is there, in other hands
  v_tids tid[];
  v_failed uuid[];
  v_over uuid[];
  v_over_channels text[];
  v_reasons text[];
BEGIN
  IF v_setting <> '' THEN
    v_floors := v_setting;
    IF v_floors.channels IS DISTINCT FROM channel_names OR v_floors.until < clock_timestamp() THEN
      v_floors := NULL;
    END IF;
  END IF;
  v_paused := ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p UNION ALL SELECT l.channel_name FROM ${schema}.mq_limits l);
  IF v_paused <> '{}' THEN
    IF current_setting('sqlmq.polls_limited', true) = 'on' THEN
      v_paused := ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p);
    ELSE
      v_limited := true;        -- half of the time first, and in any case when the others have had their turn
      IF random() < 0.5 THEN
        FOREACH v_name IN ARRAY ARRAY(
          SELECT l.channel_name FROM ${schema}.mq_limits l
           WHERE l.channel_name <> ALL (ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p))
             AND (channel_names IS NULL OR l.channel_name = ANY (channel_names)) ORDER BY random())
        LOOP
          EXIT WHEN v_rest = 0;
          FOR v_row IN SELECT p.* FROM ${schema}.mq_poll_limited(v_name, (v_rest + 1) / 2, max_retry_backoff) p LOOP
            IF v_row.id IS NULL THEN
              v_wait := least(v_wait, v_row.wait_time);
            ELSE
              v_rest := v_rest - 1;
              RETURN QUERY SELECT v_row.id, true, v_row.name, v_row.payload_json, v_row.payload_bytes, v_row.retry_backoff, interval '0';
            END IF;
          END LOOP;
        END LOOP;
        IF v_rest = 0 THEN
          RETURN;
        END IF;
      END IF;
    END IF;
  END IF;
  IF channel_names IS NULL THEN
    v_waiting := ARRAY(
      SELECT c FROM (VALUES (false), (true)) AS g (grouped), LATERAL (
          SELECT ${schema}.mq_waiting_job_channels(g.grouped, coalesce(v_floors.since, '1970-01-01 00:00+00'), 'infinity')
          UNION ALL SELECT ${schema}.mq_waiting_job_channels(g.grouped, '1970-01-01 00:00+00', '1970-01-02 00:00+00')
           WHERE v_floors.since IS NOT NULL) AS w (c)
       WHERE c <> ALL (v_paused) GROUP BY c ORDER BY random());
  ELSIF cardinality(channel_names) > 1 OR v_paused <> '{}' THEN
    v_names := ARRAY(SELECT DISTINCT c COLLATE "C" FROM unnest(channel_names) AS c WHERE c <> ALL (v_paused) ORDER BY 1);
    v_waiting := ARRAY(SELECT c FROM unnest(v_names) AS c ORDER BY random());
  ELSE
    v_waiting := v_names;
  END IF;
  -- What was given back at once comes first; then there may be much that is gone.
  IF v_floors IS NULL AND cardinality(v_waiting) = 1 THEN  -- as below, for less
    SELECT CASE WHEN (SELECT true FROM ${schema}.mq_msgs m
                       WHERE m.channel_name = v_waiting[1] AND m.attempt_at <= statement_timestamp()
                         AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                       ORDER BY m.attempt_at LIMIT 1) THEN v_waiting END,
           CASE WHEN (SELECT true FROM ${schema}.mq_msgs m
                       WHERE m.channel_name = v_waiting[1] AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
                       ORDER BY m.attempt_at LIMIT 1) THEN v_waiting END
      INTO v_due, v_due_groups;
    IF coalesce(v_due, v_due_groups) IS NOT NULL THEN
      v_since := '{1970-01-01 00:00+00}';
      v_till := ARRAY[statement_timestamp()];
      v_groups_since := v_since;
      v_groups_till := v_till;
    END IF;
  ELSE
    SELECT array_agg(c.name) FILTER (WHERE c.due), array_agg(c.since) FILTER (WHERE c.due), array_agg(c.till) FILTER (WHERE c.due),
           array_agg(c.name) FILTER (WHERE c.due_group), array_agg(c.since) FILTER (WHERE c.due_group),
           array_agg(c.till) FILTER (WHERE c.due_group)
      INTO v_due, v_since, v_till, v_due_groups, v_groups_since, v_groups_till
      FROM (SELECT w.name, s.since, s.till,
                   (SELECT true FROM ${schema}.mq_msgs m
                     WHERE m.channel_name = w.name AND m.attempt_at >= s.since AND m.attempt_at <= s.till
                       AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                     ORDER BY m.attempt_at LIMIT 1) AS due,
                   (SELECT true FROM ${schema}.mq_msgs m
                     WHERE m.channel_name = w.name AND m.attempt_at >= s.since AND m.attempt_at <= s.till AND m.slot IS NOT NULL
                     ORDER BY m.attempt_at LIMIT 1) AS due_group
              FROM unnest(v_waiting) AS w (name), (
                SELECT '1970-01-01 00:00+00'::timestamptz AS since,
                       CASE WHEN v_floors.since IS NULL THEN statement_timestamp() ELSE '1970-01-02 00:00+00' END AS till
                UNION ALL SELECT v_floors.since, statement_timestamp() WHERE v_floors.since IS NOT NULL) s) c;
  END IF;
  v_busy := v_due IS NOT NULL;
  v_one := batch_size = 1 AND cardinality(v_names) = 1 AND v_floors IS NULL AND (v_last IS NULL OR v_last[1] = v_names[1]);
  FOR v_pass IN 1..2 LOOP
    -- What is due, but for groups.
    WHILE v_rest > v_ready AND v_due IS NOT NULL LOOP
      SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
             array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
             array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
        INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
        FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                     CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                          WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                          THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                       WHEN r.row_xmax = '0'::xid THEN false
                                       ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                        FROM unnest(v_due, v_since, v_till) AS c (name, since, till), LATERAL (
                          SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                 m.failure_count, m.max_deliveries, m.redelivery_policy
                            FROM ${schema}.mq_msgs m
                           WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.attempt_at >= c.since AND m.attempt_at <= c.till AND m.slot IS NULL ORDER BY m.attempt_at, m.prio_rank, m.seq
                           LIMIT (v_rest - v_ready + cardinality(v_due) - 1) / cardinality(v_due) FOR UPDATE SKIP LOCKED) r
                       LIMIT v_rest - v_ready) f) l;
      FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
        IF v_reasons[i] = '' THEN
          DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
        ELSE
          PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
        END IF;
      END LOOP;
      IF v_tids IS NOT NULL THEN
        v_rest := v_rest - cardinality(v_tids);
        RETURN QUERY
          UPDATE ${schema}.mq_msgs m
             SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                   coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                   max_retry_backoff),
                 delivery_count = least(m.delivery_count + 1, 1000000000),
                 failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                 lease_owner = -1, lease_token = -pg_backend_pid()
           WHERE m.channel_name = ANY (v_due COLLATE "POSIX") AND m.ctid = ANY (v_tids)
          RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                    ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                    interval '0';
      END IF;
      IF coalesce(v_failed, v_over) IS NOT NULL THEN
        PERFORM ${schema}.mq_note_attempts(
                  array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                  array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                  'its lease ran out, or its transaction was rolled back')
           FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
      END IF;
      EXIT WHEN v_tids IS NULL AND v_over IS NULL;
    END LOOP;
    EXIT WHEN v_pass = 2 OR v_rest = 0;
    v_ready := 0;

    -- Groups of which something is due; again, where what was first had to go.
    WHILE v_rest > 0 AND v_due_groups IS NOT NULL LOOP
      v_groups := '{}';
      v_group_channels := '{}';
      FOR v_row IN
        SELECT m.* FROM unnest(v_due_groups, v_groups_since, v_groups_till) AS c (name, since, till), LATERAL (
          SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq, m.lease_owner IS NOT NULL AS leased
            FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.name AND m.slot IS NOT NULL
             AND m.attempt_at >= c.since AND m.attempt_at <= c.till
             AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT v_rest + 100) m
      LOOP
        EXIT WHEN cardinality(v_groups) >= v_rest;
        CONTINUE WHEN ${schema}.mq_group_waits(
          v_row.channel_name, v_row.grp, v_row.prio_rank, v_row.seq, true, v_row.leased, '{}', '{}', false, NULL);
        IF ${schema}.mq_hold_slot(v_row.channel_name, v_row.slot) THEN
          v_groups := v_groups || v_row.id;
          v_group_channels := v_group_channels || v_row.channel_name::text;
        ELSE
          v_busy := true;
        END IF;
      END LOOP;
      v_over := NULL;
      IF v_groups <> '{}' THEN
        SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
               array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
               array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
          INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
          FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                       CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                            WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                            THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                  FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                         WHEN r.row_xmax = '0'::xid THEN false
                                         ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                          FROM unnest(v_groups, v_group_channels) AS c (id, name), LATERAL (
                            SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                   m.failure_count, m.max_deliveries, m.redelivery_policy
                              FROM ${schema}.mq_msgs m
                             WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.id = c.id AND (m.attempt_at IS NULL OR m.attempt_at <= statement_timestamp()) AND NOT ${schema}.mq_group_waits(m.channel_name, m.grp, m.prio_rank, m.seq, true, m.lease_owner IS NOT NULL, '{}', '{}', false, NULL)
                             LIMIT 1 FOR UPDATE SKIP LOCKED) r
                         LIMIT v_rest) f) l;
        FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
          IF v_reasons[i] = '' THEN
            DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
          ELSE
            PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
          END IF;
        END LOOP;
        IF v_tids IS NOT NULL THEN
          v_rest := v_rest - cardinality(v_tids);
          RETURN QUERY
            UPDATE ${schema}.mq_msgs m
               SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                     coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     max_retry_backoff),
                   delivery_count = least(m.delivery_count + 1, 1000000000),
                   failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                   lease_owner = -1, lease_token = -pg_backend_pid()
             WHERE m.channel_name = ANY (v_group_channels COLLATE "POSIX") AND m.ctid = ANY (v_tids)
            RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                      ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                      interval '0';
        END IF;
        IF coalesce(v_failed, v_over) IS NOT NULL THEN
          PERFORM ${schema}.mq_note_attempts(
                    array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                    array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                    'its lease ran out, or its transaction was rolled back')
             FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
        END IF;
      END IF;
      EXIT WHEN v_over IS NULL;
    END LOOP;

    -- What is ready, lane by lane.
    LOOP
      v_name := coalesce(v_last[1], '');
      v_arg := coalesce(v_last[2], '');
      v_slot := coalesce(v_last[3]::integer + 1, 0);
      v_single := v_one;
      v_one := false;
      IF v_single THEN
        -- The next lane of the channel, or the first.
        SELECT ARRAY[l.args], ARRAY[l.slot] INTO v_args, v_slots FROM (
          (SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
           WHERE m.channel_name = v_names[1] AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (v_arg, v_slot)
             AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)
          UNION ALL
          (SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
           WHERE m.channel_name = v_names[1]
             AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)) l LIMIT 1;
        IF v_args IS NULL THEN
          v_last := NULL;
          EXIT;
        END IF;
        v_lanes := v_names;
      ELSIF v_floors.lanes IS NOT NULL THEN
        IF v_names IS NULL THEN
          WITH RECURSIVE l (name, args, slot) AS (
            SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                 WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) LIMIT 1) k ON true, LATERAL (
                (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
                   FROM ${schema}.mq_msgs m
                  WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
                    AND (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                          < (coalesce(k.name, repeat(chr(1114111), 64)), coalesce(k.args, ''), coalesce(k.slot, 0))
                    AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                  ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)
                UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n
            UNION ALL
            SELECT n.* FROM l, LATERAL (
              SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                     CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                         SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                          WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) LIMIT 1) k ON true, LATERAL (
                         (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
                            FROM ${schema}.mq_msgs m
                           WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
                             AND (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                   < (coalesce(k.name, repeat(chr(1114111), 64)), coalesce(k.args, ''), coalesce(k.slot, 0))
                             AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                           ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)
                         UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n)
          SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
            FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
           WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
        ELSE
          WITH RECURSIVE l (name, args, slot) AS (
            SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                 WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) AND o.name = ANY (v_names) LIMIT 1) k ON true,
              LATERAL (
                (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
                   SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
                    WHERE m.channel_name = c.name
                      AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                            >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                      AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                            < (CASE WHEN c.name = k.name THEN k.args ELSE repeat(chr(1114111), 600) END, CASE WHEN c.name = k.name THEN k.slot ELSE 0 END)
                      AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                    ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
                  WHERE c.name >= f.name AND (k.name IS NULL OR c.name <= k.name COLLATE "C") LIMIT 1)
                UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n
            UNION ALL
            SELECT n.* FROM l, LATERAL (
              SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                     CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                         SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                          WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) AND o.name = ANY (v_names) LIMIT 1) k ON true,
                       LATERAL (
                         (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
                            SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
                             WHERE m.channel_name = c.name
                               AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                     >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                               AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                     < (CASE WHEN c.name = k.name THEN k.args ELSE repeat(chr(1114111), 600) END, CASE WHEN c.name = k.name THEN k.slot ELSE 0 END)
                               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                             ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
                           WHERE c.name >= f.name AND (k.name IS NULL OR c.name <= k.name COLLATE "C") LIMIT 1)
                         UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n)
          SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
            FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
           WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
        END IF;
      ELSIF v_names IS NULL THEN
        WITH RECURSIVE l (name, args, slot) AS (
          SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
            FROM ${schema}.mq_msgs m
           WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
             AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) n
          UNION ALL
          SELECT n.* FROM l, LATERAL (
            SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                   CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
                     FROM ${schema}.mq_msgs m
                    WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
                      AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                    ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) n)
        SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
          FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
         WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
      ELSE
        WITH RECURSIVE l (name, args, slot) AS (
          SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
            SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                     >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
           WHERE c.name >= f.name LIMIT 1) n
          UNION ALL
          SELECT n.* FROM l, LATERAL (
            SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                   CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
                     SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
                      WHERE m.channel_name = c.name AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                              >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                        AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                      ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
                    WHERE c.name >= f.name LIMIT 1) n)
        SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
          FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
         WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
      END IF;
      v_more := cardinality(v_lanes) > v_rest;
      IF v_more THEN
        v_lanes := v_lanes[:v_rest];
        v_args := v_args[:v_rest];
        v_slots := v_slots[:v_rest];
      END IF;
      v_seen_lanes := v_seen_lanes || v_lanes;
      v_seen_args := v_seen_args || v_args;
      v_seen_slots := v_seen_slots || v_slots;
      IF 1024 > ANY (v_slots) THEN
        v_groups := '{}';
        v_group_channels := '{}';
        FOR v_row IN
          SELECT DISTINCT ON (c.name, c.args, c.slot) m.* FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
          LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
          LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
                   UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p, LATERAL (
            SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
             WHERE c.slot < 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
             AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND (m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq LIMIT 1) m
           ORDER BY c.name, c.args, c.slot, m.prio_rank, m.seq
        LOOP
          EXIT WHEN cardinality(v_groups) >= v_rest;
          CONTINUE WHEN ${schema}.mq_group_waits(
            v_row.channel_name, v_row.grp, v_row.prio_rank, v_row.seq, true, false, '{}', '{}', false, NULL);
          IF ${schema}.mq_hold_slot(v_row.channel_name, v_row.slot) THEN
            v_groups := v_groups || v_row.id;
            v_group_channels := v_group_channels || v_row.channel_name::text;
          ELSE
            v_busy := true;
          END IF;
        END LOOP;
        v_over := NULL;
        IF v_groups <> '{}' THEN
          SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
                 array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
                 array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
            INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
            FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                         CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                              WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                              THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                    FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                           WHEN r.row_xmax = '0'::xid THEN false
                                           ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                            FROM unnest(v_groups, v_group_channels) AS c (id, name), LATERAL (
                              SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                     m.failure_count, m.max_deliveries, m.redelivery_policy
                                FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.id = c.id AND (m.attempt_at IS NULL OR m.attempt_at <= statement_timestamp()) AND NOT ${schema}.mq_group_waits(m.channel_name, m.grp, m.prio_rank, m.seq, true, m.lease_owner IS NOT NULL, '{}', '{}', false, NULL)
                               LIMIT 1 FOR UPDATE SKIP LOCKED) r
                           LIMIT v_rest) f) l;
          FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
            IF v_reasons[i] = '' THEN
              DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
            ELSE
              PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
            END IF;
          END LOOP;
          IF v_tids IS NOT NULL THEN
            v_rest := v_rest - cardinality(v_tids);
            RETURN QUERY
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_group_channels COLLATE "POSIX") AND m.ctid = ANY (v_tids)
              RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                        ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                        interval '0';
          END IF;
          IF coalesce(v_failed, v_over) IS NOT NULL THEN
            PERFORM ${schema}.mq_note_attempts(
                      array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                      array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                      'its lease ran out, or its transaction was rolled back')
               FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
          END IF;
        END IF;
        CONTINUE WHEN v_over IS NOT NULL;
      END IF;
      WHILE v_rest > 0 AND 1024 = ANY (v_slots) LOOP
        IF v_floors.lanes IS NULL THEN
          SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
                 array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
                 array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
            INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
            FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                         CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                              WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                              THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                    FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                           WHEN r.row_xmax = '0'::xid THEN false
                                           ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                            FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot), LATERAL (
                              SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                     m.failure_count, m.max_deliveries, m.redelivery_policy
                                FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND c.slot = 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
                               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL ORDER BY m.prio_rank, m.seq
                               LIMIT (v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes) FOR UPDATE SKIP LOCKED) r
                           LIMIT v_rest) f) l;
          FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
            IF v_reasons[i] = '' THEN
              DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
            ELSE
              PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
            END IF;
          END LOOP;
          IF v_tids IS NOT NULL THEN
            v_rest := v_rest - cardinality(v_tids);
            RETURN QUERY
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_lanes COLLATE "POSIX") AND m.ctid = ANY (v_tids)
              RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                        ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                        interval '0';
          END IF;
          IF coalesce(v_failed, v_over) IS NOT NULL THEN
            PERFORM ${schema}.mq_note_attempts(
                      array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                      array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                      'its lease ran out, or its transaction was rolled back')
               FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
          END IF;
        ELSE
          SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
                 array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
                 array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
            INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
            FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                         CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                              WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                              THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                    FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                           WHEN r.row_xmax = '0'::xid THEN false
                                           ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                            FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
                            LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
                            LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
                                     UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p, LATERAL (
                              SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                     m.failure_count, m.max_deliveries, m.redelivery_policy
                                FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND c.slot = 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
                                        AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND (m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq
                               LIMIT (v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes) FOR UPDATE SKIP LOCKED) r
                           LIMIT v_rest) f) l;
          FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
            IF v_reasons[i] = '' THEN
              DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
            ELSE
              PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
            END IF;
          END LOOP;
          IF v_tids IS NOT NULL THEN
            v_rest := v_rest - cardinality(v_tids);
            RETURN QUERY
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_lanes COLLATE "POSIX") AND m.ctid = ANY (v_tids)
              RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                        ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                        interval '0';
          END IF;
          IF coalesce(v_failed, v_over) IS NOT NULL THEN
            PERFORM ${schema}.mq_note_attempts(
                      array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                      array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                      'its lease ran out, or its transaction was rolled back')
               FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
          END IF;
        END IF;
        EXIT WHEN v_tids IS NULL AND v_over IS NULL;
      END LOOP;
      IF v_rest = batch_size THEN
        v_busy := v_busy OR EXISTS (
          SELECT FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
          LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
          LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
                   UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p, LATERAL (
            SELECT FROM ${schema}.mq_msgs m WHERE c.slot = 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
            AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND (m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq LIMIT 1) m);
      END IF;
      IF v_more OR v_single THEN
        v_last := ARRAY[v_lanes[cardinality(v_lanes)], v_args[cardinality(v_lanes)], v_slots[cardinality(v_lanes)]::text];
      ELSIF v_wrapped THEN
        EXIT;
      ELSE
        v_wrapped := true;
        v_last := NULL;
      END IF;
      EXIT WHEN v_rest = 0;
    END LOOP;
  END LOOP;
  IF v_last IS DISTINCT FROM v_place THEN
    PERFORM set_config('sqlmq.poll_place', v_last::text, false);
  END IF;
  IF ${schema}.mq_jobs_read() - v_read >= 1000 + 10 * batch_size THEN
    PERFORM ${schema}.mq_raise_poll_floors(v_floors, channel_names, v_waiting, v_seen_lanes, v_seen_args, v_seen_slots);
  END IF;

  IF v_limited THEN
    FOREACH v_name IN ARRAY ARRAY(
      SELECT l.channel_name FROM ${schema}.mq_limits l
       WHERE l.channel_name <> ALL (ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p))
         AND (channel_names IS NULL OR l.channel_name = ANY (channel_names)) ORDER BY random())
    LOOP
      EXIT WHEN v_rest = 0;
      FOR v_row IN SELECT p.* FROM ${schema}.mq_poll_limited(v_name, v_rest, max_retry_backoff) p LOOP
        IF v_row.id IS NULL THEN
          v_wait := least(v_wait, v_row.wait_time);
        ELSE
          v_rest := v_rest - 1;
          RETURN QUERY SELECT v_row.id, true, v_row.name, v_row.payload_json, v_row.payload_bytes, v_row.retry_backoff, interval '0';
        END IF;
      END LOOP;
    END LOOP;
  END IF;
  IF v_rest = greatest(batch_size, 0) THEN
    RETURN QUERY
      SELECT NULL::uuid, NULL::boolean, NULL::text, NULL::text, NULL::bytea, NULL::interval,
             least(min(w.attempt_at) - statement_timestamp(), CASE WHEN v_busy THEN interval '1 s' END, v_wait)
        FROM (
          SELECT m.attempt_at FROM unnest(v_waiting) AS c (name), LATERAL (
            SELECT m.attempt_at FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
               AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1) m
          UNION ALL
          SELECT m.attempt_at FROM unnest(v_waiting) AS c (name), LATERAL (
            SELECT m.attempt_at FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
               AND m.slot IS NOT NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1) m) w;
  END IF;
END
$body${tag}$;

-- Why a message is not delivered, in words; null if there is no such message (it was received, has expired or is not committed).
-- Whoever asks needs the right to read the tables.
CREATE OR REPLACE FUNCTION ${schema}.mq_why(p_id uuid) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs;
  v_by text;
  v_other uuid;
  v_dead text := '';
  v_unlogged boolean := false;
  v_xmax xid;
BEGIN
  SELECT m.* INTO v_row FROM ${schema}.mq_msgs m WHERE m.id = p_id;
  IF v_row.id IS NULL THEN
    v_unlogged := true;
    SELECT m.* INTO v_row FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id;
  END IF;
  IF v_row.id IS NULL THEN
    RETURN NULL;
  END IF;
  v_xmax := CASE WHEN v_unlogged THEN (SELECT m.xmax FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id)
                 ELSE (SELECT m.xmax FROM ${schema}.mq_msgs m WHERE m.id = p_id) END;
  IF v_row.dead_origin IS NOT NULL THEN
    v_dead := format('dead letter of %L (%s), in %L: ', v_row.dead_origin, v_row.dead_reason, v_row.channel_name);
  END IF;
  IF v_row.set_aside IS NOT NULL THEN
    RETURN v_dead || 'set aside: ' || v_row.set_aside;
  ELSIF v_row.commit_interval IS NOT NULL THEN
    RETURN v_dead || CASE WHEN v_row.attempt_at > statement_timestamp()
      THEN format('reserved until %s, and not committed yet', v_row.attempt_at)
      ELSE format('reserved until %s, and not committed: about to be deleted', v_row.attempt_at) END;
  ELSIF v_row.lease_owner IS NOT NULL AND v_row.attempt_at > statement_timestamp() THEN
    v_by := CASE WHEN v_row.lease_owner = -1
      THEN 'mq_poll in the session ' || -v_row.lease_token
             || coalesce((SELECT ' (' || nullif(a.application_name, '') || ')' FROM pg_stat_activity a WHERE a.pid = -v_row.lease_token), '')
      ELSE coalesce((SELECT o.description FROM ${schema}.mq_owners o WHERE o.owner = v_row.lease_owner), 'a process that is gone') END;
    RETURN v_dead || format('leased by %s until %s', v_by, v_row.attempt_at);
  ELSIF v_row.expires_at <= statement_timestamp() THEN
    RETURN v_dead || format('expired at %s', v_row.expires_at);
  ELSIF pg_xact_status(${schema}.mq_locker(v_xmax)) = 'in progress' THEN
    RETURN v_dead || coalesce((
      SELECT format('locked by a transaction of the session %s (%s)', l.pid, a.application_name)
        FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'transactionid' AND l.transactionid = v_xmax AND l.granted LIMIT 1), 'locked by a transaction');
  ELSIF v_row.attempt_at > statement_timestamp() THEN
    RETURN v_dead || CASE WHEN v_row.delivery_count > 0
      THEN format('backing off until %s, after %s failed deliveries%s', v_row.attempt_at, v_row.failure_count,
                  coalesce(': ' || left(v_row.last_error, 500), ''))
      ELSE format('delayed until %s', v_row.attempt_at) END;
  END IF;
  SELECT format('the queue is paused since %s by %s%s', p.paused_at, p.paused_by, ': ' || p.reason) INTO v_by
    FROM ${schema}.mq_paused p WHERE p.channel_name = v_row.channel_name;
  IF v_by IS NOT NULL THEN
    RETURN v_dead || v_by;
  END IF;
  SELECT CASE WHEN l.running <= u.running THEN format('only %s of %L may be worked on at the same time, and so many are', l.running, l.channel_name)
              WHEN u.free_at > statement_timestamp()
              THEN format('only %s deliveries from %L may begin within %s; the next one at %s', l.starts, l.channel_name, l.period, u.free_at) END
    INTO v_by
    FROM ${schema}.mq_limits l, LATERAL (
      SELECT count(*) FILTER (WHERE NOT s.starts
                                AND (pg_xact_status(${schema}.mq_locker(s.xmax)) = 'in progress' OR NOT ((SELECT true FROM ${schema}.mq_msgs m
                                  WHERE m.id = s.message_id AND m.channel_name = s.channel_name AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
                                 UNION ALL
                                 SELECT true FROM ${schema}.mq_msgs_unlogged m
                                  WHERE m.id = s.message_id AND m.channel_name = s.channel_name AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
                                 LIMIT 1) IS NULL))) AS running,
             min(s.free_at) FILTER (WHERE s.starts) AS free_at
        FROM ${schema}.mq_limit_slots s WHERE s.channel_name = l.channel_name) u
   WHERE l.channel_name = v_row.channel_name;
  IF v_by IS NOT NULL THEN
    RETURN v_dead || v_by;
  END IF;
  IF v_row.slot IS NOT NULL THEN
    SELECT b.id INTO v_other FROM ${schema}.mq_msgs b
     WHERE b.channel_name = v_row.channel_name AND b.slot = v_row.slot AND b.grp = v_row.grp AND b.id <> p_id AND b.set_aside IS NULL
       AND (b.lease_owner IS NOT NULL
            OR ((b.prio_rank, b.seq) < (v_row.prio_rank, v_row.seq)
                AND (b.delivery_time IS NULL OR b.delivery_count > 0 OR b.attempt_at <= statement_timestamp())))
     ORDER BY b.lease_owner IS NULL, b.prio_rank, b.seq LIMIT 1;
    IF v_other IS NOT NULL THEN
      RETURN v_dead || format('behind %s of its group %L, which is %s', v_other, v_row.grp, ${schema}.mq_why(v_other));
    END IF;
  END IF;
  -- What is told of selectors is some seconds old.
  RETURN v_dead || (
    SELECT CASE
      WHEN count(*) = 0
      THEN format('ready; no consumer waits on %L', v_row.channel_name)
           || CASE WHEN v_row.name IS NOT NULL AND v_row.dead_origin IS NULL THEN ', and nobody has polled it' ELSE '' END
      WHEN bool_or(w.selectors = '') THEN format('ready; consumers wait on %L, and it is on its way', v_row.channel_name)
      WHEN bool_or(w.selectors IS NULL)
      THEN format('ready; consumers wait on %L, and it is on its way, or none of their selectors takes it', v_row.channel_name)
      WHEN greatest(v_row.sent_at, (extract(epoch FROM v_row.attempt_at) * 1000)::bigint)
           < (extract(epoch FROM statement_timestamp()) * 1000)::bigint - 15000
      THEN format('ready; no consumer with a matching selector waits on %L, only with %s', v_row.channel_name, string_agg(DISTINCT w.selectors, '; '))
      ELSE format('ready; consumers wait on %L with selectors only, and it is on its way, or none of them takes it: %s', v_row.channel_name,
                  string_agg(DISTINCT w.selectors, '; ')) END
      FROM ${schema}.mq_waiters w WHERE w.channel_name = v_row.channel_name);
END
$body${tag}$;

-- Deletes jobs: done, or not wanted any more. Left is what a consumer holds, by its lock or its lease.
CREATE OR REPLACE FUNCTION ${schema}.mq_delete(msg_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count bigint;
  v_channels text[];
  v_more text[] := '{}';
BEGIN
  WITH gone AS (
    DELETE FROM ${schema}.mq_msgs m
     WHERE m.id = ANY (msg_ids) AND coalesce(m.lease_owner, 0) = -1 AND m.attempt_at > statement_timestamp()
    RETURNING m.channel_name::text AS name, m.slot)
  SELECT count(*), array_agg(DISTINCT g.name) FILTER (WHERE g.slot IS NOT NULL) INTO v_count, v_channels FROM gone g;
  IF v_count < cardinality(msg_ids) THEN
    WITH gone AS (
      DELETE FROM ${schema}.mq_msgs m USING (
        SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
         WHERE s.id = ANY (msg_ids) AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
         FOR UPDATE SKIP LOCKED) l
       WHERE m.id = l.id AND m.channel_name = l.channel_name
      RETURNING m.channel_name::text AS name, m.slot)
    SELECT array_agg(DISTINCT g.name) FILTER (WHERE g.slot IS NOT NULL) INTO v_more FROM gone g;
  END IF;
  -- The next of their groups.
  PERFORM ${schema}.mq_notify_jobs(ARRAY(SELECT DISTINCT c FROM unnest(v_channels || v_more) AS c), 0);
END
$body${tag}$;

-- For a job that is worked on: what it will be given at its next attempt, and how many attempts more it may have; null changes
-- nothing. As mq_keep_alive besides.
CREATE OR REPLACE FUNCTION ${schema}.mq_checkpoint(
  msg_id uuid, duration interval, new_payload_json text, new_payload_bytes bytea, extra_retries integer)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  PERFORM FROM ${schema}.mq_msgs m
    WHERE m.id = msg_id AND coalesce(m.lease_owner, 0) = -1 AND m.attempt_at > statement_timestamp() FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM FROM ${schema}.mq_msgs m
      WHERE m.id = msg_id AND m.name IS NOT NULL AND (m.lease_owner IS NULL OR m.lease_owner = -1) FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN;
    END IF;
  END IF;
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = greatest(m.attempt_at, clock_timestamp() + duration),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at
                           ELSE greatest(m.attempt_at, clock_timestamp() + duration) END,
         payload_json = coalesce(new_payload_json::jsonb, m.payload_json),
         payload_text = CASE WHEN new_payload_json IS NULL THEN m.payload_text END,
         payload_bytes = coalesce(new_payload_bytes, m.payload_bytes),
         max_deliveries = CASE WHEN coalesce(extra_retries, 0) = 0 THEN m.max_deliveries
           ELSE greatest(1, ${schema}.mq_job_deliveries(m.max_deliveries, m.redelivery_policy) + extra_retries) END
   WHERE m.id = msg_id;
END
$body${tag}$;

-- What was granted before -------------------------------------------------------------------------------------------------

-- Roles go on with what mq_grant gave them: whoever has the one gets the other, unless somebody has granted or revoked that already.
DO $body${tag}$
DECLARE
  v_grant text;
BEGIN
  FOR v_grant IN
    SELECT format('GRANT %s ON %s TO %s', g.rights, n.oid::regclass, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
      FROM (VALUES
        ('DELETE', 'mq_failures', 'SELECT, INSERT, UPDATE, DELETE', 'mq_completed', NULL),
        ('DELETE', 'mq_failures', 'SELECT, INSERT, UPDATE, DELETE', 'mq_limit_slots', NULL),
        ('DELETE', 'mq_failures', 'SELECT', 'mq_attempts', NULL),
        ('DELETE', 'mq_failures', 'SELECT', 'mq_paused', NULL),
        ('DELETE', 'mq_failures', 'SELECT', 'mq_limits', NULL),
        ('INSERT', 'mq_destinations', 'INSERT, UPDATE, DELETE', 'mq_paused', NULL),
        ('INSERT', 'mq_destinations', 'INSERT, UPDATE, DELETE', 'mq_limits', NULL),
        ('INSERT', 'mq_payloads', 'SELECT (channel_name, attempt_at, slot)', 'mq_msgs', 'attempt_at'),
        ('INSERT', 'mq_payloads', 'SELECT (channel_name, attempt_at, slot)', 'mq_msgs_unlogged', 'attempt_at'),
        ('SELECT', 'mq_queues', 'SELECT', 'mq_channels', NULL),
        ('SELECT', 'mq_queues', 'SELECT', 'mq_leases', NULL),
        ('SELECT', 'mq_queues', 'SELECT', 'mq_overview', NULL),
        ('SELECT', 'mq_queues', 'SELECT', 'mq_consumers', NULL),
        ('SELECT', 'mq_messages', 'SELECT', 'mq_rows', NULL),
        ('SELECT', 'mq_messages', 'SELECT', 'mq_attempts', NULL),
        ('SELECT', 'mq_messages', 'SELECT', 'mq_completed', NULL)
      ) AS g (has, old, rights, new, new_column)
      JOIN pg_catalog.pg_class o ON o.oid = ('${schemaText}.' || g.old)::regclass::oid
      JOIN pg_catalog.pg_class n ON n.oid = ('${schemaText}.' || g.new)::regclass::oid
      CROSS JOIN LATERAL pg_catalog.aclexplode(o.relacl) AS a
     WHERE a.privilege_type = g.has AND a.grantee <> o.relowner
       AND CASE WHEN g.new_column IS NULL
             THEN NOT EXISTS (SELECT true FROM pg_catalog.aclexplode(n.relacl) AS b WHERE b.grantee <> n.relowner)
             ELSE NOT EXISTS (SELECT true FROM pg_catalog.pg_attribute t
                               WHERE t.attrelid = n.oid AND t.attname = g.new_column AND t.attacl IS NOT NULL) END
    UNION ALL
    SELECT format('GRANT EXECUTE ON FUNCTION %s TO %s', n.oid::regprocedure, a.grantee::regrole)
      FROM pg_catalog.pg_proc o
      CROSS JOIN LATERAL pg_catalog.aclexplode(o.proacl) AS a
      JOIN pg_catalog.pg_proc n ON n.pronamespace = o.pronamespace
     WHERE o.oid = '${schemaText}.mq_grant(text, text)'::regprocedure::oid AND a.grantee NOT IN (0, o.proowner)
       AND NOT EXISTS (SELECT true FROM pg_catalog.aclexplode(n.proacl) AS b WHERE b.grantee NOT IN (0, n.proowner))
  LOOP
    EXECUTE v_grant;
  END LOOP;
END
$body${tag}$;
