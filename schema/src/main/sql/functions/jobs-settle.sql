-- What is done to jobs by their ids. Nothing here waits for a window of a consumer, which has locked a job that was ready or due;
-- a job that somebody has polled is in no window, and is waited for, so that what its worker does at the same time on another
-- connection is not overtaken. Jobs are found by their ids, given as an array also where they were locked before: a join, planned when there
-- were few, would read them all; and without nested loops, which would compare each of many with each. Whose lease it is is compared in a way
-- that no index serves, since statistics of a moment without leases would have all those that are being worked on read for each.

-- Deletes jobs: done, or not wanted any more. Left is what a consumer holds, by its lock or its lease.
CREATE FUNCTION ${schema}.mq_delete(msg_ids uuid[]) RETURNS void
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

-- Commits positions that were reserved with a commit interval which is not over yet: the jobs are due when their delay is over. Time to
-- live counts from here on.
CREATE FUNCTION ${schema}.mq_commit(msg_ids uuid[]) RETURNS void
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

-- For jobs that are worked on, and reserved positions: they have so much time at least from now on, 100 years at most. Also for
-- jobs that wait for their time: one that was adopted from sqlxmq while it was worked on is such a job.
CREATE FUNCTION ${schema}.mq_keep_alive(msg_ids uuid[], duration interval) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_for constant interval :=
    CASE WHEN duration > interval '100 years' THEN interval '100 years' WHEN duration > interval '0' THEN duration END;
  v_ids uuid[];
  v_names text[];
BEGIN
  PERFORM FROM ${schema}.mq_msgs s
    WHERE s.id = ANY (msg_ids) AND coalesce(s.lease_owner, 0) = -1 AND s.attempt_at > statement_timestamp()
    ORDER BY s.id FOR UPDATE;
  SELECT array_agg(l.id), array_agg(l.channel_name) INTO v_ids, v_names
    FROM (SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
           WHERE s.id = ANY (msg_ids) AND (s.lease_owner = -1 OR (s.lease_owner IS NULL AND s.name IS NOT NULL))
             AND s.attempt_at < clock_timestamp() + v_for
           ORDER BY s.id FOR UPDATE SKIP LOCKED) l;
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = clock_timestamp() + v_for,
         commit_interval = m.commit_interval + (clock_timestamp() + v_for - m.attempt_at),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at ELSE clock_timestamp() + v_for END
   WHERE m.id = ANY (v_ids) AND (m.id, m.channel_name::text) IN (SELECT * FROM unnest(v_ids, v_names));
END
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
CREATE FUNCTION ${schema}.mq_checkpoint(
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

-- Deletes the jobs of these channels, also those that are polled; null: none. Messages that are no jobs stay, and so do dead letters and
-- what a consumer holds.
CREATE FUNCTION ${schema}.mq_clear(channel_names text[]) RETURNS void
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

-- The same for all channels.
CREATE FUNCTION ${schema}.mq_clear_all() RETURNS void
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
