-- Never changed once it is released.

-- Adds jobs; they are part of the caller's transaction, and so are the notifications. Null is what sqlxmq's builder has: no
-- delay, 4 retries, 1 s, no arguments, no commit interval, not ordered. Negative retries never end, as in sqlxmq, whose builder makes -1
-- of the greatest number that it takes. Ordered jobs of a channel with the same arguments are a group, in which one that is delayed or not
-- committed yet holds up those behind it: for them delivery_time is null.
CREATE OR REPLACE FUNCTION ${schema}.mq_insert(new_messages ${schema}.mq_new_t[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_now timestamptz;
  v_sent_at bigint;
  v_channels text[];
  v_due bigint;
  v_nameless boolean;
  v_nil boolean;
BEGIN
  SELECT array_agg(DISTINCT n.channel_name),
         CASE WHEN bool_or(n.commit_interval IS NOT NULL OR n.delay > interval '0') THEN -1 ELSE 0 END, bool_or(n.name IS NULL),
         bool_or(n.id = '00000000-0000-0000-0000-000000000000')
    INTO v_channels, v_due, v_nameless, v_nil FROM unnest(new_messages) n;
  IF v_nameless THEN
    RAISE not_null_violation USING MESSAGE = 'a job has no name', COLUMN = 'name';
  ELSIF v_nil THEN  -- sqlxmq has a row of its own there
    RAISE unique_violation USING MESSAGE = 'the nil id is no id of a job', COLUMN = 'id';
  END IF;
  LOCK TABLE ${schema}.mq_msgs IN ROW EXCLUSIVE MODE;  -- before the clock is read
  v_now := clock_timestamp();
  v_sent_at := extract(epoch FROM v_now) * 1000;
  INSERT INTO ${schema}.mq_msgs (
    id, channel_name, sent_at, attempt_at, expires_at, delivery_time, grp, slot, properties, name, channel_args, commit_interval,
    retry_backoff, max_deliveries, payload_json, payload_bytes)
  SELECT n.id, n.channel_name, v_sent_at,
         CASE WHEN t.commit_interval IS NOT NULL OR t.delay > interval '0'
              THEN v_now + t.delay + coalesce(t.commit_interval, interval '0') END,
         v_now + t.delay + t.commit_interval,
         CASE WHEN t.delay > interval '0' AND n.ordered IS NOT TRUE
              THEN v_sent_at + (extract(epoch FROM t.delay) * 1000)::bigint END,
         CASE WHEN n.ordered THEN ${schema}.mq_job_group(coalesce(n.channel_args, '')) END,
         CASE WHEN n.ordered THEN ${schema}.mq_slot(${schema}.mq_job_group(coalesce(n.channel_args, ''))) END,
         CASE WHEN n.channel_args = '' THEN NULL
              WHEN n.ordered THEN jsonb_build_object('JMS_SQLMQ_ChannelArgs', n.channel_args, 'JMSXGroupID', n.channel_args)
              WHEN n.channel_args IS NOT NULL THEN jsonb_build_object('JMS_SQLMQ_ChannelArgs', n.channel_args) END,
         n.name, coalesce(n.channel_args, ''), t.commit_interval,
         greatest(coalesce(n.retry_backoff, interval '1 s'), interval '0'),
         CASE WHEN n.retries < 0 THEN 2147483647 ELSE least(coalesce(n.retries, 4), 2147483646) + 1 END,
         n.payload_json::jsonb, n.payload_bytes
    FROM unnest(new_messages) n, LATERAL (
      SELECT least(greatest(n.delay, interval '0'), interval '100 years') AS delay,
             CASE WHEN n.commit_interval IS NOT NULL
                  THEN least(greatest(n.commit_interval, interval '0'), interval '100 years') END AS commit_interval) t;
  PERFORM ${schema}.mq_notify_jobs(v_channels, v_due);
END
$body${tag}$;

-- For jobs that are worked on, and reserved positions: they have so much time at least from now on, 100 years at most. Also for
-- jobs that wait for their time: one that was adopted from sqlxmq while it was worked on is such a job.
CREATE OR REPLACE FUNCTION ${schema}.mq_keep_alive(msg_ids uuid[], duration interval) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_for constant interval :=
    CASE WHEN duration > interval '100 years' THEN interval '100 years' WHEN duration > interval '0' THEN duration END;
  v_ids uuid[];
  v_names text[];
BEGIN
  SELECT array_agg(l.id), array_agg(l.channel_name) INTO v_ids, v_names
    FROM (SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
           WHERE s.id = ANY (msg_ids) AND (s.lease_owner = -1 OR (s.lease_owner IS NULL AND s.name IS NOT NULL))
             AND s.attempt_at < clock_timestamp() + v_for
           ORDER BY s.id FOR UPDATE SKIP LOCKED) l;
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = clock_timestamp() + v_for,
         commit_interval = m.commit_interval + (clock_timestamp() + v_for - m.attempt_at),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at ELSE clock_timestamp() + v_for END
   WHERE m.id = ANY (v_ids) AND (m.id, m.channel_name::text) IN (SELECT * FROM unnest(v_ids, v_names));
END
$body${tag}$;

-- For a job that is worked on: what it will be given at its next attempt, and how many attempts more it may have; null changes
-- nothing. As mq_keep_alive besides.
CREATE OR REPLACE FUNCTION ${schema}.mq_checkpoint(
  msg_id uuid, duration interval, new_payload_json text, new_payload_bytes bytea, extra_retries integer)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_for constant interval :=
    CASE WHEN duration > interval '100 years' THEN interval '100 years' WHEN duration > interval '0' THEN duration END;
BEGIN
  PERFORM FROM ${schema}.mq_msgs m
    WHERE m.id = msg_id AND coalesce(m.lease_owner, 0) = -1 AND m.attempt_at > statement_timestamp() FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM FROM ${schema}.mq_msgs m
      WHERE m.id = msg_id AND m.name IS NOT NULL AND (m.lease_owner IS NULL OR m.lease_owner = -1) FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN;
    END IF;
  END IF;
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = greatest(m.attempt_at, clock_timestamp() + v_for),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at
                           ELSE greatest(m.attempt_at, clock_timestamp() + v_for) END,
         payload_json = coalesce(new_payload_json::jsonb, m.payload_json),
         payload_text = CASE WHEN new_payload_json IS NULL THEN m.payload_text END,
         payload_bytes = coalesce(new_payload_bytes, m.payload_bytes),
         max_deliveries = CASE WHEN coalesce(extra_retries, 0) = 0 THEN m.max_deliveries
           ELSE least(greatest(
             1, ${schema}.mq_job_deliveries(m.max_deliveries, m.redelivery_policy)::bigint + extra_retries), 2147483647) END
   WHERE m.id = msg_id;
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
CREATE OR REPLACE FUNCTION ${schema}.mq_poll(
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
        FOREACH v_name IN ARRAY ARRAY(
          SELECT l.channel_name FROM ${schema}.mq_limits l
           WHERE l.channel_name <> ALL (ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p))
             AND (channel_names IS NULL OR l.channel_name = ANY (channel_names)) ORDER BY random())
        LOOP
          EXIT WHEN v_rest = 0;
          FOR v_row IN SELECT p.* FROM ${schema}.mq_poll_limited(v_name, (v_rest + 1) / 2, max_retry_backoff) p LOOP
            IF v_row.id IS NULL THEN
              v_wait := least(v_wait, v_row.wait_time);
            ELSE
              v_rest := v_rest - 1;
              RETURN QUERY SELECT v_row.id, true, v_row.name, v_row.payload_json, v_row.payload_bytes, v_row.retry_backoff, interval '0';
            END IF;
          END LOOP;
        END LOOP;
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
      SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
             array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
             array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
        INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
        FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                     CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                          WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                          THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                       WHEN r.row_xmax = '0'::xid THEN false
                                       ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                        FROM unnest(v_due, v_since, v_till) AS c (name, since, till), LATERAL (
                          SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                 m.failure_count, m.max_deliveries, m.redelivery_policy
                            FROM ${schema}.mq_msgs m
                           WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.attempt_at >= c.since AND m.attempt_at <= c.till AND m.slot IS NULL ORDER BY m.attempt_at, m.prio_rank, m.seq
                           LIMIT (v_rest - v_ready + cardinality(v_due) - 1) / cardinality(v_due) FOR UPDATE SKIP LOCKED) r
                       LIMIT v_rest - v_ready) f) l;
      FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
        IF v_reasons[i] = '' THEN
          DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
        ELSE
          PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
        END IF;
      END LOOP;
      IF v_tids IS NOT NULL THEN
        v_rest := v_rest - cardinality(v_tids);
        RETURN QUERY
          UPDATE ${schema}.mq_msgs m
             SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                   coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                   max_retry_backoff),
                 delivery_count = least(m.delivery_count + 1, 1000000000),
                 failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                 lease_owner = -1, lease_token = -pg_backend_pid()
           WHERE m.channel_name = ANY (v_due COLLATE "POSIX") AND m.ctid = ANY (v_tids)
          RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                    ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                    interval '0';
      END IF;
      IF coalesce(v_failed, v_over) IS NOT NULL THEN
        PERFORM ${schema}.mq_note_attempts(
                  array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                  array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                  'its lease ran out, or its transaction was rolled back')
           FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
      END IF;
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
        EXIT WHEN cardinality(v_groups) >= v_rest;
        CONTINUE WHEN ${schema}.mq_group_waits(
          v_row.channel_name, v_row.grp, v_row.prio_rank, v_row.seq, true, v_row.leased, '{}', '{}', false, NULL);
        IF ${schema}.mq_hold_slot(v_row.channel_name, v_row.slot) THEN
          v_groups := v_groups || v_row.id;
          v_group_channels := v_group_channels || v_row.channel_name::text;
        ELSE
          v_busy := true;
        END IF;
      END LOOP;
      v_over := NULL;
      IF v_groups <> '{}' THEN
        SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
               array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
               array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
          INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
          FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                       CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                            WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                            THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                  FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                         WHEN r.row_xmax = '0'::xid THEN false
                                         ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                          FROM unnest(v_groups, v_group_channels) AS c (id, name), LATERAL (
                            SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                   m.failure_count, m.max_deliveries, m.redelivery_policy
                              FROM ${schema}.mq_msgs m
                             WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.id = c.id AND (m.attempt_at IS NULL OR m.attempt_at <= statement_timestamp()) AND NOT ${schema}.mq_group_waits(m.channel_name, m.grp, m.prio_rank, m.seq, true, m.lease_owner IS NOT NULL, '{}', '{}', false, NULL)
                             LIMIT 1 FOR UPDATE SKIP LOCKED) r
                         LIMIT v_rest) f) l;
        FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
          IF v_reasons[i] = '' THEN
            DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
          ELSE
            PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
          END IF;
        END LOOP;
        IF v_tids IS NOT NULL THEN
          v_rest := v_rest - cardinality(v_tids);
          RETURN QUERY
            UPDATE ${schema}.mq_msgs m
               SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                     coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     max_retry_backoff),
                   delivery_count = least(m.delivery_count + 1, 1000000000),
                   failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                   lease_owner = -1, lease_token = -pg_backend_pid()
             WHERE m.channel_name = ANY (v_group_channels COLLATE "POSIX") AND m.ctid = ANY (v_tids)
            RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                      ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                      interval '0';
        END IF;
        IF coalesce(v_failed, v_over) IS NOT NULL THEN
          PERFORM ${schema}.mq_note_attempts(
                    array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                    array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                    'its lease ran out, or its transaction was rolled back')
             FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
        END IF;
      END IF;
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
          (SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
             WHERE m.channel_name = v_names[1] AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (v_arg, v_slot)
               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)
          UNION ALL
          (SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
             WHERE m.channel_name = v_names[1] 
               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)) l LIMIT 1;
        IF v_args IS NULL THEN
          v_last := NULL;
          EXIT;
        END IF;
        v_lanes := v_names;
      ELSIF v_floors.lanes IS NOT NULL THEN
        IF v_names IS NULL THEN
          WITH RECURSIVE l (name, args, slot) AS (
            SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                  SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                   WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) LIMIT 1) k ON true, LATERAL (
                  (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
                     FROM ${schema}.mq_msgs m
                    WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
                      AND (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                            < (coalesce(k.name, repeat(chr(1114111), 64)), coalesce(k.args, ''), coalesce(k.slot, 0))
                      AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                    ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)
                  UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n
            UNION ALL
            SELECT n.* FROM l, LATERAL (
              SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                     CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                           SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                            WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) LIMIT 1) k ON true, LATERAL (
                           (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
                              FROM ${schema}.mq_msgs m
                             WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
                               AND (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                     < (coalesce(k.name, repeat(chr(1114111), 64)), coalesce(k.args, ''), coalesce(k.slot, 0))
                               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                             ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)
                           UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n)
          SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
            FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
           WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
        ELSE
          WITH RECURSIVE l (name, args, slot) AS (
            SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                  SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                   WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) AND o.name = ANY (v_names) LIMIT 1) k ON true,
                LATERAL (
                  (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
                     SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
                      WHERE m.channel_name = c.name
                        AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                              >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                        AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                              < (CASE WHEN c.name = k.name THEN k.args ELSE repeat(chr(1114111), 600) END, CASE WHEN c.name = k.name THEN k.slot ELSE 0 END)
                        AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                      ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
                    WHERE c.name >= f.name AND (k.name IS NULL OR c.name <= k.name COLLATE "C") LIMIT 1)
                  UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n
            UNION ALL
            SELECT n.* FROM l, LATERAL (
              SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                     CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                           SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                            WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) AND o.name = ANY (v_names) LIMIT 1) k ON true,
                         LATERAL (
                           (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
                              SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name
                                 AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                       >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                                 AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                       < (CASE WHEN c.name = k.name THEN k.args ELSE repeat(chr(1114111), 600) END, CASE WHEN c.name = k.name THEN k.slot ELSE 0 END)
                                 AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                               ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
                             WHERE c.name >= f.name AND (k.name IS NULL OR c.name <= k.name COLLATE "C") LIMIT 1)
                           UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n)
          SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
            FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
           WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
        END IF;
      ELSIF v_names IS NULL THEN
        WITH RECURSIVE l (name, args, slot) AS (
          SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
              FROM ${schema}.mq_msgs m
             WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) n
          UNION ALL
          SELECT n.* FROM l, LATERAL (
            SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                   CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
                       FROM ${schema}.mq_msgs m
                      WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
                        AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                      ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) n)
        SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
          FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
         WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
      ELSE
        WITH RECURSIVE l (name, args, slot) AS (
          SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
              SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
               WHERE m.channel_name = c.name AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                       >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                 AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
               ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
             WHERE c.name >= f.name LIMIT 1) n
          UNION ALL
          SELECT n.* FROM l, LATERAL (
            SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                   CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
                       SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = c.name AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                          AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                        ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
                      WHERE c.name >= f.name LIMIT 1) n)
        SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
          FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
         WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
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
          SELECT DISTINCT ON (c.name, c.args, c.slot) m.* FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
            LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
            LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
                     UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p, LATERAL (
            SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
             WHERE c.slot < 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND (m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq LIMIT 1) m
           ORDER BY c.name, c.args, c.slot, m.prio_rank, m.seq
        LOOP
          EXIT WHEN cardinality(v_groups) >= v_rest;
          CONTINUE WHEN ${schema}.mq_group_waits(
            v_row.channel_name, v_row.grp, v_row.prio_rank, v_row.seq, true, false, '{}', '{}', false, NULL);
          IF ${schema}.mq_hold_slot(v_row.channel_name, v_row.slot) THEN
            v_groups := v_groups || v_row.id;
            v_group_channels := v_group_channels || v_row.channel_name::text;
          ELSE
            v_busy := true;
          END IF;
        END LOOP;
        v_over := NULL;
        IF v_groups <> '{}' THEN
          SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
                 array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
                 array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
            INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
            FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                         CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                              WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                              THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                    FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                           WHEN r.row_xmax = '0'::xid THEN false
                                           ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                            FROM unnest(v_groups, v_group_channels) AS c (id, name), LATERAL (
                              SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                     m.failure_count, m.max_deliveries, m.redelivery_policy
                                FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.id = c.id AND (m.attempt_at IS NULL OR m.attempt_at <= statement_timestamp()) AND NOT ${schema}.mq_group_waits(m.channel_name, m.grp, m.prio_rank, m.seq, true, m.lease_owner IS NOT NULL, '{}', '{}', false, NULL)
                               LIMIT 1 FOR UPDATE SKIP LOCKED) r
                           LIMIT v_rest) f) l;
          FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
            IF v_reasons[i] = '' THEN
              DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
            ELSE
              PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
            END IF;
          END LOOP;
          IF v_tids IS NOT NULL THEN
            v_rest := v_rest - cardinality(v_tids);
            RETURN QUERY
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_group_channels COLLATE "POSIX") AND m.ctid = ANY (v_tids)
              RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                        ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                        interval '0';
          END IF;
          IF coalesce(v_failed, v_over) IS NOT NULL THEN
            PERFORM ${schema}.mq_note_attempts(
                      array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                      array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                      'its lease ran out, or its transaction was rolled back')
               FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
          END IF;
        END IF;
        CONTINUE WHEN v_over IS NOT NULL;
      END IF;
      WHILE v_rest > 0 AND 1024 = ANY (v_slots) LOOP
        IF v_floors.lanes IS NULL THEN
          SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
                 array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
                 array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
            INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
            FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                         CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                              WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                              THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                    FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                           WHEN r.row_xmax = '0'::xid THEN false
                                           ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                            FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot), LATERAL (
                              SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                     m.failure_count, m.max_deliveries, m.redelivery_policy
                                FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND c.slot = 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
                                   AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL ORDER BY m.prio_rank, m.seq
                               LIMIT (v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes) FOR UPDATE SKIP LOCKED) r
                           LIMIT v_rest) f) l;
          FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
            IF v_reasons[i] = '' THEN
              DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
            ELSE
              PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
            END IF;
          END LOOP;
          IF v_tids IS NOT NULL THEN
            v_rest := v_rest - cardinality(v_tids);
            RETURN QUERY
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_lanes COLLATE "POSIX") AND m.ctid = ANY (v_tids)
              RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                        ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                        interval '0';
          END IF;
          IF coalesce(v_failed, v_over) IS NOT NULL THEN
            PERFORM ${schema}.mq_note_attempts(
                      array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                      array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                      'its lease ran out, or its transaction was rolled back')
               FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
          END IF;
        ELSE
          SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
                 array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
                 array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
            INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
            FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                         CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                              WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                              THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                    FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                           WHEN r.row_xmax = '0'::xid THEN false
                                           ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                            FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
                                LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
                                LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
                                         UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p, LATERAL (
                              SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                     m.failure_count, m.max_deliveries, m.redelivery_policy
                                FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND c.slot = 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
                                              AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND (m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq
                               LIMIT (v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes) FOR UPDATE SKIP LOCKED) r
                           LIMIT v_rest) f) l;
          FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
            IF v_reasons[i] = '' THEN
              DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
            ELSE
              PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
            END IF;
          END LOOP;
          IF v_tids IS NOT NULL THEN
            v_rest := v_rest - cardinality(v_tids);
            RETURN QUERY
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_lanes COLLATE "POSIX") AND m.ctid = ANY (v_tids)
              RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                        ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                        interval '0';
          END IF;
          IF coalesce(v_failed, v_over) IS NOT NULL THEN
            PERFORM ${schema}.mq_note_attempts(
                      array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                      array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                      'its lease ran out, or its transaction was rolled back')
               FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
          END IF;
        END IF;
        EXIT WHEN v_tids IS NULL AND v_over IS NULL;
      END LOOP;
      IF v_rest = v_most THEN
        v_busy := v_busy OR EXISTS (
          SELECT FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
            LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
            LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
                     UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p, LATERAL (
            SELECT FROM ${schema}.mq_msgs m WHERE c.slot = 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
              AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND (m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq LIMIT 1) m);
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
    FOREACH v_name IN ARRAY ARRAY(
      SELECT l.channel_name FROM ${schema}.mq_limits l
       WHERE l.channel_name <> ALL (ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p))
         AND (channel_names IS NULL OR l.channel_name = ANY (channel_names)) ORDER BY random())
    LOOP
      EXIT WHEN v_rest = 0;
      FOR v_row IN SELECT p.* FROM ${schema}.mq_poll_limited(v_name, v_rest, max_retry_backoff) p LOOP
        IF v_row.id IS NULL THEN
          v_wait := least(v_wait, v_row.wait_time);
        ELSE
          v_rest := v_rest - 1;
          RETURN QUERY SELECT v_row.id, true, v_row.name, v_row.payload_json, v_row.payload_bytes, v_row.retry_backoff, interval '0';
        END IF;
      END LOOP;
    END LOOP;
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

