-- The first and the last id that a row with this shared body can have. They are told by their ids, so that the primary
-- key finds them and no further index has to be written for each row.
CREATE FUNCTION ${schema}.mq_first_copy(p_payload uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$ SELECT (pg_catalog.left(p_payload::text, -5) || '00000'::text)::uuid $body${tag}$;

CREATE FUNCTION ${schema}.mq_last_copy(p_payload uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$ SELECT (pg_catalog.left(p_payload::text, -5) || 'fffff'::text)::uuid $body${tag}$;

-- Deletes those of the shared bodies to which no row refers. To be called when the transactions that deleted the rows
-- are over: of two that delete the last rows at the same time, neither sees that the other does.
CREATE FUNCTION ${schema}.mq_drop_payloads(p_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off SET enable_memoize = off SET jit = off SET plan_cache_mode = force_generic_plan
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  DELETE FROM ${schema}.mq_payloads p WHERE p.id = ANY (p_ids)
     AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                      WHERE m.id BETWEEN ${schema}.mq_first_copy(p.id) AND ${schema}.mq_last_copy(p.id)
                        AND m.payload_id = p.id);
  DELETE FROM ${schema}.mq_payloads_unlogged p WHERE p.id = ANY (p_ids)
     AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                      WHERE m.id BETWEEN ${schema}.mq_first_copy(p.id) AND ${schema}.mq_last_copy(p.id)
                        AND m.payload_id = p.id);
END
$body${tag}$;

-- The slow sweep over shared bodies: the next p_limit of either table after p_after. Returns where to go on; null: the
-- end was reached.
CREATE FUNCTION ${schema}.mq_sweep_payloads(p_after uuid, p_limit integer) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids uuid[];
BEGIN
  v_ids := ARRAY(
    SELECT u.id FROM (
      (SELECT p.id FROM ${schema}.mq_payloads p WHERE p.id > p_after ORDER BY p.id LIMIT p_limit)
      UNION (SELECT p.id FROM ${schema}.mq_payloads_unlogged p WHERE p.id > p_after ORDER BY p.id LIMIT p_limit)) u
     ORDER BY u.id LIMIT p_limit);
  PERFORM ${schema}.mq_drop_payloads(v_ids);
  RETURN CASE WHEN cardinality(v_ids) = p_limit THEN v_ids[p_limit] END;
END
$body${tag}$;
