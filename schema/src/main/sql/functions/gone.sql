-- Deletes rows of subscriptions that are gone, a bounded number; what is locked or leased is somebody's work still. A
-- channel is forgotten when no transaction runs that could still write to it. Channels without rows, as most are, cost no statements
-- of their own: there may be many, and each process sweeps often. Returns the number of rows deleted.
CREATE FUNCTION ${schema}.mq_sweep_gone(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_channel text;
  v_left integer := p_limit;
  v_count integer;
BEGIN
  FOR v_channel IN
    SELECT g.channel FROM ${schema}.mq_gone_channels g
     WHERE {{rows-of-gone}}
     ORDER BY g.gone_at LIMIT p_limit
  LOOP
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NOT NULL AND s.slot IS NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NULL AND s.slot IS NOT NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NOT NULL AND s.slot IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    EXIT WHEN v_left <= 0;
  END LOOP;
  DELETE FROM ${schema}.mq_gone_channels d WHERE d.channel = ANY (ARRAY(
    SELECT g.channel FROM ${schema}.mq_gone_channels g
     WHERE g.gone_at < statement_timestamp() - interval '60 s' AND g.xact < pg_snapshot_xmin(pg_current_snapshot())
       AND {{rows-of-gone}} IS NULL
     ORDER BY g.gone_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
  RETURN p_limit - v_left;
END
$body${tag}$;
