-- Never changed once it is released.

-- How many messages were sent to each queue or channel and how many are done with, by minutes, for an hour: see mq_count_traffic. Not
-- logged, for after a crash of the server it may begin anew.
CREATE UNLOGGED TABLE ${schema}.mq_traffic (
  minute       timestamptz NOT NULL,
  channel_name text COLLATE "C" NOT NULL,
  sent         bigint NOT NULL,
  gone         bigint NOT NULL,
  PRIMARY KEY (minute, channel_name)
) WITH (fillfactor = 70);

-- Adds what a process has counted since it last did, and forgets what was an hour ago. In the order of names, so that processes do not
-- wait for each other in a circle.
CREATE FUNCTION ${schema}.mq_count_traffic(p_channels text[], p_sent bigint[], p_gone bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_minute constant timestamptz := date_trunc('minute', clock_timestamp());
BEGIN
  INSERT INTO ${schema}.mq_traffic AS t (minute, channel_name, sent, gone)
  SELECT v_minute, c.channel, c.sent, c.gone FROM unnest(p_channels, p_sent, p_gone) AS c (channel, sent, gone)
   ORDER BY c.channel COLLATE "C"
  ON CONFLICT (minute, channel_name) DO UPDATE SET sent = t.sent + excluded.sent, gone = t.gone + excluded.gone;
  WITH old AS MATERIALIZED (
    SELECT o.minute, o.channel_name FROM ${schema}.mq_traffic o
     WHERE o.minute < v_minute - interval '1 hour' ORDER BY o.minute, o.channel_name LIMIT 10000 FOR UPDATE SKIP LOCKED)
  DELETE FROM ${schema}.mq_traffic t USING old WHERE t.minute = old.minute AND t.channel_name = old.channel_name;
END
$body${tag}$;

-- For operators: how many messages a second were sent to each queue or channel and are done with, in this minute and the one before, as
-- processes count them. One that is not here was not counted.
CREATE VIEW ${schema}.mq_rates AS
  SELECT t.channel_name AS channel, sum(t.sent)::float8 / s.seconds AS sent_per_second, sum(t.gone)::float8 / s.seconds AS gone_per_second
    FROM (SELECT w.since, extract(epoch FROM now() - w.since)::float8 AS seconds
            FROM (SELECT date_trunc('minute', now()) - interval '1 minute' AS since) w) s
    JOIN ${schema}.mq_traffic t ON t.minute >= s.since
   GROUP BY t.channel_name, s.seconds;

-- For operators who look again and again: what mq_channels says, as far as can be seen in a short time however much there is. Each
-- queue is counted up to `most` messages of a kind (10,001, less where there are more than ten queues, some 100,000 in all), `more`
-- says that there are more; in_flight is leases, and what is locked near the head. dead: letters that came from it; is_dead: it has
-- dead letters in it. Names come from the indexes, one by one, as PostgreSQL cannot skip; what is known not to be in an
-- index is not looked for there; OFFSET 0 keeps it from counting twice.
CREATE OR REPLACE VIEW ${schema}.mq_overview AS
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
           FROM ((SELECT c.n, h.locked, h.is_dead,
                   least(h.sent_at, CASE WHEN c.n > h.n THEN (SELECT min(o.sent_at) FROM generate_series(h.rank + 1, 9) k,
                     LATERAL (SELECT m.sent_at FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                                 AND m.prio_rank = k::smallint ORDER BY m.seq LIMIT 1) o
                    WHERE EXISTS (SELECT FROM ${schema}.mq_msgs m
                                   WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                                     AND m.prio_rank > h.rank)) END) AS oldest
              FROM (SELECT count(*) AS n FROM (
                      SELECT FROM ${schema}.mq_msgs m WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                       ORDER BY m.prio_rank, m.seq LIMIT b.most) x) c,
                   (SELECT count(*) AS n, max(x.prio_rank) AS rank, min(x.sent_at) AS sent_at, bool_or(x.dead_origin IS NOT NULL) AS is_dead,
                           count(CASE WHEN x.xmax <> '0'::xid AND pg_xact_status(${schema}.mq_locker(x.xmax)) = 'in progress' THEN 1 END)
                             AS locked
                      FROM (SELECT m.xmax, m.prio_rank, m.sent_at, m.dead_origin FROM ${schema}.mq_msgs m
                             WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                             ORDER BY m.prio_rank, m.seq LIMIT b.head) x) h
             WHERE n.ready) UNION ALL (SELECT c.n, h.locked, h.is_dead,
                   least(h.sent_at, CASE WHEN c.n > h.n THEN (SELECT min(o.sent_at) FROM generate_series(h.rank + 1, 9) k,
                     LATERAL (SELECT m.sent_at FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                                 AND m.prio_rank = k::smallint ORDER BY m.seq LIMIT 1) o
                    WHERE EXISTS (SELECT FROM ${schema}.mq_msgs m
                                   WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                                     AND m.prio_rank > h.rank)) END) AS oldest
              FROM (SELECT count(*) AS n FROM (
                      SELECT FROM ${schema}.mq_msgs m WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                       ORDER BY m.prio_rank, m.seq LIMIT b.most) x) c,
                   (SELECT count(*) AS n, max(x.prio_rank) AS rank, min(x.sent_at) AS sent_at, bool_or(x.dead_origin IS NOT NULL) AS is_dead,
                           count(CASE WHEN x.xmax <> '0'::xid AND pg_xact_status(${schema}.mq_locker(x.xmax)) = 'in progress' THEN 1 END)
                             AS locked
                      FROM (SELECT m.xmax, m.prio_rank, m.sent_at, m.dead_origin FROM ${schema}.mq_msgs m
                             WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                             ORDER BY m.prio_rank, m.seq LIMIT b.head) x) h
             WHERE n.grouped)
                 UNION ALL (SELECT c.n, h.locked, h.is_dead,
                   least(h.sent_at, CASE WHEN c.n > h.n THEN (SELECT min(o.sent_at) FROM generate_series(h.rank + 1, 9) k,
                     LATERAL (SELECT m.sent_at FROM ${schema}.mq_msgs_unlogged m
                               WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                                 AND m.prio_rank = k::smallint ORDER BY m.seq LIMIT 1) o
                    WHERE EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                                   WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                                     AND m.prio_rank > h.rank)) END) AS oldest
              FROM (SELECT count(*) AS n FROM (
                      SELECT FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                       ORDER BY m.prio_rank, m.seq LIMIT b.most) x) c,
                   (SELECT count(*) AS n, max(x.prio_rank) AS rank, min(x.sent_at) AS sent_at, bool_or(x.dead_origin IS NOT NULL) AS is_dead,
                           count(CASE WHEN x.xmax <> '0'::xid AND pg_xact_status(${schema}.mq_locker(x.xmax)) = 'in progress' THEN 1 END)
                             AS locked
                      FROM (SELECT m.xmax, m.prio_rank, m.sent_at, m.dead_origin FROM ${schema}.mq_msgs_unlogged m
                             WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS NULL
                             ORDER BY m.prio_rank, m.seq LIMIT b.head) x) h
             WHERE n.unlogged)) p) r
       CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE x.attempt_at <= now()) AS ready,
                count(*) FILTER (WHERE x.attempt_at > now() AND x.lease_owner IS NOT NULL) AS leased,
                count(*) FILTER (WHERE x.attempt_at > now() AND x.lease_owner IS NULL AND x.delivery_count > 0) AS backing_off,
                count(*) FILTER (WHERE x.attempt_at > now() AND x.lease_owner IS NULL AND x.delivery_count = 0) AS delayed,
                min(x.sent_at) AS sent_at
           FROM ((SELECT m.attempt_at, m.lease_owner, m.delivery_count, m.sent_at FROM ${schema}.mq_msgs m
               WHERE n.waits AND m.channel_name = n.channel AND m.attempt_at IS NOT NULL AND m.attempt_at < 'infinity' AND m.slot IS NULL
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT b.most) UNION ALL (SELECT m.attempt_at, m.lease_owner, m.delivery_count, m.sent_at FROM ${schema}.mq_msgs m
               WHERE n.grouped_waits AND m.channel_name = n.channel AND m.attempt_at IS NOT NULL AND m.attempt_at < 'infinity' AND m.slot IS NOT NULL
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT b.most)
                 UNION ALL (SELECT m.attempt_at, m.lease_owner, m.delivery_count, m.sent_at FROM ${schema}.mq_msgs_unlogged m
               WHERE n.unlogged_waits AND m.channel_name = n.channel AND m.attempt_at IS NOT NULL AND m.attempt_at < 'infinity' AND m.slot IS NULL
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT b.most)) x) w
       CROSS JOIN LATERAL (
         SELECT (SELECT count(*) FROM (SELECT FROM ${schema}.mq_msgs m WHERE (n.waits OR n.grouped_waits) AND m.channel_name = n.channel AND m.set_aside IS NOT NULL
                ORDER BY m.seq LIMIT b.most) x)
              + (SELECT count(*) FROM (SELECT FROM ${schema}.mq_msgs_unlogged m WHERE (n.unlogged_waits) AND m.channel_name = n.channel AND m.set_aside IS NOT NULL
                ORDER BY m.seq LIMIT b.most) x) AS set_aside OFFSET 0) a),
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

