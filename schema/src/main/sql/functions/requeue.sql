-- Gives back rows after deliveries that ended without an acknowledge: locked ones of the calling transaction (token
-- null) or leased ones (token: only while the lease is the caller's). Each is due after p_delays[i] ms, all counted from
-- the same moment; without a delay since 1970, so that what is delivered again at once begins with the oldest message,
-- however often it comes back; or parked in p_dead[i]; or, with a reason but no such channel, set aside. p_counted:
-- deliveries to add; p_failed: failures to add. Grouped rows are left
-- out when somebody else holds their slot: the caller has lost it, with the lock of the row, by a rollback to a savepoint,
-- and the row tells that by its xmax. p_for_holder: the caller acts for the transaction that holds the slots. Returns the
-- number of rows whose lease is still the caller's but that another transaction has locked, see mq_ack_ids.
CREATE FUNCTION ${schema}.mq_give_back(
  p_channels text[], p_ids uuid[], p_unlogged boolean[], p_tokens bigint[], p_owner integer, p_counted integer[],
  p_failed integer[], p_delays bigint[], p_dead text[], p_reasons text[], p_error text,
  p_for_holder boolean DEFAULT false)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_busy integer := 0;
  v_row record;
  v_now timestamptz;
  v_at_once timestamptz;
BEGIN
  -- Consumers may have passed times from before this, see mq_first_waiting.
  LOCK TABLE ${schema}.mq_msgs, ${schema}.mq_msgs_unlogged IN ROW EXCLUSIVE MODE;
  v_now := clock_timestamp();
  v_at_once := ${schema}.mq_at_once();
  FOR i IN 1..cardinality(p_ids) LOOP
    IF p_unlogged[i] THEN
      UPDATE ${schema}.mq_msgs_unlogged m
         SET attempt_at = CASE WHEN p_delays[i] = 0 THEN v_at_once ELSE v_now
                                    + least(p_delays[i], 3155760000000) * interval '1 millisecond' END,
             delivery_count = greatest(0, least(m.delivery_count + p_counted[i], 1000000000)),
             failure_count = least(m.failure_count + p_failed[i], 1000000000),
             lease_owner = NULL, lease_token = NULL, last_error = coalesce(p_error, m.last_error)
       WHERE m.channel_name = p_channels[i] COLLATE "POSIX" AND m.ctid = (SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
                        WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                          AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
                        FOR UPDATE SKIP LOCKED)
      RETURNING m.delivery_count INTO v_row;
    ELSE
      UPDATE ${schema}.mq_msgs m
         SET attempt_at = CASE WHEN p_delays[i] = 0 THEN v_at_once ELSE v_now
                                    + least(p_delays[i], 3155760000000) * interval '1 millisecond' END,
             delivery_count = greatest(0, least(m.delivery_count + p_counted[i], 1000000000)),
             failure_count = least(m.failure_count + p_failed[i], 1000000000),
             lease_owner = NULL, lease_token = NULL, last_error = coalesce(p_error, m.last_error)
       WHERE m.channel_name = p_channels[i] COLLATE "POSIX" AND m.ctid = (SELECT s.ctid FROM ${schema}.mq_msgs s
                        WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                          AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
                          AND CASE WHEN s.slot IS NULL OR p_for_holder OR p_tokens[i] IS NOT NULL THEN true
                                   ELSE ${schema}.mq_hold_slot(s.channel_name, s.slot) END
                        FOR UPDATE SKIP LOCKED)
      RETURNING m.delivery_count INTO v_row;
    END IF;
    IF FOUND THEN
      IF p_dead[i] IS NOT NULL THEN
        PERFORM ${schema}.mq_park(p_ids[i], p_channels[i], p_unlogged[i], p_dead[i], p_reasons[i], p_error,
                                  v_row.delivery_count);
      ELSIF p_reasons[i] IS NOT NULL THEN
        PERFORM ${schema}.mq_set_row_aside(p_ids[i], p_channels[i], p_unlogged[i], p_reasons[i]);
      END IF;
    ELSIF p_tokens[i] IS NOT NULL
      AND (EXISTS (SELECT FROM ${schema}.mq_msgs s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                      AND s.lease_owner = p_owner AND s.lease_token = p_tokens[i])
        OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                      AND s.lease_owner = p_owner AND s.lease_token = p_tokens[i])) THEN
      v_busy := v_busy + 1;
    END IF;
  END LOOP;
  RETURN v_busy;
END
$body${tag}$;
