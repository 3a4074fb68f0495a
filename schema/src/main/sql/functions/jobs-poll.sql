-- For mq_poll, under its settings: the functions up to there have none of their own.

-- Channels in which jobs wait, for whatever: one step in an index each. p_grouped: those in which any message of a group waits.
CREATE FUNCTION ${schema}.mq_waiting_job_channels(p_grouped boolean) RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $body${tag}$
DECLARE
  v_from text := '';
BEGIN
  IF p_grouped THEN
    {{waiting-job-channels rows="m.slot IS NOT NULL"}}
  ELSE
    {{waiting-job-channels rows="m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL"}}
  END IF;
END
$body${tag}$;

-- Leases up to batch_size jobs of these channels (null: of all) and returns them: each comes again after retry_backoff, unless it
-- is deleted or kept alive before that. If there is none, one row says when the next is due (wait_time; null: none waits).
-- Nothing comes from paused channels. max_retry_backoff: see mq_job_backoff.
--
-- A lane is what is ready in a channel with the same arguments, but for groups, of which each slot is a lane of its own. Where there
-- are several, all get the same share, and the next call of this session begins behind the last one. Up to half of what is
-- wanted are due jobs, if there are ready ones. Of an ordered group comes one job at a time, for others wait for it. On the way
-- jobs that have expired, or whose position was not committed in time, are deleted, and those whose attempts are used up are parked.
CREATE FUNCTION ${schema}.mq_poll(
  channel_names text[], batch_size integer DEFAULT 1, max_retry_backoff interval DEFAULT NULL)
RETURNS TABLE (
  id uuid, is_committed boolean, name text, payload_json text, payload_bytes bytea, retry_backoff interval, wait_time interval)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_rest integer := greatest(batch_size, 0);
  v_place constant text[] := nullif(current_setting('sqlmq.poll_place', true), '')::text[];
  v_last text[] := v_place;
  v_wrapped boolean := v_place IS NULL;
  v_paused text[];
  v_names text[] := channel_names;    -- in their order; null: all
  v_waiting text[];
  v_due text[];
  v_due_groups text[];
  v_ready integer := CASE WHEN random() < 0.5 THEN batch_size / 2 ELSE (batch_size + 1) / 2 END;  -- kept for ready jobs
  v_name text;
  v_arg text;
  v_slot integer;
  v_lanes text[];
  v_args text[];
  v_slots integer[];
  v_more boolean;
  v_groups uuid[];
  v_group_channels text[];
  v_row record;
  v_busy boolean;               -- something is there, in other hands
  v_tids tid[];
  v_failed uuid[];
  v_over uuid[];
  v_over_channels text[];
  v_reasons text[];
