-- The functions of sqlxmq, for jobs. Never changed once it is released.

-- Of rows until now it is null.
ALTER TABLE ${schema}.mq_msgs ALTER COLUMN channel_args TYPE text COLLATE "C";
ALTER TABLE ${schema}.mq_msgs_unlogged ALTER COLUMN channel_args TYPE text COLLATE "C";

-- Jobs, which have a name, for those who poll them: ready ones by the arguments of the channel, waiting ones by time. Not those
-- that are dead letters.
CREATE INDEX mq_msgs_jobs ON ${schema}.mq_msgs (channel_name, channel_args, slot, prio_rank, seq)
  WHERE attempt_at IS NULL AND name IS NOT NULL AND dead_origin IS NULL;
CREATE INDEX mq_msgs_jobs_wait ON ${schema}.mq_msgs (channel_name, attempt_at, prio_rank, seq)
  WHERE attempt_at IS NOT NULL AND slot IS NULL AND name IS NOT NULL AND dead_origin IS NULL;

-- Has this row of a group to wait for others of the group? The order is that of all queues, by priority and number; only
-- a delayed row takes part from when it is due. p_back: the row was given back or its lease has ended; p_leased: the
-- latter. Not waited for are rows that the caller works on itself (p_held by seq, p_tokens by lease) and, if p_overtake,
-- rows that back off (positions that are not committed yet are waited for); and those that are set aside. p_since as in
-- mq_claim. Where there is one is asked for in the order of an index, since EXISTS would be planned with the primary key
-- while the table is empty.
CREATE OR REPLACE FUNCTION ${schema}.mq_group_waits(
  p_channel text, p_group text, p_rank smallint, p_seq bigint, p_back boolean, p_leased boolean, p_held bigint[],
  p_tokens bigint[], p_overtake boolean, p_since bigint[])
RETURNS boolean
LANGUAGE plpgsql STABLE AS $body${tag}$
BEGIN
  IF p_since IS NOT NULL THEN
    IF (
      SELECT true FROM ${schema}.mq_msgs b
       WHERE b.channel_name = p_channel AND b.grp = p_group AND b.slot IS NOT NULL
         AND (b.attempt_at, b.prio_rank, b.seq) >= (${schema}.mq_time(p_since[13]), p_since[14]::smallint, p_since[15])
         AND b.attempt_at < '1970-01-02 00:00+00'
         AND (b.delivery_time IS NULL OR b.delivery_count > 0 OR b.lease_owner IS NOT NULL)
         AND b.seq <> p_seq AND b.seq <> ALL (p_held) AND coalesce(b.lease_token <> ALL (p_tokens), true)
         AND ((b.prio_rank, b.seq) < (p_rank, p_seq) OR (b.lease_owner IS NOT NULL AND NOT p_leased))
       ORDER BY b.attempt_at, b.prio_rank, b.seq LIMIT 1) THEN
      RETURN true;
    END IF;
  END IF;
  RETURN coalesce((
    SELECT true FROM ${schema}.mq_msgs b
     WHERE b.channel_name = p_channel AND b.grp = p_group AND b.attempt_at IS NOT NULL AND b.slot IS NOT NULL
       AND (b.attempt_at, b.prio_rank, b.seq)
           >= (${schema}.mq_time(p_since[16]), coalesce(p_since[17], 0)::smallint, coalesce(p_since[18], 0))
       AND b.set_aside IS NULL
       AND (b.delivery_time IS NULL OR b.delivery_count > 0 OR b.lease_owner IS NOT NULL)
       AND b.seq <> p_seq AND b.seq <> ALL (p_held) AND coalesce(b.lease_token <> ALL (p_tokens), true)
       AND CASE WHEN b.lease_owner IS NOT NULL AND b.attempt_at > pg_catalog.statement_timestamp() THEN true
                WHEN p_overtake AND b.attempt_at > pg_catalog.statement_timestamp() AND b.commit_interval IS NULL THEN false
                ELSE (b.prio_rank, b.seq) < (p_rank, p_seq) OR (b.lease_owner IS NOT NULL AND NOT p_leased) END
     ORDER BY b.attempt_at, b.prio_rank, b.seq LIMIT 1), false)
    -- Ready rows are claimed in their order; a row that comes back may find that one before it never left.
    OR (p_back AND coalesce((
      SELECT true FROM ${schema}.mq_msgs r
       WHERE r.channel_name = p_channel AND r.slot = ${schema}.mq_slot(p_group) AND r.attempt_at IS NULL
         AND r.slot IS NOT NULL AND (r.prio_rank, r.seq) < (p_rank, p_seq) AND r.grp = p_group
         AND r.seq <> ALL (p_held)
       ORDER BY r.prio_rank, r.seq LIMIT 1), false));
