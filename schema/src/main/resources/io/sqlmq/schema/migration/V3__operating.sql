-- For those who operate queues. Never changed once it is released.

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
         m.payload_json, m.payload_text, m.payload_bytes,
         pg_xact_status(${schema}.mq_locker(m.xmax)) IS NOT DISTINCT FROM 'in progress' AS locked
    FROM ${schema}.mq_msgs m
  UNION ALL
  SELECT m.tableoid, m.channel_name, m.id, m.seq, m.sent_at, m.prio_rank, m.slot, m.delivery_count, m.failure_count, m.attempt_at,
         m.expires_at, m.lease_owner, m.message_id, m.destination, m.reply_to, m.correlation_id, m.jms_type, m.delivery_time,
         m.expiration, m.grp, m.properties, m.property_types, m.redelivery_policy, m.delivery_mode, m.last_error, m.set_aside,
         m.dead_origin, m.dead_reason, m.dead_attempts, m.dead_at, m.name, m.channel_args, m.body_type, m.payload_id,
         m.payload_json, m.payload_text, m.payload_bytes,
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
        || ' mq_dedup, mq_exclusives, mq_completed',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_schema_history']
    WHEN p_what = 'queues' THEN ARRAY[
      'SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged, mq_payloads, mq_payloads_unlogged, mq_owners, mq_waiters,'
        || ' mq_signatures, mq_failures, mq_clients, mq_gone_channels, mq_schedules, mq_dedup, mq_exclusives, mq_completed',
      'SELECT, UPDATE, DELETE ON mq_topics, mq_subscriptions, mq_subscribers',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_schema_history']
    WHEN p_what = 'receive' THEN ARRAY[
      'SELECT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged',
      'SELECT, DELETE ON mq_payloads, mq_payloads_unlogged',
      'SELECT, UPDATE, DELETE ON mq_schedules, mq_dedup',
      'SELECT, INSERT, UPDATE, DELETE ON mq_owners, mq_waiters, mq_signatures, mq_failures, mq_topics, mq_subscriptions,'
        || ' mq_subscribers, mq_clients, mq_gone_channels, mq_exclusives, mq_completed',
      'SELECT ON SEQUENCE mq_seq',
      'USAGE, SELECT ON SEQUENCE mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_schema_history']
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
    RETURN NEXT 'INSERT, UPDATE, DELETE ON ${schemaText}.mq_paused';
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
