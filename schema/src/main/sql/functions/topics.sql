-- Lock order: the subscription, then its topic; two topics by name.

-- Those of the topics whose subscriptions are still the ones of that version (0: none), those by patterns of the other.
CREATE FUNCTION ${schema}.mq_current_topics(p_topics text[], p_versions bigint[], p_patterns bigint[])
RETURNS SETOF text
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT p.topic FROM unnest(p_topics, p_versions, p_patterns) AS p (topic, version, patterns)
   WHERE p.version = coalesce((SELECT t.version FROM ${schema}.mq_topics t WHERE t.topic = p.topic), 0)
     AND p.patterns = coalesce((SELECT t.version FROM ${schema}.mq_topics t WHERE t.topic = ''), 0)
$body${tag}$;

-- Version and subscriptions of topics as one snapshot: a line without channel for a topic without subscriptions.
CREATE FUNCTION ${schema}.mq_topic_subscriptions(p_topics text[])
RETURNS TABLE (topic text, version bigint, channel text, durable boolean, selector text, no_local text, pattern text,
               to_queue boolean)
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT p.topic, coalesce(t.version, 0), s.channel, s.durable, s.selector, s.no_local, s.pattern, s.to_queue
    FROM unnest(p_topics) AS p (topic)
    LEFT JOIN ${schema}.mq_topics t ON t.topic = p.topic
    LEFT JOIN ${schema}.mq_subscriptions s ON s.topic = p.topic
$body${tag}$;

-- The subscriptions of the topic have changed. Holds the topic's lock until the transaction ends.
CREATE FUNCTION ${schema}.mq_topic_changed(p_topic text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  INSERT INTO ${schema}.mq_topics AS t (topic, version) VALUES (p_topic, nextval('${schemaText}.mq_topic_version'))
  ON CONFLICT (topic) DO UPDATE SET version = excluded.version;
  DELETE FROM ${schema}.mq_topics t
   WHERE t.topic = p_topic AND NOT EXISTS (SELECT FROM ${schema}.mq_subscriptions s WHERE s.topic = p_topic);
END
$body${tag}$;

-- Processes that hold client identifiers or subscriptions.
CREATE FUNCTION ${schema}.mq_topic_owners() RETURNS integer[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT ARRAY(SELECT s.owner FROM ${schema}.mq_subscribers s UNION SELECT c.owner FROM ${schema}.mq_clients c)
$body${tag}$;