-- What is computed of each message. In the language sql these were started anew for each, since they cannot be expanded where
-- they are used, and that took longer than all else that a job costs.

CREATE OR REPLACE FUNCTION ${schema}.mq_slot(p_group text) RETURNS smallint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body${tag}$
DECLARE
  v_digest constant bytea := pg_catalog.sha256(pg_catalog.convert_to(p_group, 'UTF8'));
BEGIN
  RETURN ((pg_catalog.get_byte(v_digest, 0) & 3) << 8) | pg_catalog.get_byte(v_digest, 1);
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_job_group(p_args text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body${tag}$
BEGIN
  RETURN CASE WHEN pg_catalog.octet_length(p_args) <= 512 THEN p_args
              ELSE 'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p_args, 'UTF8')), 'hex') END;
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_group(p_properties jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body${tag}$
DECLARE
  v_group constant text := CASE WHEN pg_catalog.jsonb_typeof(p_properties -> 'JMSXGroupID'::text) = 'string'
                                THEN nullif(p_properties ->> 'JMSXGroupID'::text, '') END;
BEGIN
  RETURN CASE WHEN pg_catalog.octet_length(v_group) > 512
              THEN 'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(v_group, 'UTF8')), 'hex')
              ELSE v_group END;
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_job_policy(p_max_deliveries integer, p_backoff interval) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body${tag}$
DECLARE
  v_millis constant bigint := greatest(0::numeric, least(
      extract(epoch FROM coalesce(p_backoff, interval '1 s')) * 1000::numeric, 3155760000000::numeric));
BEGIN
  RETURN pg_catalog.format(
    'maximumRedeliveries=%s&initialRedeliveryDelay=%s&redeliveryDelay=%s&maximumRedeliveryDelay=%s',
    greatest(p_max_deliveries, 1) - 1, v_millis, least(2 * v_millis, greatest(v_millis, 300000)), greatest(v_millis, 300000));
END
$body${tag}$;

-- What is asked of each row that somebody has locked before: nearly always the state of a transaction is the answer, and a query is only
-- begun when it is not.

CREATE OR REPLACE FUNCTION ${schema}.mq_failed(p_xid xid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET enable_bitmapscan = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_xact constant xid8 := ${schema}.mq_locker(p_xid);
BEGIN
  IF pg_xact_status(v_xact) = 'aborted' THEN
    RETURN EXISTS (SELECT FROM ${schema}.mq_failures f WHERE f.xact = v_xact)
        OR EXISTS (SELECT FROM ${schema}.mq_signatures s WHERE s.xmax = p_xid);
  END IF;
  RETURN false;
END
$body${tag}$;

CREATE OR REPLACE FUNCTION ${schema}.mq_suspect(p_xmax xid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF ${schema}.mq_failed(p_xmax) THEN
    RETURN true;
  END IF;
  IF mxid_age(p_xmax) > 0 THEN
    RETURN mxid_age(p_xmax) <= (SELECT mxid_age(d.datminmxid) FROM pg_catalog.pg_database d
                                 WHERE d.datname = current_database())
       AND EXISTS (SELECT FROM pg_get_multixact_members(p_xmax) m WHERE ${schema}.mq_failed(m.xid));
  END IF;
  RETURN false;
END
$body${tag}$;

-- With the name of the job, which is the JMSType.
CREATE OR REPLACE VIEW ${schema}.mq_scheduled AS
  SELECT s.id, s.parent_id, CASE WHEN s.topic THEN 'topic://' ELSE 'queue://' END || s.channel_name AS destination,
         nullif(s.next_at, 'infinity') AS next_at, s.cron, s.zone, s.delay * interval '1 millisecond' AS delay,
         s.period * interval '1 millisecond' AS period, nullif(s.repeats, -1) AS repeats, s.created_at, s.last_error,
         s.properties, coalesce(s.body_type, 'text') AS body_type, s.payload_text AS body, s.jms_type
    FROM ${schema}.mq_schedules s;

-- Why a message is not delivered, in words; null if there is no such message (it was received, has expired or is not committed).
-- Whoever asks needs the right to read the tables. Volatile, so that each look sees what was committed before it.
CREATE OR REPLACE FUNCTION ${schema}.mq_why(p_id uuid) RETURNS text
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
                                AND (pg_xact_status(${schema}.mq_locker(s.xmax)) = 'in progress' OR NOT ((SELECT true FROM ${schema}.mq_msgs m
                                    WHERE m.id = s.message_id AND m.channel_name = s.channel_name AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
                                   UNION ALL
                                   SELECT true FROM ${schema}.mq_msgs_unlogged m
                                    WHERE m.id = s.message_id AND m.channel_name = s.channel_name AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
                                   LIMIT 1) IS NULL))) AS running,
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

-- Limits what is delivered from a channel, to consumers, to jobs, and to those who poll, over all processes: to p_running at the same
-- time, and to p_starts in any p_period; null: not limited in that way. Takes the place of limits before it. A message that is
-- delivered again counts again. What is leased already counts as running, what a transaction has received already does not. Of
-- more than 1,000 starts at most 1,000 begin at once: of 60,000 in a minute as many in each second.
CREATE OR REPLACE FUNCTION ${schema}.mq_limit(
  p_channel text, p_running integer DEFAULT NULL, p_starts integer DEFAULT NULL, p_period interval DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF num_nonnulls(p_running, p_starts) = 0 OR num_nonnulls(p_starts, p_period) = 1 OR p_running NOT BETWEEN 1 AND 1000
     OR p_starts NOT BETWEEN 1 AND 1000000 OR p_period NOT BETWEEN interval '1 ms' AND interval '31 days' THEN
    RAISE EXCEPTION 'a limit is of 1 to 1000 messages at the same time, of 1 to 1000000 starts within a period of 1 ms to 31 days, or of both'
      USING ERRCODE = '22023';
  END IF;
  INSERT INTO ${schema}.mq_limits AS l (channel_name, running, starts, period)
  VALUES (p_channel, p_running, p_starts, p_period)
  ON CONFLICT (channel_name) DO UPDATE
     SET running = excluded.running, starts = excluded.starts, period = excluded.period, limited_at = excluded.limited_at,
         limited_by = excluded.limited_by;
  -- What is leased without a slot gets one, if there are more of them then than may run: mq_hold_slots deletes them as they get free.
  INSERT INTO ${schema}.mq_limit_slots (channel_name, starts, number, message_id)
  SELECT p_channel, false, coalesce(max.number, 0) + row_number() OVER (), m.id
    FROM (SELECT max(s.number) AS number FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND NOT s.starts) max,
         (SELECT m.id FROM ${schema}.mq_msgs m
           WHERE m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
          UNION ALL
          SELECT m.id FROM ${schema}.mq_msgs_unlogged m
           WHERE m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()) m
   WHERE p_running IS NOT NULL
     AND NOT EXISTS (SELECT FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND NOT s.starts AND s.message_id = m.id);
  INSERT INTO ${schema}.mq_limit_slots (channel_name, starts, number)
  SELECT p_channel, k.starts, coalesce(k.last, 0) + n
    FROM (SELECT w.starts, w.wanted, count(s.number)::integer AS there, max(s.number) AS last
            FROM (SELECT false AS starts, l.running AS wanted FROM ${schema}.mq_limits l WHERE l.channel_name = p_channel
                  UNION ALL SELECT true, l.starts / ((l.starts + 999) / 1000) FROM ${schema}.mq_limits l WHERE l.channel_name = p_channel) w
            LEFT JOIN ${schema}.mq_limit_slots s ON s.channel_name = p_channel AND s.starts = w.starts
           GROUP BY w.starts, w.wanted) k,
         generate_series(1, k.wanted - k.there) AS n;
  PERFORM pg_notify('sqlmq:' || md5('${schemaText}'), '0 sqlmq-pauses'), ${schema}.mq_notify_jobs(ARRAY[p_channel], 0);
END
$body${tag}$;
