-- Wakes consumers of other processes: channel by channel when somebody waits there, with the milliseconds until then; -1:
-- later, they have to look when.
CREATE FUNCTION ${schema}.mq_notify(p_topic text, p_owner integer, p_channels text[], p_due bigint[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT pg_notify(p_topic, c.due || ' ' || c.name) FROM unnest(p_channels, p_due) AS c (name, due)
   WHERE EXISTS (SELECT FROM ${schema}.mq_waiters w WHERE w.channel_name = c.name AND w.owner <> p_owner)
$body${tag}$;
