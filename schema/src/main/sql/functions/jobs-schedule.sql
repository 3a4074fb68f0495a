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
