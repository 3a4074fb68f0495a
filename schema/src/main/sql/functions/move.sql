-- Moves a row to another channel of mq_msgs as a new message at its end. p_reason not null: as a dead letter.
CREATE FUNCTION ${schema}.mq_move(
  p_id uuid, p_channel text, p_unlogged boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs;
BEGIN
  IF p_unlogged THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.channel_name = p_channel RETURNING m.* INTO v_row;
    v_row.delivery_mode := nullif(coalesce(v_row.delivery_mode, 1), 2);  -- what it was sent with, in the other table
  ELSE
    DELETE FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.channel_name = p_channel RETURNING m.* INTO v_row;
  END IF;
  IF v_row.id IS NULL THEN
    RETURN false;
  END IF;
  IF v_row.payload_id IS NOT NULL THEN
    -- A copy of the shared body: the other rows decide how long that stays.
    IF p_unlogged THEN
      SELECT p.payload_text, p.payload_bytes INTO v_row.payload_text, v_row.payload_bytes
        FROM ${schema}.mq_payloads_unlogged p WHERE p.id = v_row.payload_id;
    ELSE
      SELECT p.payload_text, p.payload_bytes INTO v_row.payload_text, v_row.payload_bytes
        FROM ${schema}.mq_payloads p WHERE p.id = v_row.payload_id;
    END IF;
    v_row.message_id := coalesce(v_row.message_id, v_row.payload_id);
    v_row.payload_id := NULL;
  END IF;
  -- A name made of a prefix and that of a queue may be longer than names can be.
  v_row.channel_name := CASE WHEN octet_length(p_to) <= 255 THEN p_to ELSE left(p_to, 48) || ':' || md5(p_to) END;
  v_row.seq := nextval('${schemaText}.mq_seq');
  IF p_reason IS NOT NULL OR v_row.delivery_count > 0 OR v_row.attempt_at <= clock_timestamp() THEN
    v_row.attempt_at := NULL;  -- else a delay goes on; nothing may become due in the past, see mq_first_waiting
  END IF;
  IF v_row.set_aside IS NOT NULL THEN
    v_row.attempt_at := NULL;
    v_row.set_aside := NULL;
  END IF;
  v_row.lease_owner := NULL;
  v_row.lease_token := NULL;
  v_row.properties := nullif(v_row.properties - ARRAY[
    'JMS_SQLMQ_DeadLetterOrigin', 'JMS_SQLMQ_DeadLetterReason', 'JMS_SQLMQ_DeadLetterAttempts',
    'JMS_SQLMQ_DeadLetterAt', 'JMS_SQLMQ_DeadLetterError'], '{}');
  v_row.property_types := nullif(v_row.property_types - 'JMS_SQLMQ_DeadLetterAt', '{}');
  -- Dead letters are independent of each other; what goes back to work is grouped again.
  v_row.slot := CASE WHEN p_reason IS NULL THEN ${schema}.mq_slot(v_row.grp) END;
  IF p_reason IS NULL THEN
    v_row.dead_origin := NULL;
    v_row.dead_reason := NULL;
    v_row.dead_attempts := NULL;
    v_row.dead_at := NULL;
    v_row.last_error := NULL;
  ELSE
    v_row.expires_at := NULL;  -- a dead letter stays
    v_row.expiration := NULL;
    v_row.dead_origin := p_channel;
    v_row.dead_reason := p_reason;
    v_row.dead_attempts := coalesce(p_attempts, v_row.delivery_count);
    v_row.dead_at := statement_timestamp();
    v_row.last_error := coalesce(p_error, v_row.last_error);
    -- For those who receive it; the columns are for operators.
    v_row.properties := coalesce(v_row.properties, '{}') || jsonb_strip_nulls(jsonb_build_object(
      'JMS_SQLMQ_DeadLetterOrigin', v_row.dead_origin,
      'JMS_SQLMQ_DeadLetterReason', v_row.dead_reason,
      'JMS_SQLMQ_DeadLetterAttempts', v_row.dead_attempts,
      'JMS_SQLMQ_DeadLetterAt', (extract(epoch FROM v_row.dead_at) * 1000)::bigint,
      'JMS_SQLMQ_DeadLetterError', v_row.last_error));
    v_row.property_types := coalesce(v_row.property_types, '{}') || '{"JMS_SQLMQ_DeadLetterAt": "long"}';
  END IF;
  v_row.delivery_count := 0;
  v_row.failure_count := 0;
  INSERT INTO ${schema}.mq_msgs VALUES (v_row.*) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    -- One with this id is there already; only an id was asked for that nobody else has.
    v_row.message_id := coalesce(v_row.message_id, v_row.id);
    v_row.id := gen_random_uuid();
    INSERT INTO ${schema}.mq_msgs VALUES (v_row.*);
  END IF;
  RETURN true;
END
$body${tag}$;

-- Leaves a row where it is, out of every claim, with the reason, until an operator retries or deletes it. What is
-- set aside is not grouped: its group goes on without it.
CREATE FUNCTION ${schema}.mq_set_row_aside(p_id uuid, p_channel text, p_unlogged boolean, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF p_unlogged THEN
    UPDATE ${schema}.mq_msgs_unlogged m
       SET attempt_at = 'infinity', set_aside = left(p_reason, 2000), lease_owner = NULL, lease_token = NULL
     WHERE m.id = p_id AND m.channel_name = p_channel;
  ELSE
    UPDATE ${schema}.mq_msgs m
       SET attempt_at = 'infinity', set_aside = left(p_reason, 2000), lease_owner = NULL, lease_token = NULL, slot = NULL
     WHERE m.id = p_id AND m.channel_name = p_channel;
  END IF;
END
$body${tag}$;

-- Parks a row as a dead letter with the rights of the owner, so that receivers need none to insert: only what the transaction
-- of the caller has written, for it is visible and its writer runs.
CREATE FUNCTION ${schema}.mq_dead_letter(
  p_id uuid, p_channel text, p_unlogged boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF EXISTS (SELECT FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.channel_name = p_channel AND NOT p_unlogged
                AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress')
     OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.channel_name = p_channel AND p_unlogged
                   AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress') THEN
    PERFORM ${schema}.mq_move(p_id, p_channel, p_unlogged, p_to, coalesce(p_reason, 'unknown'), p_error, p_attempts);
  END IF;
END
$body${tag}$;

-- Parks a row as a dead letter (see mq_move), or sets it aside where that is refused for this row: then it would be refused
-- again and again, and with it all that is given back in the same statement. Errors that pass (of locks, of the disk, of a
-- server that stops) are for the caller.
CREATE FUNCTION ${schema}.mq_park(
  p_id uuid, p_channel text, p_unlogged boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  -- A position in the queue that was reserved and not committed in time: nothing was sent.
  DELETE FROM ${schema}.mq_msgs m
   WHERE m.id = p_id AND m.channel_name = p_channel AND m.commit_interval IS NOT NULL AND NOT p_unlogged;
  IF FOUND THEN
    RETURN;
  END IF;
  -- To have it written by this transaction, with the rights of the caller.
  IF p_unlogged THEN
    UPDATE ${schema}.mq_msgs_unlogged m SET last_error = m.last_error
     WHERE m.id = p_id AND m.channel_name = p_channel
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) IS DISTINCT FROM 'in progress';
  ELSE
    UPDATE ${schema}.mq_msgs m SET last_error = m.last_error
     WHERE m.id = p_id AND m.channel_name = p_channel
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) IS DISTINCT FROM 'in progress';
  END IF;
  PERFORM ${schema}.mq_dead_letter(p_id, p_channel, p_unlogged, p_to, p_reason, p_error, p_attempts);
EXCEPTION WHEN OTHERS THEN
  IF SQLSTATE ~ '^(25|40|55|57|58|531)' THEN
    RAISE;
  END IF;
  PERFORM ${schema}.mq_set_row_aside(
    p_id, p_channel, p_unlogged, p_reason || '; it cannot be parked in ' || p_to || ': ' || SQLERRM);
END
$body${tag}$;

-- Makes what is set aside in a queue ready again, at its end and with no delivery counted; p_id null: all of it. Returns how
-- many.
CREATE FUNCTION ${schema}.mq_retry_set_aside(p_queue text, p_id uuid DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count bigint;
  v_unlogged_count bigint;
BEGIN
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = NULL, set_aside = NULL, seq = nextval('${schemaText}.mq_seq'), delivery_count = 0, failure_count = 0,
         slot = CASE WHEN m.dead_origin IS NULL THEN ${schema}.mq_slot(m.grp) END
   WHERE m.channel_name = p_queue AND m.set_aside IS NOT NULL AND (p_id IS NULL OR m.id = p_id);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  UPDATE ${schema}.mq_msgs_unlogged m
     SET attempt_at = NULL, set_aside = NULL, seq = nextval('${schemaText}.mq_seq'), delivery_count = 0, failure_count = 0
   WHERE m.channel_name = p_queue AND m.set_aside IS NOT NULL AND (p_id IS NULL OR m.id = p_id);
  GET DIAGNOSTICS v_unlogged_count = ROW_COUNT;
  IF v_count + v_unlogged_count > 0 THEN
    PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[p_queue], ARRAY[0::bigint]);
  END IF;
  RETURN v_count + v_unlogged_count;
END
$body${tag}$;
