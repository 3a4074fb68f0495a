-- Gives identifiers to messages, for so many ms, unless others have them; waits for transactions that may be giving
-- them. In one order, so that senders do not deadlock.
CREATE FUNCTION ${schema}.mq_reserve_ids(p_channels text[], p_dedup_ids text[], p_messages uuid[], p_millis bigint[])
RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  INSERT INTO ${schema}.mq_dedup AS d (channel_name, dedup_id, message_id, until)
  SELECT DISTINCT ON (p.channel COLLATE "C", p.dedup_id COLLATE "C")
         p.channel, p.dedup_id, p.message, statement_timestamp() + p.millis * interval '1 millisecond'
    FROM unnest(p_channels, p_dedup_ids, p_messages, p_millis) WITH ORDINALITY
           AS p (channel, dedup_id, message, millis, place)
   ORDER BY p.channel COLLATE "C", p.dedup_id COLLATE "C", p.place
  ON CONFLICT (channel_name, dedup_id) DO UPDATE SET message_id = excluded.message_id, until = excluded.until
   WHERE d.until <= statement_timestamp()
$body${tag}$;

-- The same for one message; returns the message that has the identifier.
CREATE FUNCTION ${schema}.mq_reserve_id(p_channel text, p_dedup_id text, p_message uuid, p_window interval) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_window constant bigint := extract(epoch FROM least(p_window, interval '100 years')) * 1000;
  v_message uuid;
BEGIN
  IF p_channel IS NULL THEN
    PERFORM ${schema}.mq_refuse('p_channel', p_channel, 'the name of a channel');
  ELSIF p_dedup_id IS NULL OR octet_length(p_dedup_id) NOT BETWEEN 1 AND 2000 THEN
    PERFORM ${schema}.mq_refuse('p_dedup_id', p_dedup_id, 'a key of 1 to 2000 bytes');
  ELSIF p_message IS NULL THEN
    PERFORM ${schema}.mq_refuse('p_message', NULL, 'the id of the message or job that is to have the key');
  ELSIF p_window IS NULL OR p_window <= interval '0' THEN
    PERFORM ${schema}.mq_refuse('p_window', p_window::text, 'more than nothing: how long the key is kept');
  END IF;
  LOOP
    PERFORM ${schema}.mq_reserve_ids(ARRAY[p_channel], ARRAY[p_dedup_id], ARRAY[p_message], ARRAY[v_window]);
    SELECT d.message_id INTO v_message FROM ${schema}.mq_dedup d
     WHERE d.channel_name = p_channel AND d.dedup_id = p_dedup_id;
    IF FOUND THEN
      RETURN v_message;
    END IF;  -- its time was over, and it was swept just now
  END LOOP;
END
$body${tag}$;

-- Deletes again what was written of messages that did not get their identifiers, and returns these messages. Row i was
-- written for message p_of[i]. With the rights of the owner, so that senders need none to delete: what is deleted was written by
-- this transaction, for it is visible and its writer runs.
CREATE FUNCTION ${schema}.mq_drop_duplicates(
  p_channels text[], p_dedup_ids text[], p_messages uuid[], p_rows uuid[], p_row_channels text[], p_of uuid[])
RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET enable_seqscan = off SET enable_nestloop = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_duplicates uuid[];
BEGIN
  v_duplicates := ARRAY(
    SELECT p.message FROM unnest(p_channels, p_dedup_ids, p_messages) AS p (channel, dedup_id, message)
     WHERE (SELECT true FROM ${schema}.mq_dedup d
             WHERE d.channel_name = p.channel AND d.dedup_id = p.dedup_id AND d.message_id = p.message LIMIT 1) IS NULL);
  IF v_duplicates <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs m
     WHERE m.id = ANY (p_rows) AND (m.id, m.channel_name::text) IN (
             SELECT r.id, r.channel FROM unnest(p_rows, p_row_channels, p_of) AS r (id, channel, message)
              WHERE r.message = ANY (v_duplicates))
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_msgs_unlogged m
     WHERE m.id = ANY (p_rows) AND (m.id, m.channel_name::text) IN (
             SELECT r.id, r.channel FROM unnest(p_rows, p_row_channels, p_of) AS r (id, channel, message)
              WHERE r.message = ANY (v_duplicates))
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_payloads p WHERE p.id = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(p.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_payloads_unlogged p WHERE p.id = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(p.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_schedules s WHERE s.id = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(s.xmin)) = 'in progress';
  END IF;
  RETURN QUERY SELECT unnest(v_duplicates);
END
$body${tag}$;

-- Forgets identifiers whose time is over, a bounded number; returns how many.
CREATE FUNCTION ${schema}.mq_sweep_dedup(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer;
BEGIN
  DELETE FROM ${schema}.mq_dedup d WHERE d.ctid = ANY (ARRAY(
    SELECT s.ctid FROM ${schema}.mq_dedup s
     WHERE s.until <= statement_timestamp() ORDER BY s.until LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$body${tag}$;
