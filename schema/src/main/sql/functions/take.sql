-- Takes one message within the caller's transaction: claimed and deleted in one go. MQ002: the message at the head is a
-- suspect, whose failed delivery has to be counted and committed first, or its shared body is missing, so that it has to
-- be parked first, or it is too large, so that it has to be set aside first. What has expired is parked in p_expired_to, or
-- deleted. p_most: see mq_claimed.
CREATE FUNCTION ${schema}.mq_take(
  p_channel text, p_lo smallint[], p_hi smallint[], p_floor bigint[], p_unlogged_floor bigint[],
  p_unlogged_first boolean, p_own xid[], p_blocking boolean,
  p_expired_to text, p_grouped_floor bigint[] DEFAULT '{0}', p_in_order boolean DEFAULT true,
  p_overtake boolean DEFAULT false, p_grouped boolean DEFAULT true, p_signature bigint DEFAULT NULL,
  p_me integer DEFAULT 0, p_lapsed boolean DEFAULT true, p_most bigint DEFAULT 1000000000, p_since bigint[] DEFAULT NULL)
RETURNS SETOF ${schema}.mq_claimed
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_claimed;
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'messages can only be received in READ COMMITTED transactions, this one is %',
      upper(current_setting('transaction_isolation')) USING ERRCODE = 'MQ003';
  END IF;
  LOOP
    SELECT c.* INTO v_row FROM ${schema}.mq_claim(
        p_channel, 1, p_lo, p_hi, p_floor, p_unlogged_floor, p_unlogged_first, '{}', p_own, p_blocking,
        p_grouped_floor, p_in_order, '{}', p_overtake, p_grouped, p_me, p_lapsed, p_most, p_since) c
      ORDER BY c.prio_rank, c.seq LIMIT 1;
    EXIT WHEN v_row.id IS NULL;
    IF v_row.suspect OR NOT v_row.expired THEN
      -- Also before an error: this transaction's lock hides the one that made the message a suspect.
      PERFORM FROM ${schema}.mq_signatures s WHERE s.id = p_signature FOR UPDATE;
    END IF;
    IF v_row.suspect THEN
      RAISE EXCEPTION 'the last delivery of message % has to be counted first', v_row.id USING ERRCODE = 'MQ002';
    END IF;
    IF v_row.large
       OR ${schema}.mq_octets(
            v_row.destination, v_row.reply_to, v_row.correlation_id, v_row.jms_type, v_row.redelivery_policy, v_row.dead_origin,
            v_row.dead_reason, v_row.body_type, v_row.payload_text, v_row.payload_bytes, v_row.properties,
            v_row.property_types) > p_most THEN
      RAISE EXCEPTION 'message %, which is too large, has to be set aside first', v_row.id USING ERRCODE = 'MQ002';
    END IF;
    IF v_row.payload_id IS NOT NULL AND num_nonnulls(v_row.payload_text, v_row.payload_bytes) = 0 THEN
      RAISE EXCEPTION 'message %, whose body is missing, has to be parked first', v_row.id USING ERRCODE = 'MQ002';
    END IF;
    IF v_row.expired AND p_expired_to IS NOT NULL THEN
      PERFORM ${schema}.mq_park(v_row.id, p_channel, v_row.unlogged, p_expired_to, 'expired', NULL, v_row.delivery_count);
    ELSIF v_row.unlogged THEN
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = v_row.row_tid;
    ELSE
      DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = v_row.row_tid;
    END IF;
    IF NOT v_row.expired THEN
      RETURN NEXT v_row;
      EXIT;
    END IF;
  END LOOP;
END
$body${tag}$;

-- For statements that take messages: raises that one cannot be taken, with MQ002 as mq_take does, or MQ004 if that has to look at it.
CREATE FUNCTION ${schema}.mq_unsettled(p_id uuid, p_code text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RAISE EXCEPTION 'message % has to be dealt with first', p_id USING ERRCODE = p_code;
END
$body${tag}$;
