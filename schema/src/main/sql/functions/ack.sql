-- Deletes rows that the calling transaction has locked; MQ001 when one is not there any more (the application rolled
-- back to a savepoint from before the claim). p_relaxed: this commit need not wait for the disk.
-- Rows are fetched by their place, and their channel is only compared: by another collation than that of the index, in which
-- the planner would rather read all of a channel if the statistics are of an empty table.
CREATE FUNCTION ${schema}.mq_ack(p_channel text, p_tids tid[], p_unlogged_tids tid[], p_relaxed boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer := 0;
  v_unlogged_count integer := 0;
BEGIN
  IF p_tids <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (p_tids);
    GET DIAGNOSTICS v_count = ROW_COUNT;
  END IF;
  IF p_unlogged_tids <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (p_unlogged_tids);
    GET DIAGNOSTICS v_unlogged_count = ROW_COUNT;
  END IF;
  IF v_count + v_unlogged_count <> cardinality(p_tids) + cardinality(p_unlogged_tids) THEN
    RAISE EXCEPTION '% of % acknowledged messages are not held by this transaction any more',
      cardinality(p_tids) + cardinality(p_unlogged_tids) - v_count - v_unlogged_count,
      cardinality(p_tids) + cardinality(p_unlogged_tids) USING ERRCODE = 'MQ001';
  END IF;
  IF p_relaxed THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN v_count + v_unlogged_count;
END
$body${tag}$;

-- Deletes rows by id: leased ones (p_token not null: only while the lease is still the caller's) or, for repair after a
-- broken connection, rows that nobody holds. Returns the ids that are gone or no longer the caller's, and (busy) those
-- that are but that another transaction has locked: a claim that saw the row as it was before the lease locks what became
-- of it, although it does not want it, until that transaction ends.
CREATE FUNCTION ${schema}.mq_ack_ids(p_channels text[], p_ids uuid[], p_owner integer, p_tokens bigint[])
RETURNS TABLE (id uuid, busy boolean)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  FOR i IN 1..cardinality(p_ids) LOOP
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = p_channels[i] COLLATE "POSIX" AND m.ctid = (
      SELECT s.ctid FROM ${schema}.mq_msgs s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
         AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
       FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = p_channels[i] COLLATE "POSIX" AND m.ctid = (
        SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
           AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
         FOR UPDATE SKIP LOCKED);
      IF NOT FOUND THEN
        id := p_ids[i];
        busy := EXISTS (SELECT FROM ${schema}.mq_msgs s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                           AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i])))
             OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                           AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i])));
        RETURN NEXT;
      END IF;
    END IF;
  END LOOP;
END
$body${tag}$;
