-- One look at many channels: is something ready or due (0), and in how many milliseconds is the next one due that is not
-- due yet? rank ranges as in mq_claim, with their channel.
CREATE FUNCTION ${schema}.mq_look(
  p_channels text[], p_lane_channels text[], p_lo smallint[], p_hi smallint[], p_floor bigint[],
  p_unlogged_floor bigint[], p_grouped_floor bigint[])
RETURNS TABLE (channel text, due_in double precision)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
    SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN QUERY
    SELECT c.name, greatest(0, extract(epoch FROM d.attempt_at - statement_timestamp()) * 1000)::double precision
      FROM unnest(p_channels) AS c (name), LATERAL (
        (SELECT m.attempt_at FROM ${schema}.mq_msgs m
          WHERE m.channel_name = c.name AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs m
          WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
            AND m.slot IS NULL
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs m
          WHERE m.channel_name = c.name AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs m
          WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
            AND m.slot IS NOT NULL
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs_unlogged m
          WHERE m.channel_name = c.name AND m.attempt_at <= statement_timestamp()
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs_unlogged m
          WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
          ORDER BY m.attempt_at LIMIT 1)) d
    UNION ALL
    SELECT l.name, 0::double precision
      FROM unnest(p_lane_channels, p_lo, p_hi, p_floor, p_unlogged_floor, p_grouped_floor)
             AS l (name, lo, hi, floor, unlogged_floor, grouped_floor)
     WHERE coalesce((
             SELECT true FROM ${schema}.mq_msgs m
              WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NULL
                AND (m.prio_rank, m.seq) >= (l.lo, l.floor) AND m.prio_rank <= l.hi
              ORDER BY m.prio_rank, m.seq LIMIT 1), (
             SELECT true FROM ${schema}.mq_msgs m
              WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                AND (m.prio_rank, m.seq) >= (l.lo, l.grouped_floor) AND m.prio_rank <= l.hi
              ORDER BY m.prio_rank, m.seq LIMIT 1), (
             SELECT true FROM ${schema}.mq_msgs_unlogged m
              WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NULL
                AND (m.prio_rank, m.seq) >= (l.lo, l.unlogged_floor) AND m.prio_rank <= l.hi
              ORDER BY m.prio_rank, m.seq LIMIT 1));
END
$body${tag}$;

-- What mq_look tells of rows that wait, of one channel and behind the places of p_since.
CREATE FUNCTION ${schema}.mq_look_behind(p_channel text, p_since bigint[])
RETURNS TABLE (channel text, due_in double precision)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_day constant bigint := 86400000000;
  v_now constant bigint := extract(epoch FROM statement_timestamp()) * 1000000 + 1;
  v_to constant bigint[] := ARRAY[v_day,0,0,v_now,0,0, v_day,0,0,v_now,0,0, v_day,0,0,v_now,0,0];
BEGIN
  channel := p_channel;
  IF ${schema}.mq_first_waiting(p_channel, p_since, v_to) <> v_to THEN
    due_in := 0;
    RETURN NEXT;
  END IF;
  due_in := extract(epoch FROM least(
    (SELECT m.attempt_at FROM ${schema}.mq_msgs m
      WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity' AND m.slot IS NULL
      ORDER BY m.attempt_at LIMIT 1),
    (SELECT m.attempt_at FROM ${schema}.mq_msgs m
      WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
        AND m.slot IS NOT NULL
      ORDER BY m.attempt_at LIMIT 1),
    (SELECT m.attempt_at FROM ${schema}.mq_msgs_unlogged m
      WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
      ORDER BY m.attempt_at LIMIT 1)) - statement_timestamp()) * 1000;
  IF due_in IS NOT NULL THEN
    RETURN NEXT;
  END IF;
END
$body${tag}$;
