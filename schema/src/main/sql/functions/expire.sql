-- The dead-letter queue of a queue by a prefix: only the beginning of a name with which it would be too long.
CREATE FUNCTION ${schema}.mq_prefixed(p_prefix text, p_name text) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT p_prefix || CASE WHEN octet_length(p_prefix || p_name) <= 255 THEN p_name
                          ELSE left(p_name, greatest(0, (255 - octet_length(p_prefix)) / 4)) END
$body${tag}$;

-- Deletes expired messages, a bounded number at a time, or parks them in p_to (p_prefix: in p_to followed by the name of
-- their channel). Returns how many.
CREATE FUNCTION ${schema}.mq_sweep_expired(p_limit integer, p_to text, p_prefix boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer := 0;
  v_row record;
BEGIN
  FOR v_row IN
    (SELECT s.id, s.channel_name, false AS unlogged, s.delivery_count FROM ${schema}.mq_msgs s
      WHERE s.expires_at <= statement_timestamp() AND s.set_aside IS NULL AND s.lease_owner IS NULL
      ORDER BY s.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED)
  LOOP
    IF p_to IS NULL THEN
      DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_row.id AND m.channel_name = v_row.channel_name;
    ELSE
      PERFORM ${schema}.mq_park(v_row.id, v_row.channel_name, false,
        CASE WHEN NOT p_prefix THEN p_to WHEN starts_with(v_row.channel_name, 'sqlmq-temp:') THEN p_to || 'sqlmq-temp'
             ELSE ${schema}.mq_prefixed(p_to, v_row.channel_name) END, 'expired', NULL, v_row.delivery_count);
    END IF;
    v_count := v_count + 1;
  END LOOP;
  FOR v_row IN
    (SELECT s.id, s.channel_name, s.delivery_count FROM ${schema}.mq_msgs_unlogged s
      WHERE s.expires_at <= statement_timestamp() AND s.set_aside IS NULL AND s.lease_owner IS NULL
      ORDER BY s.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED)
  LOOP
    IF p_to IS NULL THEN
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.id = v_row.id AND m.channel_name = v_row.channel_name;
    ELSE
      PERFORM ${schema}.mq_park(v_row.id, v_row.channel_name, true,
        CASE WHEN NOT p_prefix THEN p_to WHEN starts_with(v_row.channel_name, 'sqlmq-temp:') THEN p_to || 'sqlmq-temp'
             ELSE ${schema}.mq_prefixed(p_to, v_row.channel_name) END, 'expired', NULL, v_row.delivery_count);
    END IF;
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END
$body${tag}$;
