-- For mq_poll, under its settings: the functions up to there have none of their own.

-- Channels in which jobs wait, for whatever, and are due in this time: one step in an index each. p_grouped: those in which any message
-- of a group waits.
CREATE FUNCTION ${schema}.mq_waiting_job_channels(p_grouped boolean, p_from timestamptz, p_to timestamptz) RETURNS SETOF text
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

-- How far a session has come whose polls have read much in vain, because vacuum cannot clean what is gone; kept in a setting. For the
-- channels that it asks for it says before when nothing waits, and of lanes, in their order, below which number nothing is left,
-- for each rank. last, at and writers: a round that has begun, see mq_raise_poll_floors.
CREATE TYPE ${schema}.mq_lane_floors AS (name text, args text, slot integer, floors bigint[]);
CREATE TYPE ${schema}.mq_poll_floors AS (
  channels text[], until timestamptz, since timestamptz, lanes ${schema}.mq_lane_floors[], last bigint, at timestamptz, writers text[]);

-- How many entries the transaction has read from the indexes that polls use.
CREATE FUNCTION ${schema}.mq_jobs_read() RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $body${tag}$
BEGIN
  RETURN pg_catalog.pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_jobs'::regclass)
       + pg_catalog.pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_jobs_wait'::regclass)
       + pg_catalog.pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_grouped_wait'::regclass);
END
$body${tag}$;

-- Raises the floors of a session. As for those of consumers (docs/design/floors.md): whatever was written before a round began is
-- visible or gone when all who were writing then have ended. Each call asks once and does not wait for that. What it knows is forgotten
-- after a minute, for rows that somebody has inserted with numbers of his own.
CREATE FUNCTION ${schema}.mq_raise_poll_floors(
  p_floors ${schema}.mq_poll_floors, p_channels text[], p_waiting text[], p_names text[], p_args text[], p_slots integer[])
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  f ${schema}.mq_poll_floors := p_floors;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RETURN;
  END IF;
  IF f.writers IS NULL THEN
    f.channels := p_channels;
    f.until := coalesce(f.until, clock_timestamp() + interval '1 min');
    f.last := (SELECT s.last_value - CASE WHEN s.is_called THEN 0 ELSE 1 END FROM ${schema}.mq_seq s);
    f.at := clock_timestamp();
    f.writers := ${schema}.mq_writers();
  END IF;
  IF f.writers = '{}' OR NOT f.writers && ${schema}.mq_writers() THEN
    f.writers := NULL;
    f.since := least(f.at, (
      SELECT min(w.first) FROM unnest(p_waiting) AS c (name), LATERAL (
        SELECT (SELECT m.attempt_at::timestamptz FROM ${schema}.mq_msgs m
                 WHERE m.channel_name = c.name AND m.attempt_at >= coalesce(f.since, '1970-01-02 00:00+00')
                   AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                 ORDER BY m.attempt_at LIMIT 1) AS first
        UNION ALL
        SELECT (SELECT m.attempt_at::timestamptz FROM ${schema}.mq_msgs m
                 WHERE m.channel_name = c.name AND m.attempt_at >= coalesce(f.since, '1970-01-02 00:00+00') AND m.slot IS NOT NULL
                 ORDER BY m.attempt_at LIMIT 1)) w));
    -- Lanes of this poll, those that are known, and the one that most channels have; not more than a few dozen.
    f.lanes := ARRAY(
      SELECT row(c.name, c.args, c.slot, ARRAY(
               SELECT least(f.last + 1, (
                        SELECT m.seq::bigint FROM ${schema}.mq_msgs m
                         WHERE {{lane}} AND m.prio_rank = p.rank AND m.seq >= coalesce(c.floors[p.rank + 1], 0)
                         ORDER BY m.prio_rank, m.seq LIMIT 1))
                 FROM generate_series(0, 9) AS p (rank) ORDER BY p.rank))::${schema}.mq_lane_floors
        FROM (
          SELECT l.name, l.args, l.slot,
                 (SELECT o.floors FROM unnest(f.lanes) o
                   WHERE o.name = l.name AND o.args = l.args AND o.slot = l.slot) AS floors
            FROM (SELECT * FROM unnest(p_names, p_args, p_slots)
                  UNION SELECT o.name, o.args, o.slot FROM unnest(f.lanes) o
                  UNION SELECT u, '', 1024 FROM unnest(p_channels) AS u) AS l (name, args, slot)
           LIMIT 32) AS c
       ORDER BY c.name COLLATE "C", c.args COLLATE "C", c.slot);
  END IF;
  PERFORM set_config('sqlmq.poll_floors_' || '${schemaText}.mq_msgs'::regclass::oid::text, f::text, false);