END
$body${tag}$;

-- Parks a row as a dead letter (see mq_move), or sets it aside where that is refused for this row: then it would be refused
-- again and again, and with it all that is given back in the same statement. Errors that pass (of locks, of the disk, of a
-- server that stops) are for the caller.
CREATE OR REPLACE FUNCTION ${schema}.mq_park(
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

-- Jobs: rows with a name, for programs that call the functions of sqlxmq, which keep their names, parameters and meaning. What
-- a job is as a message, and what holds between those who poll and consumers of JMS: docs/sql.md.

-- A job for mq_insert.
CREATE TYPE ${schema}.mq_new_t AS (
  id              uuid,
  delay           interval,
  retries         integer,
  retry_backoff   interval,
  channel_name    text,
  channel_args    text,
  commit_interval interval,
  ordered         boolean,
  name            text,
  payload_json    text,
  payload_bytes   bytea
);

-- The group of the ordered jobs of a channel with these arguments, as mq_group makes it of a JMSXGroupID.
CREATE FUNCTION ${schema}.mq_job_group(p_args text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT CASE WHEN pg_catalog.octet_length(p_args) <= 512 THEN p_args
              ELSE 'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p_args, 'UTF8')), 'hex') END
$body${tag}$;

-- How long the next attempt has, and so when the one after it may begin: doubled with each failure, up to p_most (null:
-- five minutes), but never less than at first.
CREATE FUNCTION ${schema}.mq_job_backoff(p_first interval, p_failures integer, p_most interval) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT CASE WHEN p_failures <= 0 OR p_first >= coalesce(p_most, interval '5 min') THEN p_first
              ELSE least(p_first * pg_catalog.power(2::float8, least(p_failures, 24)::float8), coalesce(p_most, interval '5 min')) END
$body${tag}$;

-- The same for consumers of JMS, as the redelivery policy of a message.
CREATE FUNCTION ${schema}.mq_job_policy(p_max_deliveries integer, p_backoff interval) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT pg_catalog.format(
    'maximumRedeliveries=%s&initialRedeliveryDelay=%s&redeliveryDelay=%s&maximumRedeliveryDelay=%s',
    p_max_deliveries - 1, b.millis, least(2 * b.millis, greatest(b.millis, 300000)), greatest(b.millis, 300000))
    FROM (SELECT greatest(0, least(pg_catalog.round(extract(epoch FROM p_backoff) * 1000::numeric), 3155760000000))::bigint AS millis) b
$body${tag}$;

-- Where jobs are parked whose attempts are used up.
CREATE FUNCTION ${schema}.mq_job_dead_letters() RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT coalesce(nullif(pg_catalog.current_setting('sqlmq.dead_letter_queue', true), ''::text), 'DLQ')
$body${tag}$;

-- Wakes those who poll these channels, as sqlxmq does, and consumers.
CREATE FUNCTION ${schema}.mq_notify_jobs(p_channels text[], p_due bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF cardinality(p_channels) > 0 THEN
    PERFORM pg_notify('mq_' || c, '') FROM unnest(p_channels) AS c WHERE octet_length(c) <= 60;
    PERFORM pg_notify('mq', ''),
            ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, p_channels, array_fill(p_due, ARRAY[cardinality(p_channels)]));
  END IF;
END
$body${tag}$;

-- How often a job is delivered before it is a dead letter. One that was sent by JMS has it in a policy of its own, if anywhere.
CREATE FUNCTION ${schema}.mq_job_deliveries(p_max_deliveries integer, p_policy text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT coalesce(p_max_deliveries,
    CASE WHEN p_policy ~ 'maximumRedeliveries=-1'::text THEN 1000000000
         ELSE pg_catalog.substring(p_policy, 'maximumRedeliveries=([0-9]{1,8})(?:&|$)'::text)::integer + 1 END, 5)
$body${tag}$;

-- Adds jobs; they are part of the caller's transaction, and so are the notifications. Null is what sqlxmq's builder has: no
-- delay, 4 retries, 1 s, no arguments, no commit interval, not ordered. Ordered jobs of a channel with the same arguments are a
-- group, in which one that is delayed or not committed yet holds up those behind it: for them delivery_time is null.
CREATE FUNCTION ${schema}.mq_insert(new_messages ${schema}.mq_new_t[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_sent_at constant bigint := extract(epoch FROM clock_timestamp()) * 1000;
BEGIN
  IF EXISTS (SELECT FROM unnest(new_messages) n WHERE n.name IS NULL) THEN
    RAISE not_null_violation USING MESSAGE = 'a job has no name', COLUMN = 'name';
  END IF;
  INSERT INTO ${schema}.mq_msgs (
    id, channel_name, sent_at, attempt_at, expires_at, delivery_time, grp, slot, properties, redelivery_policy, name, channel_args,
    commit_interval, retry_backoff, max_deliveries, payload_json, payload_bytes)
  SELECT n.id, n.channel_name, v_sent_at, d.due, CASE WHEN n.commit_interval IS NOT NULL THEN d.due END,
         CASE WHEN n.delay > interval '0' AND n.ordered IS NOT TRUE
              THEN v_sent_at + (extract(epoch FROM n.delay) * 1000)::bigint END,
         g.grp, ${schema}.mq_slot(g.grp),
         CASE WHEN n.channel_args <> '' THEN jsonb_build_object('JMS_SQLMQ_ChannelArgs', n.channel_args)
              || CASE WHEN n.ordered THEN jsonb_build_object('JMSXGroupID', n.channel_args) ELSE '{}' END END,
         ${schema}.mq_job_policy(a.deliveries, a.backoff), n.name, coalesce(n.channel_args, ''), n.commit_interval, a.backoff,
         a.deliveries, n.payload_json::jsonb, n.payload_bytes
    FROM unnest(new_messages) WITH ORDINALITY AS n (
           id, delay, retries, retry_backoff, channel_name, channel_args, commit_interval, ordered, name, payload_json,
           payload_bytes, place),
         LATERAL (SELECT greatest(coalesce(n.retries, 4), 0) + 1 AS deliveries,
                         greatest(coalesce(n.retry_backoff, interval '1 s'), interval '0') AS backoff) a,
         LATERAL (SELECT CASE WHEN n.commit_interval IS NOT NULL OR n.delay > interval '0'
                              THEN clock_timestamp() + greatest(n.delay, interval '0') + coalesce(n.commit_interval, interval '0')
                              END AS due
                         OFFSET 0) d,
         LATERAL (SELECT CASE WHEN n.ordered THEN ${schema}.mq_job_group(coalesce(n.channel_args, '')) END AS grp) g
   ORDER BY n.place;
  PERFORM ${schema}.mq_notify_jobs(ARRAY(SELECT DISTINCT n.channel_name FROM unnest(new_messages) n),
                                   CASE WHEN EXISTS (SELECT FROM unnest(new_messages) n
                                                      WHERE n.commit_interval IS NOT NULL OR n.delay > interval '0')
                                        THEN -1 ELSE 0 END);
END
$body${tag}$;

-- Channels in which jobs wait, for whatever: one step in an index each. p_grouped: those in which any message of a group waits.
CREATE FUNCTION ${schema}.mq_waiting_job_channels(p_grouped boolean) RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_from text := '';
BEGIN
  IF p_grouped THEN
    LOOP
      v_from := (SELECT m.channel_name FROM ${schema}.mq_msgs m
                  WHERE m.channel_name >= v_from COLLATE "C" AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
                  ORDER BY m.channel_name LIMIT 1);
      EXIT WHEN v_from IS NULL;
      RETURN NEXT v_from;
      v_from := v_from || chr(1);
    END LOOP;
  ELSE
    LOOP
      v_from := (SELECT m.channel_name FROM ${schema}.mq_msgs m
                  WHERE m.channel_name >= v_from COLLATE "C" AND m.attempt_at IS NOT NULL AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                  ORDER BY m.channel_name LIMIT 1);
      EXIT WHEN v_from IS NULL;
      RETURN NEXT v_from;
      v_from := v_from || chr(1);
    END LOOP;
  END IF;
END
$body${tag}$;

-- Of the channels with ready jobs, and their arguments, the next p_limit from these on; p_channels null: of all channels. No text
-- lies between a text and the same with the first character behind it.
CREATE FUNCTION ${schema}.mq_ready_job_lanes(p_channels text[], p_channel text, p_args text, p_limit integer)
RETURNS TABLE (name text, args text)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_name text := p_channel;
  v_args text := p_args;
BEGIN
  FOR i IN 1..p_limit LOOP
    IF p_channels IS NULL THEN
      SELECT m.channel_name, m.channel_args INTO v_name, v_args FROM ${schema}.mq_msgs m
       WHERE (m.channel_name, m.channel_args) >= (v_name, v_args)
         AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
       ORDER BY m.channel_name, m.channel_args LIMIT 1;
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
-- max_retry_backoff: see mq_job_backoff.
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
  v_rest integer := greatest(batch_size, 0);
  v_place constant text[] := nullif(current_setting('sqlmq.poll_place', true), '')::text[];
  v_last text[] := v_place;
  v_wrapped boolean := v_place IS NULL;
  v_due constant text[] := ARRAY(
    SELECT c FROM ${schema}.mq_waiting_job_channels(false) AS c
     WHERE channel_names IS NULL OR c = ANY (channel_names) ORDER BY random());
  v_due_groups constant text[] := ARRAY(
    SELECT c FROM ${schema}.mq_waiting_job_channels(true) AS c
     WHERE channel_names IS NULL OR c = ANY (channel_names) ORDER BY random());
  v_ready integer := CASE WHEN random() < 0.5 THEN batch_size / 2 ELSE (batch_size + 1) / 2 END;  -- kept for ready jobs
  v_lanes text[];
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
  FOR v_pass IN 1..2 LOOP
    -- What is due, but for groups.
    WHILE v_rest > v_ready AND v_due <> '{}' LOOP
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
                        FROM unnest(v_due) AS c (name), LATERAL (
                          SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                 m.failure_count, m.max_deliveries, m.redelivery_policy
                            FROM ${schema}.mq_msgs m
                           WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL ORDER BY m.attempt_at, m.prio_rank, m.seq
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
          WITH leased AS (
            UPDATE ${schema}.mq_msgs m
               SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                     coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     max_retry_backoff),
                   delivery_count = least(m.delivery_count + 1, 1000000000),
                   failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                   lease_owner = -1, lease_token = -pg_backend_pid()
             WHERE m.channel_name = ANY (v_due) AND m.ctid = ANY (v_tids)
            RETURNING m.id, m.name, m.payload_json, m.payload_text, m.payload_bytes, m.retry_backoff, m.failure_count, m.seq)
          SELECT l.id, true, l.name, coalesce(l.payload_json::text, l.payload_text), l.payload_bytes,
                 ${schema}.mq_job_backoff(coalesce(l.retry_backoff, interval '1 s'), l.failure_count, max_retry_backoff), interval '0'
            FROM leased l ORDER BY l.seq;
      END IF;
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
            WITH leased AS (
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_group_channels) AND m.ctid = ANY (v_tids)
              RETURNING m.id, m.name, m.payload_json, m.payload_text, m.payload_bytes, m.retry_backoff, m.failure_count, m.seq)
            SELECT l.id, true, l.name, coalesce(l.payload_json::text, l.payload_text), l.payload_bytes,
                   ${schema}.mq_job_backoff(coalesce(l.retry_backoff, interval '1 s'), l.failure_count, max_retry_backoff), interval '0'
              FROM leased l ORDER BY l.seq;
        END IF;
      END IF;
      EXIT WHEN v_over IS NULL;
    END LOOP;

    -- What is ready, lane by lane.
    LOOP
      v_groups := '{}';
      v_group_channels := '{}';
      SELECT array_agg(l.name), array_agg(l.args) INTO v_lanes, v_args
        FROM ${schema}.mq_ready_job_lanes(channel_names, coalesce(v_last[1], ''), coalesce(v_last[2] || chr(1), ''), v_rest) l
       WHERE NOT v_wrapped OR v_place IS NULL OR (l.name COLLATE "C", l.args COLLATE "C") <= (v_place[1], v_place[2]);
      FOR v_row IN
        SELECT m.* FROM unnest(v_lanes, v_args) AS c (name, args), LATERAL (
          SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq, false AS leased FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.name AND m.channel_args = c.args AND m.slot IS NOT NULL
             AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY m.slot, m.prio_rank, m.seq LIMIT 1) m
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
            WITH leased AS (
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_group_channels) AND m.ctid = ANY (v_tids)
              RETURNING m.id, m.name, m.payload_json, m.payload_text, m.payload_bytes, m.retry_backoff, m.failure_count, m.seq)
            SELECT l.id, true, l.name, coalesce(l.payload_json::text, l.payload_text), l.payload_bytes,
                   ${schema}.mq_job_backoff(coalesce(l.retry_backoff, interval '1 s'), l.failure_count, max_retry_backoff), interval '0'
              FROM leased l ORDER BY l.seq;
        END IF;
      END IF;
      CONTINUE WHEN v_over IS NOT NULL;
      WHILE v_rest > 0 AND v_lanes IS NOT NULL LOOP
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
                          FROM unnest(v_lanes, v_args) AS c (name, args), LATERAL (
                            SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                   m.failure_count, m.max_deliveries, m.redelivery_policy
                              FROM ${schema}.mq_msgs m
                             WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.channel_args = c.args AND m.slot IS NULL AND m.attempt_at IS NULL ORDER BY m.prio_rank, m.seq
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
            WITH leased AS (
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_lanes) AND m.ctid = ANY (v_tids)
              RETURNING m.id, m.name, m.payload_json, m.payload_text, m.payload_bytes, m.retry_backoff, m.failure_count, m.seq)
            SELECT l.id, true, l.name, coalesce(l.payload_json::text, l.payload_text), l.payload_bytes,
                   ${schema}.mq_job_backoff(coalesce(l.retry_backoff, interval '1 s'), l.failure_count, max_retry_backoff), interval '0'
              FROM leased l ORDER BY l.seq;
        END IF;
        EXIT WHEN v_tids IS NULL AND v_over IS NULL;
      END LOOP;
      v_busy := v_busy OR (v_rest > 0 AND EXISTS (
        SELECT FROM unnest(v_lanes, v_args) AS c (name, args), LATERAL (
          SELECT FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.name AND m.channel_args = c.args AND m.slot IS NULL AND m.attempt_at IS NULL
             AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY m.prio_rank, m.seq LIMIT 1) m));
      IF v_lanes IS NOT NULL THEN
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
  PERFORM set_config('sqlmq.poll_place', v_last::text, false);

  IF v_rest = greatest(batch_size, 0) THEN
    RETURN QUERY
      SELECT NULL::uuid, NULL::boolean, NULL::text, NULL::text, NULL::bytea, NULL::interval,
             least(min(w.attempt_at) - statement_timestamp(), CASE WHEN v_busy THEN interval '1 s' END)
        FROM (
          SELECT m.attempt_at FROM unnest(v_due) AS c (name), LATERAL (
            SELECT m.attempt_at FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
               AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1) m
          UNION ALL
          SELECT m.attempt_at FROM unnest(v_due_groups) AS c (name), LATERAL (
            SELECT m.attempt_at FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
               AND m.slot IS NOT NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1) m) w;
  END IF;
END
$body${tag}$;

-- What is done to jobs by their ids. Nothing here waits for a window of a consumer, which has locked a job that was ready or due;
-- a job that somebody has polled is in no window, and is waited for, so that what its worker does at the same time on another
-- connection is not overtaken.

-- Deletes jobs: done, or not wanted any more. Left is what a consumer holds, by its lock or its lease.
CREATE FUNCTION ${schema}.mq_delete(msg_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count bigint;
  v_channels text[];
  v_more text[] := '{}';
BEGIN
  WITH gone AS (
    DELETE FROM ${schema}.mq_msgs m
     WHERE m.id = ANY (msg_ids) AND m.lease_owner = -1 AND m.attempt_at > statement_timestamp()
    RETURNING m.channel_name::text AS name, m.slot)
  SELECT count(*), array_agg(DISTINCT g.name) FILTER (WHERE g.slot IS NOT NULL) INTO v_count, v_channels FROM gone g;
  IF v_count < cardinality(msg_ids) THEN
    WITH gone AS (
      DELETE FROM ${schema}.mq_msgs m USING (
        SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
         WHERE s.id = ANY (msg_ids) AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
         FOR UPDATE SKIP LOCKED) l
       WHERE m.id = l.id AND m.channel_name = l.channel_name
      RETURNING m.channel_name::text AS name, m.slot)
    SELECT array_agg(DISTINCT g.name) FILTER (WHERE g.slot IS NOT NULL) INTO v_more FROM gone g;
  END IF;
  -- The next of their groups.
  PERFORM ${schema}.mq_notify_jobs(ARRAY(SELECT DISTINCT c FROM unnest(v_channels || v_more) AS c), 0);
END
$body${tag}$;

-- Commits positions that were reserved with a commit interval which is not over yet: the jobs are due when their delay is over. Time to
-- live counts from here on.
CREATE FUNCTION ${schema}.mq_commit(msg_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_channels text[];
BEGIN
  WITH committed AS (
    UPDATE ${schema}.mq_msgs m
       SET attempt_at = greatest(m.attempt_at - m.commit_interval, clock_timestamp()), commit_interval = NULL,
           expires_at = clock_timestamp() + (m.expiration - m.sent_at) * interval '1 millisecond'
      FROM (SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
             WHERE s.id = ANY (msg_ids) AND s.commit_interval IS NOT NULL AND s.attempt_at > statement_timestamp()
             ORDER BY s.id FOR UPDATE) l
     WHERE m.id = l.id AND m.channel_name = l.channel_name
    RETURNING m.channel_name::text AS name)
  SELECT array_agg(DISTINCT c.name) INTO v_channels FROM committed c;
  PERFORM ${schema}.mq_notify_jobs(v_channels, -1);
END
$body${tag}$;

-- For jobs that are worked on, and reserved positions: they have so much time at least from now on.
CREATE FUNCTION ${schema}.mq_keep_alive(msg_ids uuid[], duration interval) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = clock_timestamp() + duration,
         commit_interval = m.commit_interval + (clock_timestamp() + duration - m.attempt_at),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at ELSE clock_timestamp() + duration END
    FROM (SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
           WHERE s.id = ANY (msg_ids) AND (s.lease_owner = -1 OR s.commit_interval IS NOT NULL)
             AND s.attempt_at < clock_timestamp() + duration
           ORDER BY s.id FOR UPDATE SKIP LOCKED) l
   WHERE m.id = l.id AND m.channel_name = l.channel_name;
END
$body${tag}$;

-- For a job that is worked on: what it will be given at its next attempt, and how many attempts more it may have; null changes
-- nothing. As mq_keep_alive besides.
CREATE FUNCTION ${schema}.mq_checkpoint(
  msg_id uuid, duration interval, new_payload_json text, new_payload_bytes bytea, extra_retries integer)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  PERFORM FROM ${schema}.mq_msgs m
    WHERE m.id = msg_id AND m.lease_owner = -1 AND m.attempt_at > statement_timestamp() FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM FROM ${schema}.mq_msgs m
      WHERE m.id = msg_id AND m.name IS NOT NULL AND (m.lease_owner IS NULL OR m.lease_owner = -1) FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN;
    END IF;
  END IF;
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = greatest(m.attempt_at, clock_timestamp() + duration),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at
                           ELSE greatest(m.attempt_at, clock_timestamp() + duration) END,
         payload_json = coalesce(new_payload_json::jsonb, m.payload_json),
         payload_text = CASE WHEN new_payload_json IS NULL THEN m.payload_text END,
         payload_bytes = coalesce(new_payload_bytes, m.payload_bytes),
         max_deliveries = CASE WHEN coalesce(extra_retries, 0) = 0 THEN m.max_deliveries
           ELSE greatest(1, ${schema}.mq_job_deliveries(m.max_deliveries, m.redelivery_policy) + extra_retries) END,
         redelivery_policy = CASE WHEN coalesce(extra_retries, 0) = 0 THEN m.redelivery_policy
           ELSE ${schema}.mq_job_policy(
             greatest(1, ${schema}.mq_job_deliveries(m.max_deliveries, m.redelivery_policy) + extra_retries),
             coalesce(m.retry_backoff, interval '1 s')) END
   WHERE m.id = msg_id;
END
$body${tag}$;

-- Deletes the jobs of these channels, also those that are polled; null: none. Messages that are no jobs stay, and so do dead letters and
-- what a consumer holds.
CREATE FUNCTION ${schema}.mq_clear(channel_names text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  DELETE FROM ${schema}.mq_msgs m USING (
    SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
     WHERE s.channel_name = ANY (channel_names) AND s.name IS NOT NULL AND s.dead_origin IS NULL
       AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
     FOR UPDATE SKIP LOCKED) l
   WHERE m.id = l.id AND m.channel_name = l.channel_name;
END
$body${tag}$;

-- The same for all channels.
CREATE FUNCTION ${schema}.mq_clear_all() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  DELETE FROM ${schema}.mq_msgs m USING (
    SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
     WHERE s.name IS NOT NULL AND s.dead_origin IS NULL
       AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
     FOR UPDATE SKIP LOCKED) l
   WHERE m.id = l.id AND m.channel_name = l.channel_name;
END
$body${tag}$;
