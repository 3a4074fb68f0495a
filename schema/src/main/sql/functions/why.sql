-- Why a message is not delivered, in words; null if there is no such message (it was received, has expired or is not committed).
-- Whoever asks needs the right to read the tables. Volatile, so that each look sees what was committed before it.
CREATE FUNCTION ${schema}.mq_why(p_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row record;
  v_by text;
  v_other uuid;
  v_dead text := '';
BEGIN
  SELECT m.*, m.xmin AS row_xmin, m.xmax AS row_xmax INTO v_row FROM ${schema}.mq_msgs m WHERE m.id = p_id
  UNION ALL
  SELECT m.*, m.xmin, m.xmax FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id LIMIT 1;
  IF v_row.id IS NULL THEN
    RETURN NULL;
  END IF;
  IF v_row.dead_origin IS NOT NULL THEN
    v_dead := format('dead letter of %L (%s), in %L: ', v_row.dead_origin, v_row.dead_reason, v_row.channel_name);
  END IF;
  IF v_row.set_aside IS NOT NULL THEN
    RETURN v_dead || 'set aside: ' || v_row.set_aside;
  ELSIF v_row.commit_interval IS NOT NULL THEN
    RETURN v_dead || CASE WHEN v_row.attempt_at > statement_timestamp()
      THEN format('reserved until %s, and not committed yet', v_row.attempt_at)
      ELSE format('reserved until %s, and not committed: about to be deleted', v_row.attempt_at) END;
  ELSIF v_row.lease_owner IS NOT NULL AND v_row.attempt_at > statement_timestamp() THEN
    v_by := CASE WHEN v_row.lease_owner = -1
      THEN 'mq_poll in the session ' || -v_row.lease_token
             || coalesce((SELECT ' (' || nullif(a.application_name, '') || ')' FROM pg_stat_activity a WHERE a.pid = -v_row.lease_token), '')
      ELSE coalesce((SELECT o.description FROM ${schema}.mq_owners o WHERE o.owner = v_row.lease_owner), 'a process that is gone') END;
    RETURN v_dead || format('leased by %s until %s', v_by, v_row.attempt_at);
  ELSIF v_row.expires_at <= statement_timestamp() THEN
    RETURN v_dead || format('expired at %s', v_row.expires_at);
  ELSIF pg_xact_status(${schema}.mq_locker(v_row.row_xmax)) = 'in progress' THEN
    RETURN v_dead || coalesce((
      SELECT format('locked by a transaction of the session %s (%s)', l.pid, a.application_name)
        FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'transactionid' AND l.transactionid = v_row.row_xmax AND l.granted LIMIT 1), 'locked by a transaction');
  ELSIF v_row.attempt_at > statement_timestamp() THEN
    RETURN v_dead || CASE WHEN v_row.delivery_count > 0
      THEN format('backing off until %s, after %s failed deliveries%s', v_row.attempt_at, v_row.failure_count,
                  coalesce(': ' || left(v_row.last_error, 500), ''))
      ELSE format('delayed until %s', v_row.attempt_at) END;
  END IF;
  SELECT format('the queue is paused since %s by %s%s', p.paused_at, p.paused_by, ': ' || p.reason) INTO v_by
    FROM ${schema}.mq_paused p WHERE p.channel_name = v_row.channel_name;
  IF v_by IS NOT NULL THEN
    RETURN v_dead || v_by;
  END IF;
  SELECT CASE WHEN l.running <= u.running THEN format('only %s of %L may be worked on at the same time, and so many are', l.running, l.channel_name)
              WHEN u.free_at > statement_timestamp()
              THEN format('only %s deliveries from %L may begin within %s; the next one at %s', l.starts, l.channel_name, l.period, u.free_at) END
    INTO v_by
    FROM ${schema}.mq_limits l, LATERAL (
      SELECT count(*) FILTER (WHERE NOT s.starts
                                AND (pg_xact_status(${schema}.mq_locker(s.xmax)) = 'in progress' OR NOT ({{slot-is-free channel=s.channel_name}}))) AS running,
             min(s.free_at) FILTER (WHERE s.starts) AS free_at
        FROM ${schema}.mq_limit_slots s WHERE s.channel_name = l.channel_name) u
   WHERE l.channel_name = v_row.channel_name;
  IF v_by IS NOT NULL THEN
    RETURN v_dead || v_by;
  END IF;
  IF v_row.slot IS NOT NULL THEN
    -- Each of these in the order of an index: the group, or all of the table, may be long.
    SELECT b.id INTO v_other FROM (
      (SELECT m.id, m.lease_owner, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
        WHERE m.channel_name = v_row.channel_name AND m.grp = v_row.grp AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
          AND (m.delivery_time IS NULL OR m.delivery_count > 0 OR m.lease_owner IS NOT NULL) AND m.id <> p_id AND m.set_aside IS NULL
          AND (m.lease_owner IS NOT NULL OR (m.prio_rank, m.seq) < (v_row.prio_rank, v_row.seq))
        ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 100)
      UNION ALL
      (SELECT m.id, NULL, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
        WHERE m.channel_name = v_row.channel_name AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
          AND m.grp = v_row.grp AND (m.prio_rank, m.seq) < (v_row.prio_rank, v_row.seq)
        ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1)
      UNION ALL
      (SELECT m.id, NULL, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
        WHERE m.channel_name = v_row.channel_name AND m.slot = v_row.slot AND m.attempt_at IS NULL
          AND m.grp = v_row.grp AND (m.prio_rank, m.seq) < (v_row.prio_rank, v_row.seq)
        ORDER BY m.prio_rank, m.seq LIMIT 1)) b
     ORDER BY b.lease_owner IS NULL, b.prio_rank, b.seq LIMIT 1;
    IF v_other IS NOT NULL THEN
      RETURN v_dead || format('behind %s of its group %L, which is %s', v_other, v_row.grp, ${schema}.mq_why(v_other));
    END IF;
  END IF;
  -- In the meantime what holds it may have become a lease, say.
  IF NOT EXISTS (
    SELECT FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.xmin = v_row.row_xmin AND m.xmax = v_row.row_xmax
    UNION ALL
    SELECT FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.xmin = v_row.row_xmin AND m.xmax = v_row.row_xmax) THEN
    RETURN ${schema}.mq_why(p_id);
  END IF;
  -- What is told of selectors is some seconds old.
  RETURN v_dead || (
    SELECT CASE
      WHEN count(*) = 0
      THEN format('ready; no consumer waits on %L', v_row.channel_name)
           || CASE WHEN v_row.name IS NOT NULL AND v_row.dead_origin IS NULL THEN ', and nobody has polled it' ELSE '' END
      WHEN bool_or(w.selectors = '') THEN format('ready; consumers wait on %L, and it is on its way', v_row.channel_name)
      WHEN bool_or(w.selectors IS NULL)
      THEN format('ready; consumers wait on %L, and it is on its way, or none of their selectors takes it', v_row.channel_name)
      WHEN greatest(v_row.sent_at, (extract(epoch FROM v_row.attempt_at) * 1000)::bigint)
           < (extract(epoch FROM statement_timestamp()) * 1000)::bigint - 15000
      THEN format('ready; no consumer with a matching selector waits on %L, only with %s', v_row.channel_name, string_agg(DISTINCT w.selectors, '; '))
      ELSE format('ready; consumers wait on %L with selectors only, and it is on its way, or none of them takes it: %s', v_row.channel_name,
                  string_agg(DISTINCT w.selectors, '; ')) END
      FROM ${schema}.mq_waiters w WHERE w.channel_name = v_row.channel_name);
END
$body${tag}$;