END
$body${tag}$;

-- Leases up to batch_size jobs (null: all that may come) of these channels (null: of all) and returns them: each comes again after
-- retry_backoff, unless it is deleted or kept alive before that. If there is none, one row says when the next is due (wait_time; null:
-- none waits). Nothing comes from paused channels, and of limited ones, each by itself, what may. max_retry_backoff: see mq_job_backoff.
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
  v_most constant integer := least(greatest(coalesce(batch_size, 1000000000), 0), 1000000000);
  v_rest integer := v_most;
  v_place constant text[] := nullif(current_setting('sqlmq.poll_place', true), '')::text[];
  v_last text[] := v_place;
  v_wrapped boolean := v_place IS NULL;
  v_read constant bigint := ${schema}.mq_jobs_read();
  v_setting constant text := current_setting('sqlmq.poll_floors_' || '${schemaText}.mq_msgs'::regclass::oid::text, true);
  v_floors ${schema}.mq_poll_floors;
  v_paused text[];              -- and those that are limited
  v_limited boolean := false;
  v_wait interval;
  v_names text[] := channel_names;    -- in their order; null: all
  v_waiting text[];
  v_due text[];
  v_since timestamptz[];
  v_till timestamptz[];
  v_due_groups text[];
  v_groups_since timestamptz[];
  v_groups_till timestamptz[];
  v_ready integer := CASE WHEN random() < 0.5 THEN v_most / 2 ELSE (v_most + 1) / 2 END;  -- kept for ready jobs
  v_name text;
  v_arg text;
  v_slot integer;
  v_lanes text[];
  v_args text[];
  v_slots integer[];
  v_seen_lanes text[];
  v_seen_args text[];
  v_seen_slots integer[];
  v_more boolean;
  v_one boolean;                -- a job of one channel is wanted: then a lane is tried before there is a list of them
  v_single boolean;             -- and this is the lane
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
  IF v_setting <> '' THEN
    v_floors := v_setting;
    IF v_floors.channels IS DISTINCT FROM channel_names OR v_floors.until < clock_timestamp() THEN
      v_floors := NULL;
    END IF;
  END IF;
  v_paused := ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p UNION ALL SELECT l.channel_name FROM ${schema}.mq_limits l);
  IF v_paused <> '{}' THEN
    IF current_setting('sqlmq.polls_limited', true) = 'on' THEN
      v_paused := ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p);
    ELSE
      v_limited := true;        -- half of the time first, and in any case when the others have had their turn
      IF random() < 0.5 THEN
        {{poll-limited most="(v_rest + 1) / 2"}}
        IF v_rest = 0 AND v_most > 0 THEN
          RETURN;
        END IF;
      END IF;
    END IF;
  END IF;
  IF channel_names IS NULL THEN
    v_waiting := ARRAY(
      SELECT c FROM (VALUES (false), (true)) AS g (grouped), LATERAL (
          SELECT ${schema}.mq_waiting_job_channels(g.grouped, coalesce(v_floors.since, '1970-01-01 00:00+00'), 'infinity')
          UNION ALL SELECT ${schema}.mq_waiting_job_channels(g.grouped, '1970-01-01 00:00+00', '1970-01-02 00:00+00')
           WHERE v_floors.since IS NOT NULL) AS w (c)
       WHERE c <> ALL (v_paused) GROUP BY c ORDER BY random());
  ELSIF cardinality(channel_names) > 1 OR v_paused <> '{}' THEN
    v_names := ARRAY(SELECT DISTINCT c COLLATE "C" FROM unnest(channel_names) AS c WHERE c <> ALL (v_paused) ORDER BY 1);
    v_waiting := ARRAY(SELECT c FROM unnest(v_names) AS c ORDER BY random());
  ELSE
    v_waiting := v_names;
  END IF;
  -- What was given back at once comes first; then there may be much that is gone.
  IF v_floors IS NULL AND cardinality(v_waiting) = 1 THEN  -- as below, for less
    SELECT CASE WHEN (SELECT true FROM ${schema}.mq_msgs m
                       WHERE m.channel_name = v_waiting[1] AND m.attempt_at <= statement_timestamp()
                         AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                       ORDER BY m.attempt_at LIMIT 1) THEN v_waiting END,
           CASE WHEN (SELECT true FROM ${schema}.mq_msgs m
                       WHERE m.channel_name = v_waiting[1] AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
                       ORDER BY m.attempt_at LIMIT 1) THEN v_waiting END
      INTO v_due, v_due_groups;
    IF coalesce(v_due, v_due_groups) IS NOT NULL THEN
      v_since := '{1970-01-01 00:00+00}';
      v_till := ARRAY[statement_timestamp()];
      v_groups_since := v_since;
      v_groups_till := v_till;
    END IF;
  ELSE
    SELECT array_agg(c.name) FILTER (WHERE c.due), array_agg(c.since) FILTER (WHERE c.due), array_agg(c.till) FILTER (WHERE c.due),
           array_agg(c.name) FILTER (WHERE c.due_group), array_agg(c.since) FILTER (WHERE c.due_group),
           array_agg(c.till) FILTER (WHERE c.due_group)
      INTO v_due, v_since, v_till, v_due_groups, v_groups_since, v_groups_till
      FROM (SELECT w.name, s.since, s.till,
                   (SELECT true FROM ${schema}.mq_msgs m
                     WHERE m.channel_name = w.name AND m.attempt_at >= s.since AND m.attempt_at <= s.till
                       AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                     ORDER BY m.attempt_at LIMIT 1) AS due,
                   (SELECT true FROM ${schema}.mq_msgs m
                     WHERE m.channel_name = w.name AND m.attempt_at >= s.since AND m.attempt_at <= s.till AND m.slot IS NOT NULL
                     ORDER BY m.attempt_at LIMIT 1) AS due_group
              FROM unnest(v_waiting) AS w (name), (
                SELECT '1970-01-01 00:00+00'::timestamptz AS since,
                       CASE WHEN v_floors.since IS NULL THEN statement_timestamp() ELSE '1970-01-02 00:00+00' END AS till
                UNION ALL SELECT v_floors.since, statement_timestamp() WHERE v_floors.since IS NOT NULL) s) c;
  END IF;
  v_busy := v_due IS NOT NULL;
  v_one := v_most = 1 AND cardinality(v_names) = 1 AND v_floors IS NULL AND (v_last IS NULL OR v_last[1] = v_names[1]);
  FOR v_pass IN 1..2 LOOP
    -- What is due, but for groups.
    WHILE v_rest > v_ready AND v_due IS NOT NULL LOOP
      {{poll-lock from="unnest(v_due, v_since, v_till) AS c (name, since, till)" names=v_due limit="v_rest - v_ready" quota="(v_rest - v_ready + cardinality(v_due) - 1) / cardinality(v_due)" rows="m.attempt_at >= c.since AND m.attempt_at <= c.till AND m.slot IS NULL ORDER BY m.attempt_at, m.prio_rank, m.seq"}}
      EXIT WHEN v_tids IS NULL AND v_over IS NULL;
    END LOOP;
    EXIT WHEN v_pass = 2 OR v_rest = 0;
    v_ready := 0;

    -- Groups of which something is due; again, where what was first had to go.
    WHILE v_rest > 0 AND v_due_groups IS NOT NULL LOOP
      v_groups := '{}';
      v_group_channels := '{}';
      FOR v_row IN
        SELECT m.* FROM unnest(v_due_groups, v_groups_since, v_groups_till) AS c (name, since, till), LATERAL (
          SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq, m.lease_owner IS NOT NULL AS leased
            FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.name AND m.slot IS NOT NULL
             AND m.attempt_at >= c.since AND m.attempt_at <= c.till
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
      v_single := v_one;
      v_one := false;
      IF v_single THEN
        -- The next lane of the channel, or the first.
        SELECT ARRAY[l.args], ARRAY[l.slot] INTO v_args, v_slots FROM (
          ({{poll-lane-of-one behind="AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (v_arg, v_slot)"}})
          UNION ALL
          ({{poll-lane-of-one behind=""}})) l LIMIT 1;
        IF v_args IS NULL THEN
          v_last := NULL;
          EXIT;
        END IF;
        v_lanes := v_names;
      ELSIF v_floors.lanes IS NOT NULL THEN
        IF v_names IS NULL THEN
          {{poll-lanes next=poll-lane-behind}}
        ELSE
          {{poll-lanes next=poll-lane-of-behind}}
        END IF;
      ELSIF v_names IS NULL THEN
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
      v_seen_lanes := v_seen_lanes || v_lanes;
      v_seen_args := v_seen_args || v_args;
      v_seen_slots := v_seen_slots || v_slots;
      IF 1024 > ANY (v_slots) THEN
        v_groups := '{}';
        v_group_channels := '{}';
        FOR v_row IN
          SELECT DISTINCT ON (c.name, c.args, c.slot) m.* FROM {{lanes}}, LATERAL (
            SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
             WHERE c.slot < 1024 AND {{lane}} AND {{ranks}} LIMIT 1) m
           ORDER BY c.name, c.args, c.slot, m.prio_rank, m.seq
        LOOP
          {{poll-group leased=false}}
        END LOOP;
        {{poll-groups}}
        CONTINUE WHEN v_over IS NOT NULL;
      END IF;
      WHILE v_rest > 0 AND 1024 = ANY (v_slots) LOOP
        IF v_floors.lanes IS NULL THEN
          {{poll-lock from="unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)" names=v_lanes limit=v_rest quota="(v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes)" rows="c.slot = 1024 AND {{lane}} ORDER BY m.prio_rank, m.seq"}}
        ELSE
          {{poll-lock from="{{lanes}}" names=v_lanes limit=v_rest quota="(v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes)" rows="c.slot = 1024 AND {{lane}} AND {{ranks}}"}}
        END IF;
        EXIT WHEN v_tids IS NULL AND v_over IS NULL;
      END LOOP;
      IF v_rest = v_most THEN
        v_busy := v_busy OR EXISTS (
          SELECT FROM {{lanes}}, LATERAL (
            SELECT FROM ${schema}.mq_msgs m WHERE c.slot = 1024 AND {{lane}} AND {{ranks}} LIMIT 1) m);
      END IF;
      IF v_more OR v_single THEN
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
  IF ${schema}.mq_jobs_read() - v_read >= 1000 + 10 * v_most::bigint THEN
    PERFORM ${schema}.mq_raise_poll_floors(v_floors, channel_names, v_waiting, v_seen_lanes, v_seen_args, v_seen_slots);
  END IF;

  IF v_limited THEN
    {{poll-limited most=v_rest}}
  END IF;
  IF v_rest = v_most THEN
    RETURN QUERY
      SELECT NULL::uuid, NULL::boolean, NULL::text, NULL::text, NULL::bytea, NULL::interval,
             least(min(w.attempt_at) - statement_timestamp(), CASE WHEN v_busy THEN interval '1 s' END, v_wait)
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
