-- Keeping jobs alive waits for what their worker does on another connection -------------------------------------------------

-- For jobs that are worked on, and reserved positions: they have so much time at least from now on, 100 years at most. Also for
-- jobs that wait for their time: one that was adopted from sqlxmq while it was worked on is such a job.
CREATE OR REPLACE FUNCTION ${schema}.mq_keep_alive(msg_ids uuid[], duration interval) RETURNS void
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
