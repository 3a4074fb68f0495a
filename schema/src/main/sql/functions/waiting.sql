-- What an operator does to one message that waits, by its id (without ID:) and, where several queues have it, the name of the queue. These
-- tell: 'done'; 'being worked on': somebody has it, and nothing was done; 'set aside': see mq_retry_set_aside; 'not there'.

-- Locks it for that; a message whose lease is over is free only for p_leased, since its delivery is still to be counted.
CREATE FUNCTION ${schema}.mq_lock_waiting(
  p_id uuid, p_queue text, p_leased boolean, OUT channel text, OUT unlogged boolean, OUT result text)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  -- Before the clock is read, see mq_first_waiting; and the lease may have been taken just now.
  LOCK TABLE ${schema}.mq_msgs, ${schema}.mq_msgs_unlogged IN ROW EXCLUSIVE MODE;
  unlogged := false;
  SELECT s.channel_name, CASE WHEN s.set_aside IS NOT NULL THEN 'set aside' ELSE 'done' END INTO channel, result
    FROM ${schema}.mq_msgs s
   WHERE s.id = p_id AND (p_queue IS NULL OR s.channel_name = p_queue)
     AND (s.lease_owner IS NULL OR (p_leased AND s.attempt_at <= clock_timestamp()))
   LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF channel IS NULL THEN
    unlogged := true;
    SELECT s.channel_name, CASE WHEN s.set_aside IS NOT NULL THEN 'set aside' ELSE 'done' END INTO channel, result
      FROM ${schema}.mq_msgs_unlogged s
     WHERE s.id = p_id AND (p_queue IS NULL OR s.channel_name = p_queue)
       AND (s.lease_owner IS NULL OR (p_leased AND s.attempt_at <= clock_timestamp()))
     LIMIT 1 FOR UPDATE SKIP LOCKED;
  END IF;
  IF channel IS NULL THEN
    result := CASE
      WHEN EXISTS (SELECT FROM ${schema}.mq_msgs s WHERE s.id = p_id AND (p_queue IS NULL OR s.channel_name = p_queue))
        OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged s WHERE s.id = p_id AND (p_queue IS NULL OR s.channel_name = p_queue))
      THEN 'being worked on' ELSE 'not there' END;
  END IF;
END
$body${tag}$;

-- Deletes it, also what is set aside.
CREATE FUNCTION ${schema}.mq_cancel(p_id uuid, p_queue text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_found record;
BEGIN
  SELECT w.* INTO v_found FROM ${schema}.mq_lock_waiting(p_id, p_queue, true) w;
  IF v_found.channel IS NULL THEN
    RETURN v_found.result;
  END IF;
  IF v_found.unlogged THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.channel_name = v_found.channel;
  ELSE
    DELETE FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.channel_name = v_found.channel;
    PERFORM ${schema}.mq_notify_jobs(ARRAY[v_found.channel], -1);  -- for the next of its group
  END IF;
  RETURN 'done';
END
$body${tag}$;

-- Has it delivered at p_at, or now if that is past or null. An ordered job goes on to hold up those behind it; other messages of groups
-- that were not delivered before do so no more while they wait. A position that is not committed yet lapses as much later or earlier.
CREATE FUNCTION ${schema}.mq_reschedule(p_id uuid, p_at timestamptz, p_queue text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_found record;
  v_at timestamptz;
BEGIN
  IF p_at > clock_timestamp() + interval '100 years' THEN
    RAISE EXCEPTION 'messages can wait for 100 years, not until %', p_at USING ERRCODE = '22023';
  END IF;
  SELECT w.* INTO v_found FROM ${schema}.mq_lock_waiting(p_id, p_queue, false) w;
  IF v_found.channel IS NULL OR v_found.result <> 'done' THEN
    RETURN v_found.result;
  END IF;
  v_at := greatest(p_at, clock_timestamp());
  IF v_found.unlogged THEN
    UPDATE ${schema}.mq_msgs_unlogged m
       SET attempt_at = v_at,
           delivery_time = CASE WHEN m.delivery_count > 0 THEN m.delivery_time ELSE (extract(epoch FROM v_at) * 1000)::bigint END
     WHERE m.id = p_id AND m.channel_name = v_found.channel;
  ELSE
    UPDATE ${schema}.mq_msgs m
       SET attempt_at = v_at + coalesce(m.commit_interval, interval '0'),
           expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at ELSE v_at + m.commit_interval END,
           delivery_time = CASE WHEN m.delivery_count > 0 OR (m.slot IS NOT NULL AND m.name IS NOT NULL) THEN m.delivery_time
                                ELSE (extract(epoch FROM v_at) * 1000)::bigint END
     WHERE m.id = p_id AND m.channel_name = v_found.channel;
  END IF;
  PERFORM ${schema}.mq_notify_jobs(ARRAY[v_found.channel], -1);
  RETURN 'done';
END
$body${tag}$;

-- Gives it another JMSPriority; what is ready goes behind all others of that priority.
CREATE FUNCTION ${schema}.mq_reprioritize(p_id uuid, p_priority integer, p_queue text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_found record;
BEGIN
  IF p_priority IS NULL OR p_priority NOT BETWEEN 0 AND 9 THEN
    RAISE EXCEPTION 'priorities are 0 to 9, not %', p_priority USING ERRCODE = '22023';
  END IF;
  SELECT w.* INTO v_found FROM ${schema}.mq_lock_waiting(p_id, p_queue, false) w;
  IF v_found.channel IS NULL OR v_found.result <> 'done' THEN
    RETURN v_found.result;
  END IF;
  IF v_found.unlogged THEN
    UPDATE ${schema}.mq_msgs_unlogged m
       SET prio_rank = 9 - p_priority, seq = CASE WHEN m.attempt_at IS NULL THEN nextval('${schemaText}.mq_seq') ELSE m.seq END
     WHERE m.id = p_id AND m.channel_name = v_found.channel;
  ELSE
    UPDATE ${schema}.mq_msgs m
       SET prio_rank = 9 - p_priority, seq = CASE WHEN m.attempt_at IS NULL THEN nextval('${schemaText}.mq_seq') ELSE m.seq END
     WHERE m.id = p_id AND m.channel_name = v_found.channel;
  END IF;
  PERFORM ${schema}.mq_notify_jobs(ARRAY[v_found.channel], 0);
  RETURN 'done';
END
$body${tag}$;
