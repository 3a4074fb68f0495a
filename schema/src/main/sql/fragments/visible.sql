CREATE FUNCTION ${schema}.{{name}}(p_channel text, p_rank smallint, p_floor bigint, p_limit integer)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN QUERY SELECT m.seq::bigint FROM ${schema}.{{table}} m
    WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS {{slot}} AND m.prio_rank = p_rank
      AND m.seq >= p_floor
    ORDER BY m.seq LIMIT p_limit;
END
$body${tag}$;
