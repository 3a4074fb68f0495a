-- Never changed once it is released.

-- How many deliveries from a channel, p_most at most, would get slots, as far as one can see without locking any. If none, wait says after
-- which time to ask again: when the next may begin, or in a second where somebody has to be done first.
CREATE FUNCTION ${schema}.mq_free_slots(p_channel text, p_most integer, OUT count integer, OUT wait double precision)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_begins bigint;  -- null, as v_slots: not limited in that way
  v_slots bigint;
  v_next timestamptz;
BEGIN
  SELECT CASE WHEN l.starts IS NOT NULL THEN k.begins - greatest(k.all_begins - l.starts / ((l.starts + 999) / 1000), 0) END,
         CASE WHEN l.running IS NOT NULL THEN k.slots - greatest(k.all_slots - l.running, 0) END, k.next
    INTO v_begins, v_slots, v_next
    FROM ${schema}.mq_limits l, LATERAL (
      SELECT pg_catalog.count(*) FILTER (WHERE s.starts) AS all_begins, pg_catalog.count(*) FILTER (WHERE NOT s.starts) AS all_slots,
             pg_catalog.count(*) FILTER (WHERE s.starts AND s.open AND s.free_at <= clock_timestamp()) AS begins,
             pg_catalog.count(*) FILTER (WHERE NOT s.starts AND s.open AND (SELECT true FROM ${schema}.mq_msgs m
               WHERE m.id = s.message_id AND m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
              UNION ALL
              SELECT true FROM ${schema}.mq_msgs_unlogged m
               WHERE m.id = s.message_id AND m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
              LIMIT 1) IS NULL) AS slots,
             min(s.free_at) FILTER (WHERE s.starts) AS next
        FROM (SELECT t.starts, t.free_at, t.message_id,
                     pg_xact_status(${schema}.mq_locker(t.xmax)) IS DISTINCT FROM 'in progress'
                       AND (t.taker = pg_current_xact_id_if_assigned()) IS NOT TRUE AS open
                FROM ${schema}.mq_limit_slots t WHERE t.channel_name = p_channel) s) k
   WHERE l.channel_name = p_channel;
  count := greatest(least(p_most, v_begins, v_slots), 0);
  IF count = 0 THEN
    wait := CASE WHEN v_begins <= 0 AND v_next > clock_timestamp() THEN extract(epoch FROM v_next - clock_timestamp()) * 1000 ELSE 1000 END;
  END IF;
END
$body${tag}$;

-- Says when to come back also if somebody else's transaction has all that may begin.
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
  END IF;
  IF count > 0 AND v_limit.running IS NOT NULL THEN
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
    wait := coalesce((SELECT f.wait FROM ${schema}.mq_free_slots(p_channel, 1) f), 1);
  END IF;
END
$body${tag}$;

-- Keeps no slots that it does not use until the transaction ends.
CREATE OR REPLACE FUNCTION ${schema}.mq_poll_limited(p_channel text, p_most integer, p_most_backoff interval)
RETURNS TABLE (
  id uuid, is_committed boolean, name text, payload_json text, payload_bytes bytea, retry_backoff interval, wait_time interval)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_place constant text := current_setting('sqlmq.poll_place', true);
  v_held record;
  v_found record;
  v_count integer;
