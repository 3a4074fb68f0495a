-- Deletes rows of subscriptions that are gone, a bounded number; what is locked or leased is somebody's work still. A
-- channel is forgotten when no transaction runs that could still write to it. Returns the number of rows deleted.
CREATE FUNCTION ${schema}.mq_sweep_gone(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_gone record;
  v_left integer := p_limit;
  v_count integer;
BEGIN
  FOR v_gone IN
    SELECT g.channel, g.gone_at < statement_timestamp() - interval '60 s'
             AND g.xact < pg_snapshot_xmin(pg_current_snapshot()) AS settled
      FROM ${schema}.mq_gone_channels g ORDER BY g.gone_at LIMIT p_limit
  LOOP
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL AND s.slot IS NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NOT NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL AND s.slot IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    EXIT WHEN v_left <= 0;
    IF v_gone.settled
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NULL AND m.slot IS NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NOT NULL AND m.slot IS NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NULL AND m.slot IS NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NOT NULL) THEN
      DELETE FROM ${schema}.mq_gone_channels g WHERE g.channel = v_gone.channel;
    END IF;
  END LOOP;
  RETURN p_limit - v_left;
END
$body${tag}$;
