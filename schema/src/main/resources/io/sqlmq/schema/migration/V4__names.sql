-- What names of destinations can mean.

-- Queues and topics that are there by declaration: others cannot be used by factories with autoCreate=false.
CREATE TABLE ${schema}.mq_destinations (
  name       text COLLATE "C" NOT NULL CHECK (octet_length(name) <= 255),
  queue      boolean NOT NULL,               -- else it is a topic
  created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  PRIMARY KEY (name, queue)
);

-- From now on the queue gets what is published to the topic, or to those that match the pattern (then p_topic is '').
CREATE FUNCTION ${schema}.mq_bind_queue(p_queue text, p_topic text, p_pattern text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  INSERT INTO ${schema}.mq_subscriptions (channel, topic, client_id, shared, durable, pattern, to_queue)
  VALUES (p_queue, p_topic, '', true, true, p_pattern, true)
  ON CONFLICT (channel) DO NOTHING;
  IF FOUND THEN
    PERFORM ${schema}.mq_topic_changed(p_topic);
  END IF;
END
$body${tag}$;

-- Ends that. What is in the queue stays. Returns whether there was anything to end.
CREATE FUNCTION ${schema}.mq_unbind_queue(p_queue text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_topic text;
BEGIN
  DELETE FROM ${schema}.mq_subscriptions s WHERE s.channel = p_queue AND s.to_queue RETURNING s.topic INTO v_topic;
  IF v_topic IS NULL THEN
    RETURN false;
  END IF;
  PERFORM ${schema}.mq_topic_changed(v_topic);
  RETURN true;
END
$body${tag}$;

-- Queues with messages, and declared ones, whose names begin so; each is one step in the indexes, however many messages
-- it has. Channels of subscriptions and temporary queues are left out.
CREATE FUNCTION ${schema}.mq_queue_names(p_prefix text) RETURNS SETOF text
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  WITH RECURSIVE found (name) AS (
    SELECT least(
      (SELECT m.channel_name FROM ${schema}.mq_msgs m
        WHERE m.channel_name >= p_prefix COLLATE "C" AND m.attempt_at IS NULL AND m.slot IS NULL
        ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs m
        WHERE m.channel_name >= p_prefix COLLATE "C" AND m.attempt_at IS NOT NULL AND m.slot IS NULL
        ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs m
        WHERE m.channel_name >= p_prefix COLLATE "C" AND m.attempt_at IS NULL AND m.slot IS NOT NULL
        ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs m
        WHERE m.channel_name >= p_prefix COLLATE "C" AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
        ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs_unlogged m
        WHERE m.channel_name >= p_prefix COLLATE "C" AND m.attempt_at IS NULL AND m.slot IS NULL
        ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs_unlogged m
        WHERE m.channel_name >= p_prefix COLLATE "C" AND m.attempt_at IS NOT NULL ORDER BY m.channel_name LIMIT 1),
      (SELECT d.name FROM ${schema}.mq_destinations d
        WHERE d.name >= p_prefix COLLATE "C" AND d.queue ORDER BY d.name LIMIT 1))
    UNION ALL
    SELECT least(
      (SELECT m.channel_name FROM ${schema}.mq_msgs m
        WHERE m.channel_name > f.name AND m.attempt_at IS NULL AND m.slot IS NULL ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs m
        WHERE m.channel_name > f.name AND m.attempt_at IS NOT NULL AND m.slot IS NULL
        ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs m
        WHERE m.channel_name > f.name AND m.attempt_at IS NULL AND m.slot IS NOT NULL
        ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs m
        WHERE m.channel_name > f.name AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
        ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs_unlogged m
        WHERE m.channel_name > f.name AND m.attempt_at IS NULL AND m.slot IS NULL ORDER BY m.channel_name LIMIT 1),
      (SELECT m.channel_name FROM ${schema}.mq_msgs_unlogged m
        WHERE m.channel_name > f.name AND m.attempt_at IS NOT NULL ORDER BY m.channel_name LIMIT 1),
      (SELECT d.name FROM ${schema}.mq_destinations d WHERE d.name > f.name AND d.queue ORDER BY d.name LIMIT 1))
      FROM found f WHERE starts_with(f.name, p_prefix)
  )
  SELECT f.name FROM found f
   WHERE starts_with(f.name, p_prefix) AND f.name !~ '^(s:[0-9]+$|sqlmq-temp:)'
$body${tag}$;
