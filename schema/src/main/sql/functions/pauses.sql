-- Stops deliveries from a queue, to consumers, to jobs, and to those who poll; messages can be sent all the same. What is being
-- worked on goes on. When this is committed each process is told: it has the names of paused queues in memory, so that a claim need not
-- ask for them. Returns whether it was not paused yet.
CREATE FUNCTION ${schema}.mq_pause(p_channel text, p_reason text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_new boolean;
BEGIN
  PERFORM ${schema}.mq_refuse_queue('p_channel', p_channel);
  INSERT INTO ${schema}.mq_paused (channel_name, reason) VALUES (p_channel, p_reason) ON CONFLICT DO NOTHING;
  v_new := FOUND;
  IF NOT v_new AND p_reason IS NOT NULL THEN
    UPDATE ${schema}.mq_paused p SET reason = p_reason WHERE p.channel_name = p_channel;
  END IF;
  PERFORM pg_notify('sqlmq:' || md5('${schemaText}'), '0 sqlmq-pauses');
  RETURN v_new;
END
$body${tag}$;

-- Lets it go on, and wakes who waits; returns whether it was paused.
CREATE FUNCTION ${schema}.mq_resume(p_channel text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_paused boolean;
BEGIN
  DELETE FROM ${schema}.mq_paused p WHERE p.channel_name = p_channel;
  v_paused := FOUND;
  IF v_paused THEN
    PERFORM pg_notify('sqlmq:' || md5('${schemaText}'), '0 sqlmq-pauses'), ${schema}.mq_notify_jobs(ARRAY[p_channel], 0);
  END IF;
  RETURN v_paused;
END
$body${tag}$;
