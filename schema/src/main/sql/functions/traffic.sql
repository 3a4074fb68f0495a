-- Adds what a process has counted since it last did, and forgets what was an hour ago. In the order of names, so that processes do not
-- wait for each other in a circle.
CREATE FUNCTION ${schema}.mq_count_traffic(p_channels text[], p_sent bigint[], p_gone bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_minute constant timestamptz := date_trunc('minute', clock_timestamp());
BEGIN
  INSERT INTO ${schema}.mq_traffic AS t (minute, channel_name, sent, gone)
  SELECT v_minute, c.channel, c.sent, c.gone FROM unnest(p_channels, p_sent, p_gone) AS c (channel, sent, gone)
   ORDER BY c.channel COLLATE "C"
  ON CONFLICT (minute, channel_name) DO UPDATE SET sent = t.sent + excluded.sent, gone = t.gone + excluded.gone;
  WITH old AS MATERIALIZED (
    SELECT o.minute, o.channel_name FROM ${schema}.mq_traffic o
     WHERE o.minute < v_minute - interval '1 hour' ORDER BY o.minute, o.channel_name LIMIT 10000 FOR UPDATE SKIP LOCKED)
  DELETE FROM ${schema}.mq_traffic t USING old WHERE t.minute = old.minute AND t.channel_name = old.channel_name;
END
$body${tag}$;
