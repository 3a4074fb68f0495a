-- Notes failed deliveries, after what was made of their messages in this transaction: messages that it has not written are left out, since
-- they are not the caller's. With the rights of the owner, so that receivers need none.
CREATE FUNCTION ${schema}.mq_note_attempts(
  p_ids uuid[], p_channels text[], p_attempts integer[], p_millis bigint[], p_error text)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  INSERT INTO ${schema}.mq_attempts (message_id, channel_name, attempt, duration, error)
  SELECT a.id, a.channel, a.attempt, a.millis * interval '1 millisecond', left(p_error, 2000)
    FROM unnest(p_ids, p_channels, p_attempts, p_millis) AS a (id, channel, attempt, millis)
   WHERE EXISTS (SELECT FROM ${schema}.mq_msgs m
                  WHERE m.id = a.id AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress')
      OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                  WHERE m.id = a.id AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress');
  IF (SELECT count(*) FROM (SELECT FROM ${schema}.mq_attempts a WHERE a.message_id = ANY (p_ids) LIMIT 21) n) > 20 THEN
    DELETE FROM ${schema}.mq_attempts d WHERE d.message_id = ANY (p_ids) AND d.ctid = ANY (ARRAY(
      SELECT o.row_tid FROM (
        SELECT a.ctid AS row_tid, row_number() OVER (PARTITION BY a.message_id ORDER BY a.failed_at DESC) AS place
          FROM ${schema}.mq_attempts a WHERE a.message_id = ANY (p_ids)) o
       WHERE o.place > 20));
  END IF;
END
$body${tag}$;

-- Forgets attempts of a day and more ago whose messages are gone, of up to p_limit that it looks at: the oldest, or some from anywhere, so that
-- those of dead letters are not in the way of others. Returns how many.
CREATE FUNCTION ${schema}.mq_sweep_attempts(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_to constant timestamptz := statement_timestamp() - interval '1 day';
  v_from timestamptz := (SELECT a.failed_at FROM ${schema}.mq_attempts a ORDER BY a.failed_at LIMIT 1);
  v_count integer;
BEGIN
  IF v_from IS NULL OR v_from >= v_to THEN
    RETURN 0;
  END IF;
  IF random() < 0.5 THEN
    v_from := v_from + random() * (v_to - v_from);
  END IF;
  DELETE FROM ${schema}.mq_attempts d WHERE d.ctid = ANY (ARRAY(
    SELECT s.ctid
      FROM (SELECT a.ctid, a.message_id FROM ${schema}.mq_attempts a
             WHERE a.failed_at >= v_from AND a.failed_at < v_to
             ORDER BY a.failed_at LIMIT p_limit FOR UPDATE SKIP LOCKED) s
     WHERE NOT EXISTS (SELECT FROM ${schema}.mq_msgs m WHERE m.id = s.message_id)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m WHERE m.id = s.message_id)));
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$body${tag}$;