BEGIN
  SELECT f.count, f.wait INTO v_held FROM ${schema}.mq_free_slots(p_channel, p_most) f;
  IF v_held.count > 0 THEN
    -- Not as SET of the function: only superusers may create one with a setting of our own.
    PERFORM set_config('sqlmq.polls_limited', 'on', true),
            set_config('sqlmq.poll_place', coalesce(current_setting('sqlmq.poll_place_' || md5(p_channel), true), ''), false);
    SELECT array_agg(p.id) AS ids, array_agg(p.name) AS names, array_agg(p.payload_json) AS json, array_agg(p.payload_bytes) AS bytes,
           array_agg(p.retry_backoff) AS backoffs, min(p.wait_time) AS wait
      INTO v_found FROM ${schema}.mq_poll(ARRAY[p_channel], v_held.count, p_most_backoff) p;
    PERFORM set_config('sqlmq.poll_place_' || md5(p_channel), coalesce(current_setting('sqlmq.poll_place', true), ''), false),
            set_config('sqlmq.poll_place', coalesce(v_place, ''), false),
            set_config('sqlmq.polls_limited', 'off', true);
    IF v_found.ids[1] IS NULL THEN
      RETURN QUERY SELECT NULL::uuid, NULL::boolean, NULL::text, NULL::text, NULL::bytea, NULL::interval, v_found.wait;
      RETURN;
    END IF;
    v_count := cardinality(v_found.ids);
    -- One that was leased before and comes again does not keep its slot from itself.
    UPDATE ${schema}.mq_limit_slots s SET message_id = NULL
     WHERE s.channel_name = p_channel AND NOT s.starts AND s.number = ANY (ARRAY(
       SELECT o.number FROM ${schema}.mq_limit_slots o
        WHERE o.channel_name = p_channel AND NOT o.starts AND o.message_id = ANY (v_found.ids) FOR UPDATE SKIP LOCKED));
    SELECT h.* INTO v_held FROM ${schema}.mq_hold_slots(p_channel, v_count) h;
    PERFORM ${schema}.mq_fill_slots(p_channel, v_held.slots, v_held.begins, v_found.ids[:v_held.count]);
    IF v_held.count < v_count THEN
      PERFORM ${schema}.mq_give_back(
                array_agg(p_channel), array_agg(l.id), array_agg(false), array_agg(-pg_backend_pid()::bigint), -1, array_agg(-1),
                array_agg(0), array_agg(0::bigint), array_agg(NULL::text), array_agg(NULL::text), NULL)
         FROM unnest(v_found.ids[v_held.count + 1 :]) AS l (id);
    END IF;
  END IF;
  IF v_held.count = 0 THEN
    RETURN QUERY SELECT NULL::uuid, NULL::boolean, NULL::text, NULL::text, NULL::bytea, NULL::interval, v_held.wait * interval '1 ms';
  ELSE
    RETURN QUERY
      SELECT f.id, true, f.name, f.json, f.bytes, f.backoff, interval '0'
        FROM unnest(v_found.ids, v_found.names, v_found.json, v_found.bytes, v_found.backoffs) AS f (id, name, json, bytes, backoff)
       LIMIT v_held.count;
  END IF;
END
$body${tag}$;

