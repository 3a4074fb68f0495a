-- How many messages a channel has, as far as p_limit.
CREATE FUNCTION ${schema}.mq_depth(p_channel text, p_limit bigint) RETURNS bigint
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_depth bigint;
BEGIN
  v_depth := (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT p_limit) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL LIMIT p_limit - v_depth) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL AND m.slot IS NULL LIMIT p_limit - v_depth) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL LIMIT p_limit - v_depth) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs_unlogged m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT p_limit - v_depth) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs_unlogged m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL LIMIT p_limit - v_depth) l);
  RETURN v_depth;
END
$body${tag}$;

-- The first p_queues queues by name, how many messages each has, as far as p_limit, and for how many seconds the first of those that can
-- be received has been there; null where none can. Temporary queues and subscriptions are left out. Its work is bounded, for those who
-- ask again and again.
CREATE FUNCTION ${schema}.mq_queue_sizes(p_queues integer, p_limit bigint)
RETURNS TABLE (queue text, messages bigint, oldest_age double precision)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_sent bigint;
BEGIN
  IF least(p_queues, p_limit) < 0 THEN
    PERFORM ${schema}.mq_refuse(CASE WHEN p_queues < 0 THEN 'p_queues' ELSE 'p_limit' END, least(p_queues, p_limit)::text, '0 or more, or null: all');
  END IF;
  FOR queue IN SELECT n FROM ${schema}.mq_queue_names('') n LIMIT p_queues LOOP
    messages := ${schema}.mq_depth(queue, p_limit);
    v_sent := least(
      (SELECT m.sent_at FROM ${schema}.mq_msgs m
        WHERE m.channel_name = queue AND m.attempt_at IS NULL AND m.slot IS NULL ORDER BY m.prio_rank, m.seq LIMIT 1),
      (SELECT m.sent_at FROM ${schema}.mq_msgs m
        WHERE m.channel_name = queue AND m.attempt_at IS NULL AND m.slot IS NOT NULL ORDER BY m.prio_rank, m.seq LIMIT 1),
      (SELECT m.sent_at FROM ${schema}.mq_msgs_unlogged m
        WHERE m.channel_name = queue AND m.attempt_at IS NULL AND m.slot IS NULL ORDER BY m.prio_rank, m.seq LIMIT 1));
    oldest_age := CASE WHEN v_sent > 0 THEN greatest(0, extract(epoch FROM statement_timestamp()) - v_sent / 1000.0) END;
    RETURN NEXT;
  END LOOP;
END
$body${tag}$;