-- Moves a row to another channel of mq_msgs as a new message at its end. p_reason not null: as a dead letter.
CREATE OR REPLACE FUNCTION ${schema}.mq_move(
  p_id uuid, p_channel text, p_unlogged boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs;
BEGIN
  IF p_unlogged THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.channel_name = p_channel RETURNING m.* INTO v_row;
    v_row.delivery_mode := nullif(coalesce(v_row.delivery_mode, 1), 2);  -- what it was sent with, in the other table
  ELSE
    DELETE FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.channel_name = p_channel RETURNING m.* INTO v_row;
  END IF;
  IF v_row.id IS NULL THEN
    RETURN false;
  END IF;
  IF v_row.payload_id IS NOT NULL THEN
    -- A copy of the shared body: the other rows decide how long that stays.
    IF p_unlogged THEN
      SELECT p.payload_text, p.payload_bytes INTO v_row.payload_text, v_row.payload_bytes
        FROM ${schema}.mq_payloads_unlogged p WHERE p.id = v_row.payload_id;
    ELSE
      SELECT p.payload_text, p.payload_bytes INTO v_row.payload_text, v_row.payload_bytes
        FROM ${schema}.mq_payloads p WHERE p.id = v_row.payload_id;
    END IF;
    v_row.message_id := coalesce(v_row.message_id, v_row.payload_id);
    v_row.payload_id := NULL;
  END IF;
  -- A name made of a prefix and that of a queue may be longer than names can be.
  v_row.channel_name := CASE WHEN octet_length(p_to) <= 255 THEN p_to ELSE left(p_to, 48) || ':' || md5(p_to) END;
  v_row.seq := nextval('${schemaText}.mq_seq');
  IF p_reason IS NOT NULL OR v_row.delivery_count > 0 OR v_row.attempt_at <= clock_timestamp() THEN
    v_row.attempt_at := NULL;  -- else a delay goes on; nothing may become due in the past, see mq_first_waiting
  END IF;
  IF v_row.set_aside IS NOT NULL THEN
    v_row.attempt_at := NULL;
    v_row.set_aside := NULL;
  END IF;
  v_row.lease_owner := NULL;
  v_row.lease_token := NULL;
  v_row.properties := nullif(v_row.properties - ARRAY[
    'JMS_SQLMQ_DeadLetterOrigin', 'JMS_SQLMQ_DeadLetterReason', 'JMS_SQLMQ_DeadLetterAttempts',
    'JMS_SQLMQ_DeadLetterAt', 'JMS_SQLMQ_DeadLetterError'], '{}');
  v_row.property_types := nullif(v_row.property_types - 'JMS_SQLMQ_DeadLetterAt', '{}');
  -- Dead letters are independent of each other; what goes back to work is grouped again.
  v_row.slot := CASE WHEN p_reason IS NULL THEN ${schema}.mq_slot(v_row.grp) END;
  IF p_reason IS NULL THEN
    v_row.dead_origin := NULL;
    v_row.dead_reason := NULL;
    v_row.dead_attempts := NULL;
    v_row.dead_at := NULL;
    v_row.last_error := NULL;
  ELSE
    v_row.expires_at := NULL;  -- a dead letter stays
    v_row.expiration := NULL;
    v_row.dead_origin := p_channel;
    v_row.dead_reason := p_reason;
    v_row.dead_attempts := coalesce(p_attempts, v_row.delivery_count);
    v_row.dead_at := statement_timestamp();
    v_row.last_error := coalesce(p_error, v_row.last_error);
    -- For those who receive it; the columns are for operators.
    v_row.properties := coalesce(v_row.properties, '{}') || jsonb_strip_nulls(jsonb_build_object(
      'JMS_SQLMQ_DeadLetterOrigin', v_row.dead_origin,
      'JMS_SQLMQ_DeadLetterReason', v_row.dead_reason,
      'JMS_SQLMQ_DeadLetterAttempts', v_row.dead_attempts,
      'JMS_SQLMQ_DeadLetterAt', (extract(epoch FROM v_row.dead_at) * 1000)::bigint,
      'JMS_SQLMQ_DeadLetterError', v_row.last_error));
    v_row.property_types := coalesce(v_row.property_types, '{}') || '{"JMS_SQLMQ_DeadLetterAt": "long"}';
  END IF;
  v_row.delivery_count := 0;
  v_row.failure_count := 0;
  INSERT INTO ${schema}.mq_msgs VALUES (v_row.*) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    -- One with this id is there already; only an id was asked for that nobody else has.
    v_row.message_id := coalesce(v_row.message_id, v_row.id);
    v_row.id := gen_random_uuid();
    INSERT INTO ${schema}.mq_msgs VALUES (v_row.*);
  END IF;
  RETURN true;
END
$body${tag}$;

-- Leaves a row where it is, out of every claim, with the reason, until an operator retries or deletes it. What is
-- set aside is not grouped: its group goes on without it.
CREATE OR REPLACE FUNCTION ${schema}.mq_set_row_aside(p_id uuid, p_channel text, p_unlogged boolean, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF p_unlogged THEN
    UPDATE ${schema}.mq_msgs_unlogged m
       SET attempt_at = 'infinity', set_aside = left(p_reason, 2000), lease_owner = NULL, lease_token = NULL
     WHERE m.id = p_id AND m.channel_name = p_channel;
  ELSE
    UPDATE ${schema}.mq_msgs m
       SET attempt_at = 'infinity', set_aside = left(p_reason, 2000), lease_owner = NULL, lease_token = NULL, slot = NULL
     WHERE m.id = p_id AND m.channel_name = p_channel;
  END IF;
END
$body${tag}$;

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
        || ' mq_dedup, mq_exclusives, mq_completed, mq_limit_slots, mq_traffic',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_limits, mq_schema_history']
    WHEN p_what = 'queues' THEN ARRAY[
      'SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged, mq_payloads, mq_payloads_unlogged, mq_owners, mq_waiters,'
        || ' mq_signatures, mq_failures, mq_clients, mq_gone_channels, mq_schedules, mq_dedup, mq_exclusives, mq_completed, mq_limit_slots, mq_traffic',
      'SELECT, UPDATE, DELETE ON mq_topics, mq_subscriptions, mq_subscribers',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_limits, mq_schema_history']
    WHEN p_what = 'receive' THEN ARRAY[
      'SELECT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged',
      'SELECT, DELETE ON mq_payloads, mq_payloads_unlogged',
      'SELECT, UPDATE, DELETE ON mq_schedules, mq_dedup',
      'SELECT, INSERT, UPDATE, DELETE ON mq_owners, mq_waiters, mq_signatures, mq_failures, mq_topics, mq_subscriptions,'
        || ' mq_subscribers, mq_clients, mq_gone_channels, mq_exclusives, mq_completed, mq_limit_slots, mq_traffic',
      'SELECT ON SEQUENCE mq_seq',
      'USAGE, SELECT ON SEQUENCE mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_limits, mq_schema_history']
    WHEN p_what = 'send' THEN ARRAY[
      -- To count what is in a queue, for maxDepth, too.
      'INSERT, SELECT (id, xmin, channel_name, attempt_at, slot) ON mq_msgs, mq_msgs_unlogged',
      'INSERT, SELECT (id, xmin) ON mq_schedules',
      'INSERT ON mq_payloads, mq_payloads_unlogged',
      'SELECT, INSERT, UPDATE ON mq_dedup',
      'SELECT, INSERT, UPDATE, DELETE ON mq_traffic',
      'USAGE ON SEQUENCE mq_seq',
      'SELECT ON mq_waiters, mq_topics, mq_subscriptions, mq_destinations, mq_schema_history']
    WHEN p_what = 'send by SQL' THEN ARRAY[
      'INSERT ON mq_msgs', 'SELECT, INSERT, UPDATE ON mq_dedup', 'USAGE ON SEQUENCE mq_seq', 'SELECT ON mq_waiters']
    WHEN p_what = 'watch' THEN ARRAY[
      'SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_overview, mq_consumers, mq_leases, mq_topic_subscribers, mq_rates,'
        || ' mq_traffic']
    WHEN p_what = 'watch headers' THEN ARRAY[
      'SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_overview, mq_consumers, mq_leases, mq_topic_subscribers, mq_attempts,'
        || ' mq_set_aside, mq_rates, mq_traffic',
      'SELECT (tableoid, channel_name, id, seq, sent_at, prio_rank, slot, delivery_count, failure_count, attempt_at, expires_at, lease_owner,'
        || ' message_id, destination, reply_to, correlation_id, jms_type, delivery_time, expiration, grp, properties, property_types,'
        || ' redelivery_policy, delivery_mode, last_error, set_aside, dead_origin, dead_reason, dead_attempts, dead_at, name,'
        || ' channel_args, body_type, payload_id, locked) ON mq_rows']
    ELSE ARRAY['SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_overview, mq_consumers, mq_leases, mq_topic_subscribers, mq_messages,'
                 || ' mq_messages_logged, mq_rows, mq_set_aside, mq_dead_letters, mq_scheduled, mq_attempts, mq_completed, mq_rates, mq_traffic']
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
      || '${schemaText}.mq_dead_letters, ${schemaText}.mq_scheduled, ${schemaText}.mq_rates';
  END IF;
  RETURN NEXT 'USAGE ON SCHEMA ${schemaText}';
  -- Also where a database's default privileges take it from everybody.
  RETURN NEXT 'EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schemaText}';
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
        ('DELETE', 'mq_failures', 'SELECT, INSERT, UPDATE, DELETE', 'mq_traffic'),
        ('INSERT', 'mq_payloads', 'SELECT, INSERT, UPDATE, DELETE', 'mq_traffic'),
        ('SELECT', 'mq_queues', 'SELECT', 'mq_traffic'),
        ('SELECT', 'mq_queues', 'SELECT', 'mq_rates')
      ) AS g (has, old, rights, new)
      JOIN pg_catalog.pg_class o ON o.oid = ('${schemaText}.' || g.old)::regclass::oid
      JOIN pg_catalog.pg_class n ON n.oid = ('${schemaText}.' || g.new)::regclass::oid
      CROSS JOIN LATERAL pg_catalog.aclexplode(o.relacl) AS a
     WHERE a.privilege_type = g.has AND a.grantee <> o.relowner
       AND NOT EXISTS (SELECT true FROM pg_catalog.aclexplode(n.relacl) AS b WHERE b.grantee <> n.relowner)
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