-- Does not say "ready" of what is being leased in that instant.
CREATE OR REPLACE FUNCTION ${schema}.mq_why(p_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row record;
  v_by text;
  v_other uuid;
  v_dead text := '';
BEGIN
  SELECT m.*, m.xmin AS row_xmin, m.xmax AS row_xmax INTO v_row FROM ${schema}.mq_msgs m WHERE m.id = p_id
  UNION ALL
  SELECT m.*, m.xmin, m.xmax FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id LIMIT 1;
  IF v_row.id IS NULL THEN
    RETURN NULL;
  END IF;
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
  ELSIF pg_xact_status(${schema}.mq_locker(v_row.row_xmax)) = 'in progress' THEN
    RETURN v_dead || coalesce((
      SELECT format('locked by a transaction of the session %s (%s)', l.pid, a.application_name)
        FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'transactionid' AND l.transactionid = v_row.row_xmax AND l.granted LIMIT 1), 'locked by a transaction');
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
  -- In the meantime what holds it may have become a lease, say.
  IF NOT EXISTS (
    SELECT FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.xmin = v_row.row_xmin AND m.xmax = v_row.row_xmax
    UNION ALL
    SELECT FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.xmin = v_row.row_xmin AND m.xmax = v_row.row_xmax) THEN
    RETURN ${schema}.mq_why(p_id);
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

-- What is read by pages ---------------------------------------------------------------------------------------------------

-- Whether a transaction that runs has this row locked. Stable, unlike what it asks, so that a view with it can be read by an index.
CREATE FUNCTION ${schema}.mq_is_locked(p_xmax xid) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN pg_xact_status(${schema}.mq_locker(p_xmax)) IS NOT DISTINCT FROM 'in progress';
END
$body${tag}$;

-- Its volatile column had kept a page of a queue from being read by an index.
CREATE OR REPLACE VIEW ${schema}.mq_rows AS
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

-- What is done by ids reads no other messages, also where the plan was made when there were few.
CREATE OR REPLACE FUNCTION ${schema}.mq_delete(msg_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count bigint;
  v_channels text[];
  v_ids uuid[];
  v_names text[];
  v_more text[] := '{}';
BEGIN
  WITH gone AS (
    DELETE FROM ${schema}.mq_msgs m
     WHERE m.id = ANY (msg_ids) AND coalesce(m.lease_owner, 0) = -1 AND m.attempt_at > statement_timestamp()
    RETURNING m.channel_name::text AS name, m.slot)
  SELECT count(*), array_agg(DISTINCT g.name) FILTER (WHERE g.slot IS NOT NULL) INTO v_count, v_channels FROM gone g;
  IF v_count < cardinality(msg_ids) THEN
    SELECT array_agg(l.id), array_agg(l.channel_name) INTO v_ids, v_names
      FROM (SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
             WHERE s.id = ANY (msg_ids) AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
             FOR UPDATE SKIP LOCKED) l;
    WITH gone AS (
      DELETE FROM ${schema}.mq_msgs m
       WHERE m.id = ANY (v_ids) AND (m.id, m.channel_name::text) IN (SELECT * FROM unnest(v_ids, v_names))
      RETURNING m.channel_name::text AS name, m.slot)
    SELECT array_agg(DISTINCT g.name) FILTER (WHERE g.slot IS NOT NULL) INTO v_more FROM gone g;
  END IF;
  -- The next of their groups.
  PERFORM ${schema}.mq_notify_jobs(ARRAY(SELECT DISTINCT c FROM unnest(v_channels || v_more) AS c), 0);
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_commit(msg_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids uuid[];
  v_names text[];
  v_channels text[];
BEGIN
  SELECT array_agg(l.id), array_agg(l.channel_name) INTO v_ids, v_names
    FROM (SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
           WHERE s.id = ANY (msg_ids) AND s.commit_interval IS NOT NULL AND s.attempt_at > statement_timestamp()
           ORDER BY s.id FOR UPDATE) l;
  WITH committed AS (
    UPDATE ${schema}.mq_msgs m
       SET attempt_at = greatest(m.attempt_at - m.commit_interval, clock_timestamp()), commit_interval = NULL,
           expires_at = clock_timestamp() + (m.expiration - m.sent_at) * interval '1 millisecond'
     WHERE m.id = ANY (v_ids) AND (m.id, m.channel_name::text) IN (SELECT * FROM unnest(v_ids, v_names))
    RETURNING m.channel_name::text AS name)
  SELECT array_agg(DISTINCT c.name) INTO v_channels FROM committed c;
  PERFORM ${schema}.mq_notify_jobs(v_channels, -1);
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_keep_alive(msg_ids uuid[], duration interval) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids uuid[];
  v_names text[];
BEGIN
  SELECT array_agg(l.id), array_agg(l.channel_name) INTO v_ids, v_names
    FROM (SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
           WHERE s.id = ANY (msg_ids) AND (s.lease_owner = -1 OR s.commit_interval IS NOT NULL)
             AND s.attempt_at < clock_timestamp() + duration
           ORDER BY s.id FOR UPDATE SKIP LOCKED) l;
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = clock_timestamp() + duration,
         commit_interval = m.commit_interval + (clock_timestamp() + duration - m.attempt_at),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at ELSE clock_timestamp() + duration END
   WHERE m.id = ANY (v_ids) AND (m.id, m.channel_name::text) IN (SELECT * FROM unnest(v_ids, v_names));
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_clear(channel_names text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_tids tid[];
  v_names text[];
BEGIN
  SELECT array_agg(l.row_tid), array_agg(l.channel_name) INTO v_tids, v_names
    FROM (SELECT s.ctid AS row_tid, s.channel_name FROM ${schema}.mq_msgs s
           WHERE s.channel_name = ANY (channel_names) AND s.name IS NOT NULL AND s.dead_origin IS NULL
             AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
           FOR UPDATE SKIP LOCKED) l;
  DELETE FROM ${schema}.mq_msgs m
   WHERE m.ctid = ANY (v_tids) AND (m.ctid, m.channel_name::text) IN (SELECT * FROM unnest(v_tids, v_names));
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_clear_all() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_tids tid[];
  v_names text[];
BEGIN
  SELECT array_agg(l.row_tid), array_agg(l.channel_name) INTO v_tids, v_names
    FROM (SELECT s.ctid AS row_tid, s.channel_name FROM ${schema}.mq_msgs s
           WHERE s.name IS NOT NULL AND s.dead_origin IS NULL
             AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
           FOR UPDATE SKIP LOCKED) l;
  DELETE FROM ${schema}.mq_msgs m
   WHERE m.ctid = ANY (v_tids) AND (m.ctid, m.channel_name::text) IN (SELECT * FROM unnest(v_tids, v_names));
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_keep_completed(
  p_channels text[], p_ids uuid[], p_owner integer, p_tokens bigint[], p_worked bigint[], p_millis bigint[])
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  INSERT INTO ${schema}.mq_completed (
    job_id, channel_name, name, channel_args, payload_json, spawned_at, attempts, duration, keep_until)
  SELECT m.id, m.channel_name, coalesce(m.name, m.jms_type), m.channel_args, m.payload_json,
         CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END,
         m.delivery_count + CASE WHEN m.lease_owner IS NULL THEN 1 ELSE 0 END, j.worked * interval '1 millisecond',
         clock_timestamp() + least(j.millis, 3155760000000) * interval '1 millisecond'
    FROM unnest(p_channels, p_ids, p_tokens, p_worked, p_millis) AS j (channel, id, token, worked, millis), LATERAL (
      SELECT s.* FROM ${schema}.mq_msgs s
       WHERE s.id = j.id AND s.channel_name = j.channel
         AND (j.token IS NULL OR (s.lease_owner = p_owner AND s.lease_token = j.token))
       LIMIT 1 FOR UPDATE SKIP LOCKED) m;
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_note_attempts(
  p_ids uuid[], p_channels text[], p_attempts integer[], p_millis bigint[], p_error text)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  INSERT INTO ${schema}.mq_attempts (message_id, channel_name, attempt, duration, error)
  SELECT a.id, a.channel, a.attempt, a.millis * interval '1 millisecond', left(p_error, 2000)
    FROM unnest(p_ids, p_channels, p_attempts, p_millis) AS a (id, channel, attempt, millis)
   WHERE EXISTS (SELECT FROM ${schema}.mq_msgs m
                  WHERE m.id = a.id AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress')
      OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                  WHERE m.id = a.id AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress');
  IF 20 < ANY (p_attempts) THEN
    DELETE FROM ${schema}.mq_attempts d WHERE d.message_id = ANY (p_ids) AND d.ctid = ANY (ARRAY(
      SELECT o.row_tid FROM (
        SELECT a.ctid AS row_tid, row_number() OVER (PARTITION BY a.message_id ORDER BY a.failed_at DESC) AS place
          FROM ${schema}.mq_attempts a WHERE a.message_id = ANY (p_ids)) o
       WHERE o.place > 20));
  END IF;
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_renew(
  p_owner integer, p_millis bigint, p_ids uuid[], p_tokens bigint[], p_first bigint, p_last bigint,
  p_busy bigint[])
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET lock_timeout = '5s'
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  UPDATE ${schema}.mq_msgs m SET attempt_at = clock_timestamp() + p_millis * interval '1 millisecond'
   WHERE m.ctid = ANY (ARRAY(
     SELECT s.ctid FROM ${schema}.mq_msgs s
      WHERE s.id = ANY (p_ids) AND coalesce(s.lease_owner, 0) = p_owner
        AND (s.id, s.lease_token) IN (SELECT * FROM unnest(p_ids, p_tokens))
        FOR UPDATE SKIP LOCKED));
  UPDATE ${schema}.mq_msgs_unlogged m SET attempt_at = clock_timestamp() + p_millis * interval '1 millisecond'
   WHERE m.ctid = ANY (ARRAY(
     SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
      WHERE s.id = ANY (p_ids) AND coalesce(s.lease_owner, 0) = p_owner
        AND (s.id, s.lease_token) IN (SELECT * FROM unnest(p_ids, p_tokens))
        FOR UPDATE SKIP LOCKED));
  RETURN QUERY
    UPDATE ${schema}.mq_msgs m SET attempt_at = ${schema}.mq_at_once(), lease_owner = NULL, lease_token = NULL
     WHERE m.ctid = ANY (ARRAY(
       SELECT s.ctid FROM ${schema}.mq_msgs s
        WHERE s.lease_owner BETWEEN p_owner AND p_owner AND s.lease_token BETWEEN p_first AND p_last AND s.lease_token <> ALL (p_busy)
          AND (s.id, s.lease_token) NOT IN (SELECT * FROM unnest(p_ids, p_tokens))
        ORDER BY s.lease_owner FOR UPDATE SKIP LOCKED))
    RETURNING m.channel_name::text;
  RETURN QUERY
    UPDATE ${schema}.mq_msgs_unlogged m SET attempt_at = ${schema}.mq_at_once(), lease_owner = NULL, lease_token = NULL
     WHERE m.ctid = ANY (ARRAY(
       SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
        WHERE s.lease_owner BETWEEN p_owner AND p_owner AND s.lease_token BETWEEN p_first AND p_last AND s.lease_token <> ALL (p_busy)
          AND (s.id, s.lease_token) NOT IN (SELECT * FROM unnest(p_ids, p_tokens))
        ORDER BY s.lease_owner FOR UPDATE SKIP LOCKED))
    RETURNING m.channel_name::text;
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_drop_duplicates(
  p_channels text[], p_dedup_ids text[], p_messages uuid[], p_rows uuid[], p_row_channels text[], p_of uuid[])
RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET enable_seqscan = off SET enable_nestloop = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_duplicates uuid[];
BEGIN
  v_duplicates := ARRAY(
    SELECT p.message FROM unnest(p_channels, p_dedup_ids, p_messages) AS p (channel, dedup_id, message)
     WHERE (SELECT true FROM ${schema}.mq_dedup d
             WHERE d.channel_name = p.channel AND d.dedup_id = p.dedup_id AND d.message_id = p.message LIMIT 1) IS NULL);
  IF v_duplicates <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs m
     WHERE m.id = ANY (p_rows) AND (m.id, m.channel_name::text) IN (
             SELECT r.id, r.channel FROM unnest(p_rows, p_row_channels, p_of) AS r (id, channel, message)
              WHERE r.message = ANY (v_duplicates))
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_msgs_unlogged m
     WHERE m.id = ANY (p_rows) AND (m.id, m.channel_name::text) IN (
             SELECT r.id, r.channel FROM unnest(p_rows, p_row_channels, p_of) AS r (id, channel, message)
              WHERE r.message = ANY (v_duplicates))
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_payloads p WHERE p.id = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(p.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_payloads_unlogged p WHERE p.id = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(p.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_schedules s WHERE s.id = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(s.xmin)) = 'in progress';
  END IF;
  RETURN QUERY SELECT unnest(v_duplicates);
END
$body${tag}$;

-- What was granted before -------------------------------------------------------------------------------------------------

-- Roles go on with what mq_grant gave them: whoever was granted that function by name gets the new one, unless somebody has granted it
-- already.
DO $body${tag}$
DECLARE
  v_grant text;
BEGIN
  FOR v_grant IN
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
