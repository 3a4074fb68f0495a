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

-- Of the channels with ready jobs, and their arguments, the next p_limit from these on; p_channels null: of all channels but those of
-- p_paused. No text lies between a text and the same with the first character behind it.
CREATE FUNCTION ${schema}.mq_ready_job_lanes(
  p_channels text[], p_channel text, p_args text, p_limit integer, p_paused text[])
RETURNS TABLE (name text, args text)
LANGUAGE plpgsql STABLE AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_name text := p_channel;
  v_args text := p_args;
BEGIN
  FOR i IN 1..p_limit LOOP
    IF p_channels IS NULL THEN
      LOOP
        SELECT m.channel_name, m.channel_args INTO v_name, v_args FROM ${schema}.mq_msgs m
         WHERE (m.channel_name, m.channel_args) >= (v_name, v_args)
           AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
         ORDER BY m.channel_name, m.channel_args LIMIT 1;
        EXIT WHEN v_name IS NULL OR v_name <> ALL (p_paused);
        v_name := v_name || chr(1);
        v_args := '';
      END LOOP;
    ELSE
      SELECT c.name, r.channel_args INTO v_name, v_args
        FROM (SELECT DISTINCT u.name COLLATE "C" AS name FROM unnest(p_channels) AS u (name)
               WHERE u.name >= v_name COLLATE "C" ORDER BY 1) c,
             LATERAL (SELECT m.channel_args FROM ${schema}.mq_msgs m
                       WHERE m.channel_name = c.name
                         AND m.channel_args >= CASE WHEN c.name = v_name THEN v_args ELSE '' END
                         AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                       ORDER BY m.channel_args LIMIT 1) r
       LIMIT 1;
    END IF;
    EXIT WHEN v_name IS NULL;
    name := v_name;
    args := v_args;
    RETURN NEXT;
    v_args := v_args || chr(1);
  END LOOP;
END
$body${tag}$;

-- Leases up to batch_size jobs of these channels (null: of all) and returns them: each comes again after retry_backoff, unless it
-- is deleted or kept alive before that. If there is none, one row says when the next is due (wait_time; null: none waits).
-- Nothing comes from paused channels. max_retry_backoff: see mq_job_backoff.
--
-- Where jobs of several channels, or with several arguments, are ready, all get the same share, and the next call of this session
-- begins behind the last one. Up to half of what is wanted are due jobs, if there are ready ones. Of an ordered group
-- comes one job at a time, for others wait for it. On the way jobs that have expired, or whose position was not committed in time, are
-- deleted, and those whose attempts are used up are parked.
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
  v_paused constant text[] := ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p);
  v_channels constant text[] := CASE WHEN v_paused = '{}' OR channel_names IS NULL THEN channel_names
                                     ELSE ARRAY(SELECT c FROM unnest(channel_names) AS c WHERE c <> ALL (v_paused)) END;
  v_rest integer := greatest(batch_size, 0);
  v_place constant text[] := nullif(current_setting('sqlmq.poll_place', true), '')::text[];
  v_last text[] := v_place;
  v_wrapped boolean := v_place IS NULL;
  v_waiting constant text[] := CASE WHEN cardinality(v_channels) <= 1 THEN v_channels ELSE ARRAY(
    SELECT c FROM ${schema}.mq_waiting_job_channels(false) AS c
     WHERE (v_channels IS NULL OR c = ANY (v_channels)) AND c <> ALL (v_paused) ORDER BY random()) END;
  v_waiting_groups constant text[] := CASE WHEN cardinality(v_channels) <= 1 THEN v_channels ELSE ARRAY(
    SELECT c FROM ${schema}.mq_waiting_job_channels(true) AS c
     WHERE (v_channels IS NULL OR c = ANY (v_channels)) AND c <> ALL (v_paused) ORDER BY random()) END;
  v_due text[];
  v_due_groups text[];
  v_ready integer := CASE WHEN random() < 0.5 THEN batch_size / 2 ELSE (batch_size + 1) / 2 END;  -- kept for ready jobs
  v_lanes text[];
  v_more boolean;
  v_args text[];
  v_groups uuid[];
  v_group_channels text[];
  v_row record;
  v_busy boolean := false;      -- something is there, in other hands
  v_tids tid[];
  v_failed uuid[];
  v_over uuid[];
  v_over_channels text[];
  v_reasons text[];
