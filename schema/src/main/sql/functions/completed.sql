-- Keeps what the caller is about to acknowledge in this transaction, for so many milliseconds. Tokens as in mq_ack_ids; what others have
-- locked is left out, and kept when it is acknowledged.
CREATE FUNCTION ${schema}.mq_keep_completed(
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

-- Forgets those whose time is over, a bounded number; returns how many.
CREATE FUNCTION ${schema}.mq_sweep_completed(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer;
BEGIN
  DELETE FROM ${schema}.mq_completed d WHERE d.ctid = ANY (ARRAY(
    SELECT s.ctid FROM ${schema}.mq_completed s
     WHERE s.keep_until <= statement_timestamp() ORDER BY s.keep_until LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$body${tag}$;
