-- What a row that is put back cannot have -----------------------------------------------------------------------------------

-- Says which column of a row as JSON is one that mq_msgs cannot have.
CREATE FUNCTION ${schema}.mq_refuse_row(p_row jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_column record;
BEGIN
  FOR v_column IN
    SELECT a.attname AS name, p_row -> a.attname::text AS value, p_row ->> a.attname::text AS said,
           CASE WHEN a.attname = 'channel_name' THEN 'of up to 255 bytes'
                WHEN a.attname = 'grp' THEN 'of up to 512 bytes'
                WHEN a.attname = 'prio_rank' THEN '0 to 9'
                WHEN a.attname = 'seq' THEN 'a number greater than 0'
                WHEN a.attname IN ('delivery_count', 'failure_count') THEN '0 to 1000000000'
                WHEN a.attname = 'attempt_at' THEN 'a time, and not -infinity'
                WHEN a.attname IN ('properties', 'property_types') THEN 'a JSON object of up to 256 MB'
                WHEN a.attname = 'payload_json' THEN 'JSON of up to 256 MB'
                ELSE 'of the type ' || format_type(a.atttypid, NULL) END AS allowed
      FROM pg_attribute a
     WHERE a.attrelid = '${schemaText}.mq_msgs'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND p_row ? a.attname::text
     ORDER BY a.attnum
  LOOP
    BEGIN
      PERFORM jsonb_populate_record(NULL::${schema}.mq_msgs, jsonb_build_object(v_column.name, v_column.value));
    EXCEPTION WHEN data_exception OR check_violation THEN
      PERFORM ${schema}.mq_refuse(v_column.name || ' of p_row', v_column.said, v_column.allowed);
    END;
  END LOOP;
END
$body${tag}$;

-- Puts a row back that was taken out of mq_msgs or its unlogged table, say into a table of an operator's: SELECT mq_restore(to_jsonb(b))
-- FROM backup b ORDER BY seq. Never insert the old number again: consumers that run do not look where they have taken
-- everything. It comes at the end of its queue, ready unless it was delayed, in mq_msgs. Returns its id; null if a message with
-- that id is there.
CREATE OR REPLACE FUNCTION ${schema}.mq_restore(p_row jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs;
BEGIN
  IF num_nonnulls(p_row ->> 'id', p_row ->> 'channel_name') < 2 THEN
    PERFORM ${schema}.mq_refuse('p_row', p_row::text, 'a row of mq_msgs as JSON, with its id and channel_name');
  END IF;
  BEGIN
    v_row := jsonb_populate_record(NULL::${schema}.mq_msgs, p_row);
  EXCEPTION WHEN data_exception OR check_violation THEN
    PERFORM ${schema}.mq_refuse_row(p_row);
    RAISE;
  END;
  IF v_row.payload_id IS NOT NULL THEN
    -- A body that was shared is the row's own from here on.
    SELECT p.payload_text, p.payload_bytes INTO v_row.payload_text, v_row.payload_bytes
      FROM (SELECT * FROM ${schema}.mq_payloads UNION ALL SELECT * FROM ${schema}.mq_payloads_unlogged) p
     WHERE p.id = v_row.payload_id LIMIT 1;
    IF FOUND THEN
      v_row.message_id := coalesce(v_row.message_id, v_row.payload_id);
      v_row.payload_id := NULL;
    END IF;
  END IF;
  LOCK TABLE ${schema}.mq_msgs IN ROW EXCLUSIVE MODE;  -- before the clock is read
  v_row.seq := nextval('${schemaText}.mq_seq');
  v_row.prio_rank := coalesce(v_row.prio_rank, 5);
  v_row.delivery_count := coalesce(v_row.delivery_count, 0);
  v_row.failure_count := coalesce(v_row.failure_count, 0);
  IF v_row.lease_owner IS NOT NULL OR v_row.attempt_at <= clock_timestamp() OR NOT isfinite(v_row.attempt_at) THEN
    v_row.attempt_at := NULL;
  END IF;
  v_row.lease_owner := NULL;
  v_row.lease_token := NULL;
  v_row.set_aside := NULL;
  v_row.slot := CASE WHEN v_row.dead_origin IS NULL THEN ${schema}.mq_slot(v_row.grp) END;
  INSERT INTO ${schema}.mq_msgs VALUES (v_row.*) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[v_row.channel_name::text],
                              ARRAY[CASE WHEN v_row.attempt_at IS NULL THEN 0 ELSE -1 END]::bigint[]);
  RETURN v_row.id;
END
$body${tag}$;

-- Schedules from SQL --------------------------------------------------------------------------------------------------------

-- Refuses what is no cron expression: five fields, each *, a number, a range, one of these with a step, or a list. Processes read them
-- by the same rules, and know besides which never come.
CREATE FUNCTION ${schema}.mq_refuse_cron(p_cron text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_fields constant text[] := regexp_split_to_array(lower(btrim(p_cron, E' \t\n\r\f')), E'[ \t\n\r\f]+');
  v_names constant text[] := '{"","","",jan feb mar apr may jun jul aug sep oct nov dec,sun mon tue wed thu fri sat}';
  v_of constant text[] := '{minute,hour,day of the month,month,day of the week}';
  v_least constant integer[] := '{0,0,1,1,0}';
  v_most constant integer[] := '{59,23,31,12,7}';
  v_part text;
  v_match text[];
  v_from integer;
  v_to integer;
BEGIN
  IF cardinality(v_fields) IS DISTINCT FROM 5 THEN
    PERFORM ${schema}.mq_refuse('p_cron', p_cron, 'five fields: minute, hour, day of the month, month, day of the week');
  END IF;
  FOR i IN 1..5 LOOP
    FOREACH v_part IN ARRAY string_to_array(v_fields[i], ',') LOOP
      v_match := regexp_match(v_part, '^(?:[*]|([0-9]{1,4}|[a-z]{3})(?:-([0-9]{1,4}|[a-z]{3}))?)(?:/([0-9]{1,9}))?$');
      FOR j IN 1..2 LOOP
        IF v_match[j] ~ '^[a-z]' THEN
          v_match[j] := array_position(string_to_array(v_names[i], ' '), v_match[j]) - 1 + v_least[i];
        END IF;
      END LOOP;
      v_from := v_match[1];
      v_to := coalesce(v_match[2]::integer, v_from);
      IF v_match IS NULL OR v_match[3]::integer = 0 OR v_from < v_least[i] OR v_to > v_most[i] OR v_to < v_from
         OR (v_from IS NULL AND v_part NOT LIKE '*%') OR (v_match[2] IS NULL AND v_part LIKE '%-%') THEN
        PERFORM ${schema}.mq_refuse(
                  'the ' || v_of[i] || ' of p_cron', v_part,
                  format('*, numbers from %s to %s, ranges (1-5), steps (*/10), or a list of these with commas', v_least[i], v_most[i]));
      END IF;
    END LOOP;
  END LOOP;
END
$body${tag}$;

-- The id of the schedule of that name: version 3 of UUIDs, as the jobs in Java make it.
CREATE FUNCTION ${schema}.mq_schedule_id(p_name text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT encode(set_byte(set_byte(h, 6, get_byte(h, 6) & 15 | 48), 8, get_byte(h, 8) & 63 | 128), 'hex')::uuid
    FROM decode(md5(convert_to('sqlmq-jobs ' || p_name, 'UTF8')), 'hex') AS h
$body${tag}$;

-- Spawns a job whenever a cron expression is due in that time zone, as Jobs.schedule in Java: under an id of its own each time, by a
-- process that looks after schedules. The schedule is stored under its name, part of the caller's transaction: what says the same changes
-- nothing, what is different takes its place. The job is as for mq_insert, without an id and a commit interval; its delay counts from each
-- time. p_missed: how many jobs stand at most for the times at which no process was there; 0: none.
-- It is due when it was created, for whoever looks after it to find when it is due for the first time.
CREATE FUNCTION ${schema}.mq_schedule(
  p_name text, p_cron text, p_job ${schema}.mq_new_t, p_zone text DEFAULT 'UTC', p_missed integer DEFAULT 1) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_args constant text := coalesce(p_job.channel_args, '');
  v_retries constant integer := CASE WHEN p_job.retries < 0 THEN 2147483647 ELSE least(coalesce(p_job.retries, 4), 2147483646) + 1 END;
  v_backoff constant interval := least(greatest(coalesce(p_job.retry_backoff, interval '1 s'), interval '0'), interval '100 years');
BEGIN
  IF p_name IS NULL OR octet_length(p_name) NOT BETWEEN 1 AND 255 OR p_name ~ '[[:cntrl:]]' THEN
    PERFORM ${schema}.mq_refuse('p_name', p_name, 'the name of a schedule, of 1 to 255 bytes without control characters');
  END IF;
  PERFORM ${schema}.mq_refuse_cron(p_cron);
  IF p_zone IS NULL OR NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = p_zone) THEN
    PERFORM ${schema}.mq_refuse('p_zone', p_zone, 'the name of a time zone, such as Europe/Berlin or UTC');
  ELSIF (p_missed BETWEEN 0 AND 1000) IS NOT TRUE THEN
    PERFORM ${schema}.mq_refuse('p_missed', p_missed::text, '0 to 1000');
  ELSIF p_job.id IS NOT NULL THEN
    PERFORM ${schema}.mq_refuse('the id of p_job', p_job.id::text, 'null: each job that is spawned gets one of its own');
  ELSIF p_job.commit_interval IS NOT NULL THEN
    PERFORM ${schema}.mq_refuse('the commit_interval of p_job', p_job.commit_interval::text, 'null');
  ELSIF p_job.channel_name = '' THEN
    PERFORM ${schema}.mq_refuse('the channel_name of p_job', p_job.channel_name, 'the name of a queue');
  END IF;
  p_job.id := ${schema}.mq_schedule_id(p_name);
  PERFORM ${schema}.mq_refuse_job(p_job), p_job.payload_json::jsonb;
  INSERT INTO ${schema}.mq_schedules AS s (
    id, name, created_at, next_at, cron, zone, delay, period, repeats, channel_name, topic, senders, persistent, prio_rank, timestamped,
    time_to_live, jms_type, delivery_mode, properties, payload_text, payload_bytes)
  VALUES (
    p_job.id, p_name, statement_timestamp(), statement_timestamp(), p_cron, p_zone,
    extract(epoch FROM least(greatest(coalesce(p_job.delay, interval '0'), interval '0'), interval '100 years')) * 1000,
    0, 0, p_job.channel_name, false, '{}', true, 5, true, 0, p_job.name, 0,
    jsonb_build_object('sqlmq.job', jsonb_build_object(
        'arguments', v_args, 'group', CASE WHEN p_job.ordered THEN ${schema}.mq_job_group(v_args) END,
        'backoff', (extract(epoch FROM v_backoff) * 1000)::bigint, 'deliveries', v_retries)
      || CASE WHEN p_missed = 1 THEN '{}' ELSE jsonb_build_object('missed', p_missed) END),
    p_job.payload_json, p_job.payload_bytes)
  ON CONFLICT (id) DO UPDATE
     SET (name, created_at, next_at, last_error, cron, zone, delay, channel_name, prio_rank, jms_type, redelivery_policy, properties,
          payload_text, payload_bytes)
       = (excluded.name, excluded.created_at, excluded.next_at, NULL, excluded.cron, excluded.zone, excluded.delay,
          excluded.channel_name, excluded.prio_rank, excluded.jms_type, excluded.redelivery_policy, excluded.properties,
          excluded.payload_text, excluded.payload_bytes)
   WHERE (s.name, s.cron, s.zone, s.delay, s.channel_name, s.prio_rank, s.jms_type, s.redelivery_policy, s.properties, s.payload_text,
          s.payload_bytes) IS DISTINCT FROM
         (excluded.name, excluded.cron, excluded.zone, excluded.delay, excluded.channel_name, excluded.prio_rank, excluded.jms_type,
          excluded.redelivery_policy, excluded.properties, excluded.payload_text, excluded.payload_bytes);
  PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY['sqlmq-schedules'], ARRAY[0]);
END
$body${tag}$;

-- Ends a schedule; jobs that it has spawned stay. Returns whether there was one of that name.
CREATE FUNCTION ${schema}.mq_unschedule(p_name text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  DELETE FROM ${schema}.mq_schedules s WHERE s.id = ${schema}.mq_schedule_id(p_name);
  RETURN FOUND;
END
$body${tag}$;

-- Arrays may begin anywhere --------------------------------------------------------------------------------------------------

-- Sends text messages to a queue, in their order; part of the caller's transaction. Returns their JMSMessageIDs without the
-- ID: prefix. What is an array has an element for each message, or is null; the rest is for all. Time to live counts from now on;
-- p_reply_to is the name of a queue, or topic:// and that of a topic. A group is what JMSXGroupID among the properties says,
-- or p_groups. A delay is 100 years at most, and so is a time to live. If the property JMS_SQLMQ_DeduplicationId (or _AMQ_DUPL_ID) is that of an earlier message, nothing is sent, and
-- the id is that of the earlier message; identifiers given here hold for ten minutes.
CREATE OR REPLACE FUNCTION ${schema}.mq_send_many(
  p_queue text, p_texts text[], p_properties jsonb[] DEFAULT NULL, p_priority integer DEFAULT 4,
  p_delay interval DEFAULT interval '0', p_time_to_live interval DEFAULT NULL, p_correlation_ids text[] DEFAULT NULL,
  p_reply_to text DEFAULT NULL, p_type text DEFAULT NULL, p_groups text[] DEFAULT NULL)
RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids uuid[] := ARRAY(SELECT gen_random_uuid() FROM unnest(p_texts));
  v_first uuid[] := v_ids;
  v_now constant bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  v_wait constant interval := least(greatest(p_delay, interval '0'), interval '100 years');
  v_delay constant bigint := extract(epoch FROM v_wait) * 1000;
  v_ttl constant bigint := CASE WHEN p_time_to_live > interval '0'
                                THEN ceil(extract(epoch FROM least(p_time_to_live, interval '100 years')) * 1000) END;
  v_each record;
BEGIN
  IF (octet_length(p_queue) <= 255 AND strpos(p_queue, '://') = 0) IS NOT TRUE THEN
    PERFORM ${schema}.mq_refuse_queue('p_queue', p_queue);
  END IF;
  IF p_queue = '' THEN
    PERFORM ${schema}.mq_refuse('p_queue', p_queue, 'the name of a queue');
  ELSIF p_priority NOT BETWEEN 0 AND 9 THEN
    PERFORM ${schema}.mq_refuse('p_priority', p_priority::text, '0 to 9');
  ELSIF p_time_to_live < interval '0' THEN
    PERFORM ${schema}.mq_refuse('p_time_to_live', p_time_to_live::text, 'more than nothing, or null: for ever');
  ELSIF p_reply_to ~ '^((queue|topic|temp-queue|temp-topic)://)?$' OR octet_length(p_reply_to) > 268 THEN
    PERFORM ${schema}.mq_refuse('p_reply_to', p_reply_to, 'the name of a queue, or topic:// and that of a topic, or null');
  ELSIF cardinality(p_properties) <> cardinality(v_ids) THEN
    PERFORM ${schema}.mq_refuse(
              'the number of elements in p_properties', cardinality(p_properties)::text, cardinality(v_ids) || ', as in p_texts');
  ELSIF cardinality(p_correlation_ids) <> cardinality(v_ids) THEN
    PERFORM ${schema}.mq_refuse(
              'the number of elements in p_correlation_ids', cardinality(p_correlation_ids)::text, cardinality(v_ids) || ', as in p_texts');
  ELSIF cardinality(p_groups) <> cardinality(v_ids) THEN
    PERFORM ${schema}.mq_refuse(
              'the number of elements in p_groups', cardinality(p_groups)::text, cardinality(v_ids) || ', as in p_texts');
  END IF;
  IF p_properties IS NOT NULL THEN
    -- In an order that all have, so that none waits for another in a circle.
    FOR v_each IN
      SELECT p.properties, p.at, coalesce(p.properties ->> 'JMS_SQLMQ_DeduplicationId', p.properties ->> '_AMQ_DUPL_ID') COLLATE "C" AS dedup
        FROM unnest(p_properties) WITH ORDINALITY AS p (properties, at) ORDER BY dedup, p.at
    LOOP
      IF jsonb_typeof(v_each.properties) <> 'object' THEN
        PERFORM ${schema}.mq_refuse('p_properties', v_each.properties::text, 'JSON objects, or null');
      ELSIF octet_length(v_each.dedup) NOT BETWEEN 1 AND 2000 THEN
        PERFORM ${schema}.mq_refuse('the identifier for duplicates in p_properties', v_each.dedup, 'of 1 to 2000 bytes');
      ELSIF v_each.dedup IS NOT NULL THEN
        v_first[v_each.at] := ${schema}.mq_reserve_id(p_queue, v_each.dedup, v_ids[v_each.at], interval '10 min');
      END IF;
    END LOOP;
  END IF;
  INSERT INTO ${schema}.mq_msgs (id, channel_name, sent_at, prio_rank, attempt_at, delivery_time, expires_at, expiration,
                                 correlation_id, reply_to, jms_type, properties, payload_text, grp, slot)
  SELECT m.id, p_queue, v_now, 9 - coalesce(p_priority, 4),
         CASE WHEN v_delay > 0 THEN clock_timestamp() + v_wait END, CASE WHEN v_delay > 0 THEN v_now + v_delay END,
         clock_timestamp() + v_ttl * interval '1 millisecond', v_now + v_ttl,
         m.correlation_id, CASE WHEN p_reply_to ~ '^(queue|topic|temp-queue|temp-topic)://' THEN p_reply_to ELSE 'queue://' || p_reply_to END,
         p_type, g.properties, m.body, ${schema}.mq_group(g.properties), ${schema}.mq_slot(${schema}.mq_group(g.properties))
    FROM unnest(v_ids, v_first, p_texts, p_properties, p_correlation_ids, p_groups)
           AS m (id, first, body, properties, correlation_id, grp),
         LATERAL (SELECT CASE WHEN m.grp IS NULL THEN m.properties
                              ELSE coalesce(m.properties, '{}') || jsonb_build_object('JMSXGroupID', m.grp) END AS properties) g
   WHERE m.id = m.first;
  PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[p_queue], ARRAY[CASE WHEN v_delay > 0 THEN -1 ELSE 0 END]);
  RETURN QUERY SELECT unnest(v_first);
END
$body${tag}$;

-- Subscriptions that are gone ---------------------------------------------------------------------------------------------

-- Deletes rows of subscriptions that are gone, a bounded number; what is locked or leased is somebody's work still. A
-- channel is forgotten when no transaction runs that could still write to it. Channels without rows, as most are, cost no statements
-- of their own: there may be many, and each process sweeps often. Returns the number of rows deleted.
CREATE OR REPLACE FUNCTION ${schema}.mq_sweep_gone(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_channel text;
  v_left integer := p_limit;
  v_count integer;
BEGIN
  FOR v_channel IN
    SELECT g.channel FROM ${schema}.mq_gone_channels g
     WHERE coalesce(
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NOT NULL AND m.slot IS NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = g.channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = g.channel AND m.attempt_at IS NOT NULL LIMIT 1))
     ORDER BY g.gone_at LIMIT p_limit
  LOOP
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NOT NULL AND s.slot IS NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NULL AND s.slot IS NOT NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NOT NULL AND s.slot IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_channel AND s.attempt_at IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    EXIT WHEN v_left <= 0;
  END LOOP;
  DELETE FROM ${schema}.mq_gone_channels d WHERE d.channel = ANY (ARRAY(
    SELECT g.channel FROM ${schema}.mq_gone_channels g
     WHERE g.gone_at < statement_timestamp() - interval '60 s' AND g.xact < pg_snapshot_xmin(pg_current_snapshot())
       AND coalesce(
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NOT NULL AND m.slot IS NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = g.channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = g.channel AND m.attempt_at IS NOT NULL LIMIT 1)) IS NULL
     ORDER BY g.gone_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
  RETURN p_limit - v_left;
END
$body${tag}$;

-- What was granted before -------------------------------------------------------------------------------------------------

-- Roles go on with what mq_grant gave them: whoever was granted that function by name gets the new one, unless somebody has granted it
-- already.
DO $body${tag}$
DECLARE
  v_grant text;
BEGIN
  FOR v_grant IN
    SELECT format('GRANT EXECUTE ON FUNCTION %s TO %s', n.oid::regprocedure, a.grantee::regrole)
      FROM pg_catalog.pg_proc o
      CROSS JOIN LATERAL pg_catalog.aclexplode(o.proacl) AS a
      JOIN pg_catalog.pg_proc n ON n.pronamespace = o.pronamespace
     WHERE o.oid = '${schemaText}.mq_grant(text, text)'::regprocedure::oid AND a.grantee NOT IN (0, o.proowner)
       AND NOT EXISTS (SELECT true FROM pg_catalog.aclexplode(n.proacl) AS b WHERE b.grantee NOT IN (0, n.proowner))
  LOOP
    EXECUTE v_grant;
  END LOOP;
END
$body${tag}$;
