-- Locks schedules that are due, a bounded number, and returns them with the server's time in ms: as many as have together
-- so many bytes (p_bytes), but one at least. What is larger than p_most is set aside. p_only: none but these, if it is not
-- null; p_except: none of these.
CREATE FUNCTION ${schema}.mq_due_schedules(
  p_limit integer, p_bytes bigint, p_most bigint, p_only uuid[], p_except uuid[])
RETURNS TABLE (server_now bigint, due bigint, schedule ${schema}.mq_schedules)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids uuid[] := '{}';
  v_bytes bigint := 0;
  v_row record;
BEGIN
  FOR v_row IN
    SELECT s.id, ${schema}.mq_octets(
                   s.destination, s.reply_to, s.correlation_id, s.jms_type, s.redelivery_policy, NULL, NULL, s.body_type,
                   s.payload_text, s.payload_bytes, s.properties::text, s.property_types::text)
                 + coalesce(octet_length(s.cron), 0) + coalesce(octet_length(s.zone), 0) + pg_column_size(s.senders)
                 + coalesce(octet_length(s.last_error), 0) AS size
      FROM ${schema}.mq_schedules s
     WHERE s.next_at <= statement_timestamp() AND s.id <> ALL (p_except) AND (p_only IS NULL OR s.id = ANY (p_only))
     ORDER BY s.next_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  LOOP
    IF v_row.size > p_most THEN
      UPDATE ${schema}.mq_schedules s
         SET next_at = 'infinity', last_error = format('its message has %s bytes, more than a quarter of the heap of the '
                                                       'process that was to send it', v_row.size)
       WHERE s.id = v_row.id;
    ELSE
      v_bytes := v_bytes + v_row.size;
      EXIT WHEN v_bytes > p_bytes AND v_ids <> '{}';
      v_ids := v_ids || v_row.id;
    END IF;
  END LOOP;
  -- As they are now that they are locked, and only these with their bodies.
  RETURN QUERY
    SELECT floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint,
           floor(extract(epoch FROM s.next_at) * 1000)::bigint, s
      FROM ${schema}.mq_schedules s WHERE s.id = ANY (v_ids) ORDER BY s.next_at, s.id;
END
$body${tag}$;

-- In how many milliseconds the next schedule is due, but for those of p_except; null: there is none, or none that the caller
-- may send.
CREATE FUNCTION ${schema}.mq_next_schedule(p_except uuid[]) RETURNS double precision
LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT extract(epoch FROM s.next_at - statement_timestamp()) * 1000
    FROM ${schema}.mq_schedules s
   WHERE s.next_at < 'infinity' AND s.id <> ALL (p_except) AND has_table_privilege('${schemaText}.mq_msgs', 'INSERT')
   ORDER BY s.next_at LIMIT 1
$body${tag}$;
