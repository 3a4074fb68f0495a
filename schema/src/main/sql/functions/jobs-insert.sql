-- Refuses what is no job. What is null is refused by the code that sqlxmq's tables have for it. sqlxmq has a row of its own where the id is
-- nil. Arguments are in an index, whose entries are bounded.
CREATE FUNCTION ${schema}.mq_refuse_job(p_job ${schema}.mq_new_t) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_missing constant text := CASE WHEN p_job.id IS NULL THEN 'id' WHEN p_job.channel_name IS NULL THEN 'channel_name'
                                  WHEN p_job.name IS NULL THEN 'name' END;
BEGIN
  IF v_missing IS NOT NULL THEN
    RAISE not_null_violation USING MESSAGE = format('a job has no %s: %s', v_missing, coalesce(p_job.id::text, p_job.name, 'null')), COLUMN = v_missing;
  ELSIF p_job.id = '00000000-0000-0000-0000-000000000000' THEN
    RAISE unique_violation USING MESSAGE = 'the nil id is no id of a job', COLUMN = 'id';
  ELSIF octet_length(p_job.channel_name) > 255 THEN
    PERFORM ${schema}.mq_refuse(format('the channel_name of job %s', p_job.id), p_job.channel_name, '255 bytes long at most');
  ELSIF octet_length(p_job.channel_args) > 2000 THEN
    PERFORM ${schema}.mq_refuse(format('the channel_args of job %s', p_job.id), p_job.channel_args, '2000 bytes long at most');
  END IF;
END
$body${tag}$;

-- Adds jobs; they are part of the caller's transaction, and so are the notifications. Null is what sqlxmq's builder has: no
-- delay, 4 retries, 1 s, no arguments, no commit interval, not ordered. Negative retries never end, as in sqlxmq, whose builder makes -1
-- of the greatest number that it takes. Ordered jobs of a channel with the same arguments are a group, in which one that is delayed or not
-- committed yet holds up those behind it: for them delivery_time is null.
CREATE FUNCTION ${schema}.mq_insert(new_messages ${schema}.mq_new_t[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_now timestamptz;
  v_sent_at bigint;
  v_channels text[];
  v_due bigint;
  v_wrong boolean;
BEGIN
  SELECT array_agg(DISTINCT n.channel_name),
         CASE WHEN bool_or(n.commit_interval IS NOT NULL OR n.delay > interval '0') THEN -1 ELSE 0 END,
         bool_or((n.name IS NOT NULL AND octet_length(n.channel_name) <= 255 AND n.id <> '00000000-0000-0000-0000-000000000000'
                  AND octet_length(coalesce(n.channel_args, '')) <= 2000) IS NOT TRUE)
    INTO v_channels, v_due, v_wrong FROM unnest(new_messages) n;
  IF v_wrong THEN
    PERFORM ${schema}.mq_refuse_job(n::${schema}.mq_new_t) FROM unnest(new_messages) n;
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

-- Whether a job is ready or waits in a channel, or may wait in a group; for senders, who may not read the table.
CREATE FUNCTION ${schema}.mq_has_jobs(p_channel text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN coalesce(
    (SELECT true FROM ${schema}.mq_msgs m
      WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
      ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1),
    (SELECT true FROM ${schema}.mq_msgs m
      WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL AND m.slot IS NULL AND m.name IS NOT NULL
        AND m.dead_origin IS NULL
      ORDER BY m.attempt_at LIMIT 1),
    (SELECT bool_or(g.name IS NOT NULL) OR count(*) = 100
       FROM (SELECT m.name FROM ${schema}.mq_msgs m
              WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
              ORDER BY m.attempt_at LIMIT 100) g), false);
END
$body${tag}$;
