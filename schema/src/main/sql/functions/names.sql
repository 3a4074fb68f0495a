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
