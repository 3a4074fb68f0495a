-- Limits what is delivered from a channel, to consumers, to jobs, and to those who poll, over all processes: to p_running at the same
-- time, and to p_starts in any p_period; null: not limited in that way. Takes the place of limits before it. A message that is
-- delivered again counts again. What is leased already counts as running, what a transaction has received already does not. Of
-- more than 1,000 starts at most 1,000 begin at once: of 60,000 in a minute as many in each second.
CREATE FUNCTION ${schema}.mq_limit(
  p_channel text, p_running integer DEFAULT NULL, p_starts integer DEFAULT NULL, p_period interval DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  PERFORM ${schema}.mq_refuse_queue('p_channel', p_channel);
  IF num_nonnulls(p_running, p_starts) = 0 OR num_nonnulls(p_starts, p_period) = 1 OR p_running NOT BETWEEN 1 AND 1000
     OR p_starts NOT BETWEEN 1 AND 1000000 OR p_period NOT BETWEEN interval '1 ms' AND interval '31 days' THEN
    RAISE EXCEPTION 'a limit is of 1 to 1000 messages at the same time, of 1 to 1000000 starts within a period of 1 ms to 31 days, or of both, not p_running %, p_starts % and p_period %',
      coalesce(p_running::text, 'null'), coalesce(p_starts::text, 'null'), coalesce(p_period::text, 'null') USING ERRCODE = '22023';
  END IF;
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
CREATE FUNCTION ${schema}.mq_unlimit(p_channel text) RETURNS boolean
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
             pg_catalog.count(*) FILTER (WHERE NOT s.starts AND s.open AND {{slot-is-free channel=p_channel}}) AS slots,
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

-- Locks slots for up to p_most deliveries from a channel until the transaction ends; null in slots or free: it is not limited in that way.
-- Where none can be had, wait says after which time to ask again. What is then delivered is told to mq_fill_slots, in the same
-- transaction. Whose message is leased is asked for in a statement that comes after the one that locks the slot, or its snapshot
-- might be older than the lease.
CREATE FUNCTION ${schema}.mq_hold_slots(
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
         AND {{slot-is-free channel=p_channel}}
       ORDER BY s.number LIMIT count + v_extra FOR UPDATE SKIP LOCKED);
    slots := ARRAY(
      SELECT s.number FROM ${schema}.mq_limit_slots s
       WHERE s.channel_name = p_channel AND NOT s.starts AND s.number = ANY (slots) AND {{slot-is-free channel=p_channel}});
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

-- These messages are delivered now, by the transaction that holds these slots.
CREATE FUNCTION ${schema}.mq_fill_slots(p_channel text, p_slots integer[], p_begins integer[], p_ids uuid[]) RETURNS void
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

-- What mq_poll does for one channel that is limited. It remembers for each of them where it was. Slots are locked for as many jobs as were
-- found, so that a transaction that goes on keeps none that it does not use; should somebody have been quicker, the last of the jobs are
-- given back.
CREATE FUNCTION ${schema}.mq_poll_limited(p_channel text, p_most integer, p_most_backoff interval)
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