BEGIN
  v_due := ARRAY(
    SELECT c.name FROM unnest(v_waiting) AS c (name)
     WHERE (SELECT true FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at <= statement_timestamp()
               AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1));
  v_due_groups := ARRAY(
    SELECT c.name FROM unnest(v_waiting_groups) AS c (name)
     WHERE (SELECT true FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
             ORDER BY m.attempt_at LIMIT 1));
  v_busy := v_due <> '{}';
  FOR v_pass IN 1..2 LOOP
    -- What is due, but for groups.
    WHILE v_rest > v_ready AND v_due <> '{}' LOOP
      {{poll-lock from="unnest(v_due) AS c (name)" names=v_due limit="v_rest - v_ready" quota="(v_rest - v_ready + cardinality(v_due) - 1) / cardinality(v_due)" rows="m.attempt_at <= statement_timestamp() AND m.slot IS NULL ORDER BY m.attempt_at, m.prio_rank, m.seq"}}
      EXIT WHEN v_tids IS NULL AND v_over IS NULL;
    END LOOP;
    EXIT WHEN v_pass = 2 OR v_rest = 0;
    v_ready := 0;

    -- Groups of which something is due; again, where what was first had to go.
    WHILE v_rest > 0 AND v_due_groups <> '{}' LOOP
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
      v_groups := '{}';
      v_group_channels := '{}';
      SELECT array_agg(l.name), array_agg(l.args) INTO v_lanes, v_args
        FROM ${schema}.mq_ready_job_lanes(v_channels, coalesce(v_last[1], ''), coalesce(v_last[2] || chr(1), ''), v_rest + 1, v_paused) l
       WHERE NOT v_wrapped OR v_place IS NULL OR (l.name COLLATE "C", l.args COLLATE "C") <= (v_place[1], v_place[2]);
      v_more := cardinality(v_lanes) > v_rest;
      IF v_more THEN
        v_lanes := v_lanes[:v_rest];
        v_args := v_args[:v_rest];
      END IF;
      FOR v_row IN
        SELECT m.* FROM unnest(v_lanes, v_args) AS c (name, args), LATERAL (
          SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq, false AS leased FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.name AND m.channel_args = c.args AND m.slot IS NOT NULL
             AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY m.slot, m.prio_rank, m.seq LIMIT 1) m
      LOOP
        {{poll-group leased=false}}
      END LOOP;
      {{poll-groups}}
      CONTINUE WHEN v_over IS NOT NULL;
      WHILE v_rest > 0 AND v_lanes IS NOT NULL LOOP
        {{poll-lock from="unnest(v_lanes, v_args) AS c (name, args)" names=v_lanes limit=v_rest quota="(v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes)" rows="m.channel_args = c.args AND m.slot IS NULL AND m.attempt_at IS NULL ORDER BY m.slot, m.prio_rank, m.seq"}}
        EXIT WHEN v_tids IS NULL AND v_over IS NULL;
      END LOOP;
      v_busy := v_busy OR (v_rest = batch_size AND EXISTS (
        SELECT FROM unnest(v_lanes, v_args) AS c (name, args), LATERAL (
          SELECT FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.name AND m.channel_args = c.args AND m.slot IS NULL AND m.attempt_at IS NULL
             AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY m.slot, m.prio_rank, m.seq LIMIT 1) m));
      IF v_more THEN
        v_last := ARRAY[v_lanes[cardinality(v_lanes)], v_args[cardinality(v_args)]];
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
          SELECT m.attempt_at FROM unnest(v_waiting_groups) AS c (name), LATERAL (
            SELECT m.attempt_at FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
               AND m.slot IS NOT NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1) m) w;
  END IF;
END
$body${tag}$;
