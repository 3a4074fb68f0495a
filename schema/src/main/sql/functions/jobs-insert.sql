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
