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
