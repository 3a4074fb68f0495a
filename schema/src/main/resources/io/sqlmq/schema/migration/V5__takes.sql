-- Never changed once it is released.

-- As many retries as an integer can say: "for ever" is 2147483647 for many programs.
CREATE OR REPLACE FUNCTION ${schema}.mq_insert(new_messages ${schema}.mq_new_t[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_now timestamptz;
  v_sent_at bigint;
  v_channels text[];
  v_due bigint;
  v_nameless boolean;
BEGIN
  SELECT array_agg(DISTINCT n.channel_name),
         CASE WHEN bool_or(n.commit_interval IS NOT NULL OR n.delay > interval '0') THEN -1 ELSE 0 END, bool_or(n.name IS NULL)
    INTO v_channels, v_due, v_nameless FROM unnest(new_messages) n;
  IF v_nameless THEN
    RAISE not_null_violation USING MESSAGE = 'a job has no name', COLUMN = 'name';
  END IF;
  LOCK TABLE ${schema}.mq_msgs IN ROW EXCLUSIVE MODE;  -- before the clock is read
  v_now := clock_timestamp();
  v_sent_at := extract(epoch FROM v_now) * 1000;
  INSERT INTO ${schema}.mq_msgs (
    id, channel_name, sent_at, attempt_at, expires_at, delivery_time, grp, slot, properties, name, channel_args, commit_interval,
    retry_backoff, max_deliveries, payload_json, payload_bytes)
  SELECT n.id, n.channel_name, v_sent_at,
         CASE WHEN n.commit_interval IS NOT NULL OR n.delay > interval '0'
              THEN v_now + greatest(n.delay, interval '0') + coalesce(n.commit_interval, interval '0') END,
         v_now + greatest(n.delay, interval '0') + n.commit_interval,
         CASE WHEN n.delay > interval '0' AND n.ordered IS NOT TRUE
              THEN v_sent_at + (extract(epoch FROM n.delay) * 1000)::bigint END,
         CASE WHEN n.ordered THEN ${schema}.mq_job_group(coalesce(n.channel_args, '')) END,
         CASE WHEN n.ordered THEN ${schema}.mq_slot(${schema}.mq_job_group(coalesce(n.channel_args, ''))) END,
         CASE WHEN n.channel_args = '' THEN NULL
              WHEN n.ordered THEN jsonb_build_object('JMS_SQLMQ_ChannelArgs', n.channel_args, 'JMSXGroupID', n.channel_args)
              WHEN n.channel_args IS NOT NULL THEN jsonb_build_object('JMS_SQLMQ_ChannelArgs', n.channel_args) END,
         n.name, coalesce(n.channel_args, ''), n.commit_interval,
         greatest(coalesce(n.retry_backoff, interval '1 s'), interval '0'),
         least(greatest(coalesce(n.retries, 4), 0), 2147483646) + 1, n.payload_json::jsonb, n.payload_bytes
    FROM unnest(new_messages) n;
  PERFORM ${schema}.mq_notify_jobs(v_channels, v_due);
END
$body${tag}$;

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
           ELSE least(greatest(
             1, ${schema}.mq_job_deliveries(m.max_deliveries, m.redelivery_policy)::bigint + extra_retries), 2147483647) END
   WHERE m.id = msg_id;
END
$body${tag}$;

-- Where V3 was applied in its first form, this function has a setting that only superusers may give it, also when a dump is restored.
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

-- For statements that take messages: raises that one cannot be taken, with MQ002 as mq_take does, or MQ004 if that has to look at it.
CREATE FUNCTION ${schema}.mq_unsettled(p_id uuid, p_code text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RAISE EXCEPTION 'message % has to be dealt with first', p_id USING ERRCODE = p_code;
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