BEGIN
  v_paused := ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p);
  IF channel_names IS NULL THEN
    v_waiting := ARRAY(
      SELECT c FROM (SELECT ${schema}.mq_waiting_job_channels(false) UNION SELECT ${schema}.mq_waiting_job_channels(true)) AS w (c)
       WHERE c <> ALL (v_paused) ORDER BY random());
  ELSIF cardinality(channel_names) > 1 OR v_paused <> '{}' THEN
    v_names := ARRAY(SELECT DISTINCT c COLLATE "C" FROM unnest(channel_names) AS c WHERE c <> ALL (v_paused) ORDER BY 1);
    v_waiting := ARRAY(SELECT c FROM unnest(v_names) AS c ORDER BY random());
  ELSE
    v_waiting := v_names;
  END IF;
  SELECT array_agg(c.name) FILTER (WHERE c.due), array_agg(c.name) FILTER (WHERE c.due_group) INTO v_due, v_due_groups
    FROM (SELECT w.name,
                 (SELECT true FROM ${schema}.mq_msgs m
                   WHERE m.channel_name = w.name AND m.attempt_at <= statement_timestamp()
                     AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                   ORDER BY m.attempt_at LIMIT 1) AS due,
                 (SELECT true FROM ${schema}.mq_msgs m
                   WHERE m.channel_name = w.name AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
                   ORDER BY m.attempt_at LIMIT 1) AS due_group
            FROM unnest(v_waiting) AS w (name)) c;
  v_busy := v_due IS NOT NULL;
  FOR v_pass IN 1..2 LOOP
    -- What is due, but for groups.
    WHILE v_rest > v_ready AND v_due IS NOT NULL LOOP
      {{poll-lock from="unnest(v_due) AS c (name)" names=v_due limit="v_rest - v_ready" quota="(v_rest - v_ready + cardinality(v_due) - 1) / cardinality(v_due)" rows="m.attempt_at <= statement_timestamp() AND m.slot IS NULL ORDER BY m.attempt_at, m.prio_rank, m.seq"}}
      EXIT WHEN v_tids IS NULL AND v_over IS NULL;
    END LOOP;
    EXIT WHEN v_pass = 2 OR v_rest = 0;
    v_ready := 0;

    -- Groups of which something is due; again, where what was first had to go.
    WHILE v_rest > 0 AND v_due_groups IS NOT NULL LOOP
      v_groups := '{}';
      v_group_channels := '{}';
      FOR v_row IN
        SELECT m.* FROM unnest(v_due_groups) AS c (name), LATERAL (
          SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq, m.lease_owner IS NOT NULL AS leased
            FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.name AND m.slot IS NOT NULL AND m.attempt_at <= statement_timestamp()
             AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT v_rest + 100) m
      LOOP
        {{poll-group leased=v_row.leased}}
      END LOOP;
      {{poll-groups}}
      EXIT WHEN v_over IS NULL;
    END LOOP;

    -- What is ready, lane by lane.
    LOOP
      v_name := coalesce(v_last[1], '');
      v_arg := coalesce(v_last[2], '');
      v_slot := coalesce(v_last[3]::integer + 1, 0);
      IF v_names IS NULL THEN
        {{poll-lanes next=poll-lane}}
      ELSE
        {{poll-lanes next=poll-lane-of}}
      END IF;
      v_more := cardinality(v_lanes) > v_rest;
      IF v_more THEN
        v_lanes := v_lanes[:v_rest];
        v_args := v_args[:v_rest];
        v_slots := v_slots[:v_rest];
      END IF;
      IF 1024 > ANY (v_slots) THEN
        v_groups := '{}';
        v_group_channels := '{}';
        FOR v_row IN
          SELECT m.* FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot), LATERAL (
            SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
             WHERE c.slot < 1024 AND {{lane}} ORDER BY m.prio_rank, m.seq LIMIT 1) m
        LOOP
          {{poll-group leased=false}}
        END LOOP;
        {{poll-groups}}
        CONTINUE WHEN v_over IS NOT NULL;
      END IF;
      WHILE v_rest > 0 AND 1024 = ANY (v_slots) LOOP
        {{poll-lock from="unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)" names=v_lanes limit=v_rest quota="(v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes)" rows="c.slot = 1024 AND {{lane}} ORDER BY m.prio_rank, m.seq"}}
        EXIT WHEN v_tids IS NULL AND v_over IS NULL;
      END LOOP;
      IF v_rest = batch_size THEN
        v_busy := v_busy OR EXISTS (
          SELECT FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot), LATERAL (
            SELECT FROM ${schema}.mq_msgs m WHERE c.slot = 1024 AND {{lane}} ORDER BY m.prio_rank, m.seq LIMIT 1) m);
      END IF;
      IF v_more THEN
        v_last := ARRAY[v_lanes[cardinality(v_lanes)], v_args[cardinality(v_lanes)], v_slots[cardinality(v_lanes)]::text];
      ELSIF v_wrapped THEN
        EXIT;
      ELSE
        v_wrapped := true;
        v_last := NULL;
      END IF;
      EXIT WHEN v_rest = 0;
    END LOOP;
  END LOOP;
  IF v_last IS DISTINCT FROM v_place THEN
    PERFORM set_config('sqlmq.poll_place', v_last::text, false);
  END IF;

  IF v_rest = greatest(batch_size, 0) THEN
    RETURN QUERY
      SELECT NULL::uuid, NULL::boolean, NULL::text, NULL::text, NULL::bytea, NULL::interval,
             least(min(w.attempt_at) - statement_timestamp(), CASE WHEN v_busy THEN interval '1 s' END)
        FROM (
          SELECT m.attempt_at FROM unnest(v_waiting) AS c (name), LATERAL (
            SELECT m.attempt_at FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
               AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1) m
          UNION ALL
          SELECT m.attempt_at FROM unnest(v_waiting) AS c (name), LATERAL (
            SELECT m.attempt_at FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
               AND m.slot IS NOT NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1) m) w;
  END IF;
END
$body${tag}$;
