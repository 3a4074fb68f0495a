-- Leases rows that the calling transaction has locked: the delivery counts, and they come back when the lease ends.
CREATE FUNCTION ${schema}.mq_lease(
  p_channel text, p_tids tid[], p_unlogged_tids tid[], p_owner integer, p_token bigint, p_millis bigint)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer := 0;
  v_unlogged_count integer := 0;
  v_end constant timestamptz := statement_timestamp() + p_millis * interval '1 millisecond';
BEGIN
  IF p_tids <> '{}' THEN
    UPDATE ${schema}.mq_msgs m SET attempt_at = v_end, lease_owner = p_owner, lease_token = p_token,
           delivery_count = least(m.delivery_count + 1, 1000000000)
     WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (p_tids);
    GET DIAGNOSTICS v_count = ROW_COUNT;
  END IF;
  IF p_unlogged_tids <> '{}' THEN
    UPDATE ${schema}.mq_msgs_unlogged m SET attempt_at = v_end, lease_owner = p_owner, lease_token = p_token,
           delivery_count = least(m.delivery_count + 1, 1000000000)
     WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (p_unlogged_tids);
    GET DIAGNOSTICS v_unlogged_count = ROW_COUNT;
  END IF;
  RETURN v_count + v_unlogged_count;
END
$body${tag}$;

-- Renews the leases that a process holds (p_ids, p_tokens), also those that have run out and that nobody has taken since.
-- Other messages that are under a lease of its own are let go: the acknowledgement was lost with a crash of the server, or
-- the process does not know that it got the lease. Left alone is what may just be written or ended: what is newer than
-- p_last, and p_busy; and what is older than p_first, which is of another process that got the same number, before a
-- failover. Returns the channels where messages were let go. The time is that of each update, which may have
-- waited for longer than a lease lasts.
CREATE FUNCTION ${schema}.mq_renew(
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
