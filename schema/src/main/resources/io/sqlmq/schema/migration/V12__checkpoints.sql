-- Checkpoints of messages that are jobs: of their retries, and of their bodies ---------------------------------------------

-- How often a job is delivered before it is a dead letter. One that was sent by JMS has it in a policy of its own, if anywhere.
CREATE OR REPLACE FUNCTION ${schema}.mq_job_deliveries(p_max_deliveries integer, p_policy text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT coalesce(p_max_deliveries,
    CASE WHEN p_policy ~ 'maximumRedeliveries=-1'::text THEN 1000000000
         ELSE (least(coalesce(pg_catalog.substring(p_policy, 'maximumRedeliveries=([0-9]{1,10})(?:&|$)'::text), '4')::bigint,
                     2147483646::bigint) + 1::bigint)::integer END)
$body${tag}$;

-- The redelivery policy of a message with so many more retries. Of one that says nothing about them, those who poll count 4.
CREATE FUNCTION ${schema}.mq_more_retries(p_policy text, p_extra integer) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_number constant text := least(
    greatest(0, ${schema}.mq_job_deliveries(NULL, p_policy)::bigint - 1 + p_extra), 2147483647);
BEGIN
  RETURN CASE WHEN p_policy ~ 'maximumRedeliveries=-1' THEN p_policy
              WHEN p_policy ~ 'maximumRedeliveries='
              THEN regexp_replace(p_policy, 'maximumRedeliveries=[0-9]*', 'maximumRedeliveries=' || v_number)
              ELSE concat_ws('&', nullif(p_policy, ''), 'maximumRedeliveries=' || v_number) END;
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
DECLARE
  v_for constant interval :=
    CASE WHEN duration > interval '100 years' THEN interval '100 years' WHEN duration > interval '0' THEN duration END;
  v_json jsonb := new_payload_json;
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
  IF v_json IS NULL AND new_payload_bytes IS NOT NULL THEN
    -- Consumers of JMS get JSON and bytes together, but not a text and bytes.
    BEGIN
      v_json := (SELECT m.payload_text::jsonb FROM ${schema}.mq_msgs m WHERE m.id = msg_id AND m.payload_json IS NULL LIMIT 1);
    EXCEPTION WHEN data_exception THEN
      NULL;  -- it is no JSON: those who poll get both
    END;
  END IF;
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = greatest(m.attempt_at, clock_timestamp() + v_for),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at
                           ELSE greatest(m.attempt_at, clock_timestamp() + v_for) END,
         body_type = CASE WHEN num_nonnulls(new_payload_json, new_payload_bytes) = 0 THEN m.body_type END,
         payload_json = coalesce(v_json, m.payload_json),
         payload_text = CASE WHEN v_json IS NULL THEN m.payload_text END,
         payload_bytes = coalesce(new_payload_bytes, m.payload_bytes),
         max_deliveries = CASE WHEN m.max_deliveries IS NOT NULL
           THEN least(greatest(1, m.max_deliveries::bigint + coalesce(extra_retries, 0)), 2147483647) END,
         redelivery_policy = CASE WHEN m.max_deliveries IS NULL AND extra_retries <> 0
           THEN ${schema}.mq_more_retries(m.redelivery_policy, extra_retries) ELSE m.redelivery_policy END
   WHERE m.id = msg_id;
END
$body${tag}$;

-- No more than 20 failed deliveries of a message, also where its attempts are counted anew ---------------------------------

-- Notes failed deliveries, after what was made of their messages in this transaction: messages that it has not written are left out, since
-- they are not the caller's. With the rights of the owner, so that receivers need none.
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
  IF (SELECT count(*) FROM (SELECT FROM ${schema}.mq_attempts a WHERE a.message_id = ANY (p_ids) LIMIT 21) n) > 20 THEN
    DELETE FROM ${schema}.mq_attempts d WHERE d.message_id = ANY (p_ids) AND d.ctid = ANY (ARRAY(
      SELECT o.row_tid FROM (
        SELECT a.ctid AS row_tid, row_number() OVER (PARTITION BY a.message_id ORDER BY a.failed_at DESC) AS place
          FROM ${schema}.mq_attempts a WHERE a.message_id = ANY (p_ids)) o
       WHERE o.place > 20));
  END IF;
END
$body${tag}$;

-- A database may publish all its tables, and what has no key could not be deleted there then ------------------------------

ALTER TABLE ${schema}.mq_attempts REPLICA IDENTITY FULL;
ALTER TABLE ${schema}.mq_completed REPLICA IDENTITY FULL;

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
