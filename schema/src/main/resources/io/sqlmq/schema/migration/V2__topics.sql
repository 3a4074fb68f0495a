-- Topics. Each subscription is a channel of its own; publishing writes a row for each subscription that matches.

-- The version changes with every change of the topic's subscriptions, in the same transaction, and never comes again:
-- who publishes by a list of subscriptions that it has in memory writes only if the version is still that of the list.
-- A topic without subscriptions has no row. The row without a name is of the subscriptions to topics by a pattern.
CREATE SEQUENCE ${schema}.mq_topic_version AS bigint;
CREATE TABLE ${schema}.mq_topics (
  topic   text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL CHECK (version > 0)
);

-- channel is new for every incarnation, so that rows which are committed after an unsubscribe are never inherited.
CREATE SEQUENCE ${schema}.mq_subscription_seq AS bigint;
CREATE TABLE ${schema}.mq_subscriptions (
  channel    text COLLATE "C" PRIMARY KEY CHECK (octet_length(channel) <= 255),
  topic      text COLLATE "C" NOT NULL,
  name       text COLLATE "C",               -- null: of one non-durable consumer
  client_id  text COLLATE "C" NOT NULL,      -- '' where there is none
  shared     boolean NOT NULL,
  durable    boolean NOT NULL,
  selector   text,
  no_local   text,                           -- whose messages are left out
  pattern    text COLLATE "C",               -- topic is '': of all topics that match one of these, separated by commas
  to_queue   boolean NOT NULL DEFAULT false, -- channel is the queue of that name (a virtual topic's), nobody subscribes
  created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  CHECK (to_queue OR channel ~ '^s:[0-9]+$')
);
CREATE INDEX mq_subscriptions_topic ON ${schema}.mq_subscriptions (topic);
CREATE UNIQUE INDEX mq_subscriptions_name ON ${schema}.mq_subscriptions (client_id, name, durable)
  WHERE name IS NOT NULL;

-- The consumers of subscriptions: they live as long as their process (mq_owners).
CREATE TABLE ${schema}.mq_subscribers (
  channel  text COLLATE "C" NOT NULL,
  owner    integer NOT NULL,
  consumer bigint NOT NULL,
  PRIMARY KEY (channel, owner, consumer)
);
CREATE INDEX mq_subscribers_owner ON ${schema}.mq_subscribers (owner);

-- Client identifiers in use, each by one connection of a living process.
CREATE TABLE ${schema}.mq_clients (
  client_id text COLLATE "C" PRIMARY KEY,
  owner     integer NOT NULL,
  token     bigint NOT NULL
);
CREATE INDEX mq_clients_owner ON ${schema}.mq_clients (owner);

-- Channels of subscriptions that are gone, until nothing can be written to them any more and their rows are deleted.
CREATE TABLE ${schema}.mq_gone_channels (
  channel text COLLATE "C" PRIMARY KEY CHECK (channel ~ '^s:[0-9]+$'),
  gone_at timestamptz NOT NULL DEFAULT statement_timestamp() CHECK (isfinite(gone_at)),
  xact    xid8 NOT NULL DEFAULT pg_current_xact_id()
);

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

-- Deletes a subscription that the caller has locked.
CREATE FUNCTION ${schema}.mq_drop_subscription(p_channel text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_topic text;
BEGIN
  DELETE FROM ${schema}.mq_subscriptions s WHERE s.channel = p_channel RETURNING s.topic INTO v_topic;
  IF v_topic IS NOT NULL THEN
    DELETE FROM ${schema}.mq_subscribers s WHERE s.channel = p_channel;
    INSERT INTO ${schema}.mq_gone_channels (channel) VALUES (p_channel);
    PERFORM ${schema}.mq_topic_changed(v_topic);
  END IF;
END
$body${tag}$;

-- Whether the process holds its advisory lock, of the class p_locks.
CREATE FUNCTION ${schema}.mq_holds_lock(p_owner bigint, p_locks bigint) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l
                  WHERE l.locktype = 'advisory' AND l.classid::bigint = p_locks AND l.objid::bigint = p_owner
                    AND l.objsubid = 2
                    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
$body${tag}$;

-- Which of these processes are gone: their heartbeat is over (certain), or they promised to hold an advisory lock of
-- the class p_locks and do not (certain if that lasts: they may be about to come back). One that holds it, and of which
-- somebody has deleted the row, lives, and puts it back.
CREATE FUNCTION ${schema}.mq_missing_owners(p_owners integer[], p_locks bigint)
RETURNS TABLE (owner integer, certain boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT p.owner, o.owner IS NULL OR o.alive_until < statement_timestamp()
    FROM unnest(p_owners) AS p (owner) LEFT JOIN ${schema}.mq_owners o ON o.owner = p.owner
   WHERE o.alive_until < statement_timestamp()
      OR ((o.owner IS NULL
           OR o.listening AND pg_postmaster_start_time() < statement_timestamp() - interval '15 s')
          AND NOT ${schema}.mq_holds_lock(p.owner, p_locks))
$body${tag}$;

-- Adds a consumer to a subscription, which is created if need be. Returns its channel, or why not:
--   active   an unshared subscription has its consumer (holders: the processes that have it)
--   sharing  the name is that of a subscription of the other kind, shared or unshared
--   differs  the subscription is for another topic or selector and has consumers (holders)
CREATE FUNCTION ${schema}.mq_subscribe(
  p_topic text, p_pattern text, p_name text, p_client_id text, p_shared boolean, p_durable boolean, p_selector text, p_no_local text,
  p_owner integer, p_consumer bigint)
RETURNS TABLE (channel text, refusal text, holders integer[])
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_known ${schema}.mq_subscriptions;
  v_channel text;
  v_holders integer[];
BEGIN
  LOOP
    IF p_name IS NOT NULL THEN
      SELECT s.* INTO v_known FROM ${schema}.mq_subscriptions s
       WHERE s.client_id = p_client_id AND s.name = p_name AND s.durable = p_durable FOR UPDATE;
    END IF;
    IF v_known.channel IS NOT NULL THEN
      v_holders := ARRAY(SELECT DISTINCT s.owner FROM ${schema}.mq_subscribers s WHERE s.channel = v_known.channel);
      IF v_known.shared <> p_shared THEN
        RETURN QUERY SELECT NULL::text, 'sharing', v_holders;
        RETURN;
      ELSIF NOT p_shared AND v_holders <> '{}' THEN
        RETURN QUERY SELECT NULL::text, 'active', v_holders;
        RETURN;
      ELSIF v_known.topic = p_topic AND v_known.pattern IS NOT DISTINCT FROM p_pattern
            AND v_known.selector IS NOT DISTINCT FROM p_selector
            AND v_known.no_local IS NOT DISTINCT FROM p_no_local THEN
        v_channel := v_known.channel;
      ELSIF v_holders <> '{}' THEN
        RETURN QUERY SELECT NULL::text, 'differs', v_holders;
        RETURN;
      ELSE
        IF v_known.topic > p_topic THEN
          -- The order of locks; the version changes once more below.
          PERFORM ${schema}.mq_topic_changed(p_topic);
        END IF;
        PERFORM ${schema}.mq_drop_subscription(v_known.channel);
      END IF;
    END IF;
    IF v_channel IS NULL THEN
      INSERT INTO ${schema}.mq_subscriptions
        (channel, topic, name, client_id, shared, durable, selector, no_local, pattern)
      VALUES ('s:' || nextval('${schemaText}.mq_subscription_seq'), p_topic, p_name, p_client_id, p_shared, p_durable,
              p_selector, p_no_local, p_pattern)
      ON CONFLICT (client_id, name, durable) WHERE name IS NOT NULL DO NOTHING
      RETURNING mq_subscriptions.channel INTO v_channel;
      CONTINUE WHEN v_channel IS NULL;
      PERFORM ${schema}.mq_topic_changed(p_topic);
    END IF;
    INSERT INTO ${schema}.mq_subscribers (channel, owner, consumer) VALUES (v_channel, p_owner, p_consumer);
    RETURN QUERY SELECT v_channel, NULL::text, NULL::integer[];
    RETURN;
  END LOOP;
END
$body${tag}$;

-- Puts a consumer back that was taken off its subscription by others, who took its process for dead, or by hand. Returns
-- whether it could be: not when the subscription is gone, or unshared and in other hands.
CREATE FUNCTION ${schema}.mq_return_to_subscription(p_channel text, p_owner integer, p_consumer bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_shared boolean;
BEGIN
  SELECT s.shared INTO v_shared FROM ${schema}.mq_subscriptions s WHERE s.channel = p_channel FOR UPDATE;
  IF NOT FOUND OR NOT v_shared AND EXISTS (SELECT FROM ${schema}.mq_subscribers s WHERE s.channel = p_channel) THEN
    RETURN false;
  END IF;
  INSERT INTO ${schema}.mq_subscribers (channel, owner, consumer) VALUES (p_channel, p_owner, p_consumer)
  ON CONFLICT DO NOTHING;
  RETURN true;
END
$body${tag}$;

-- Takes consumers off a subscription; one that is not durable goes with its last consumer. p_consumer null: all of
-- the owner's.
CREATE FUNCTION ${schema}.mq_leave_subscription(p_channel text, p_owner integer, p_consumer bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_durable boolean;
BEGIN
  SELECT s.durable INTO v_durable FROM ${schema}.mq_subscriptions s WHERE s.channel = p_channel FOR UPDATE;
  DELETE FROM ${schema}.mq_subscribers s
   WHERE s.channel = p_channel AND s.owner = p_owner AND (p_consumer IS NULL OR s.consumer = p_consumer);
  IF NOT v_durable AND NOT EXISTS (SELECT FROM ${schema}.mq_subscribers s WHERE s.channel = p_channel) THEN
    PERFORM ${schema}.mq_drop_subscription(p_channel);
  END IF;
END
$body${tag}$;

-- Deletes a durable subscription. found: there is one; holders: not deleted, because these processes consume from it.
CREATE FUNCTION ${schema}.mq_unsubscribe(p_name text, p_client_id text)
RETURNS TABLE (found boolean, holders integer[])
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_channel text;
  v_holders integer[];
BEGIN
  SELECT s.channel INTO v_channel FROM ${schema}.mq_subscriptions s
   WHERE s.client_id = p_client_id AND s.name = p_name AND s.durable FOR UPDATE;
  v_holders := ARRAY(SELECT DISTINCT s.owner FROM ${schema}.mq_subscribers s WHERE s.channel = v_channel);
  IF v_channel IS NOT NULL AND v_holders = '{}' THEN
    PERFORM ${schema}.mq_drop_subscription(v_channel);
  END IF;
  RETURN QUERY SELECT v_channel IS NOT NULL, v_holders;
END
$body${tag}$;

-- Takes a client identifier; returns null, or the process that has it.
CREATE FUNCTION ${schema}.mq_take_client(p_client_id text, p_owner integer, p_token bigint) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_holder integer;
BEGIN
  LOOP
    INSERT INTO ${schema}.mq_clients (client_id, owner, token) VALUES (p_client_id, p_owner, p_token)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
      RETURN NULL;
    END IF;
    SELECT c.owner INTO v_holder FROM ${schema}.mq_clients c WHERE c.client_id = p_client_id;
    IF FOUND THEN
      RETURN v_holder;
    END IF;
  END LOOP;
END
$body${tag}$;

-- Processes that hold client identifiers or subscriptions.
CREATE FUNCTION ${schema}.mq_topic_owners() RETURNS integer[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT ARRAY(SELECT s.owner FROM ${schema}.mq_subscribers s UNION SELECT c.owner FROM ${schema}.mq_clients c)
$body${tag}$;

-- Deletes rows of subscriptions that are gone, a bounded number; what is locked or leased is somebody's work still. A
-- channel is forgotten when no transaction runs that could still write to it. Returns the number of rows deleted.
CREATE FUNCTION ${schema}.mq_sweep_gone(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_gone record;
  v_left integer := p_limit;
  v_count integer;
BEGIN
  FOR v_gone IN
    SELECT g.channel, g.gone_at < statement_timestamp() - interval '60 s'
             AND g.xact < pg_snapshot_xmin(pg_current_snapshot()) AS settled
      FROM ${schema}.mq_gone_channels g ORDER BY g.gone_at LIMIT p_limit
  LOOP
    DELETE FROM ${schema}.mq_msgs m WHERE m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL AND s.slot IS NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NOT NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL AND s.slot IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    EXIT WHEN v_left <= 0;
    IF v_gone.settled
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NULL AND m.slot IS NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NOT NULL AND m.slot IS NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NULL AND m.slot IS NULL)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                        WHERE m.channel_name = v_gone.channel AND m.attempt_at IS NOT NULL) THEN
      DELETE FROM ${schema}.mq_gone_channels g WHERE g.channel = v_gone.channel;
    END IF;
  END LOOP;
  RETURN p_limit - v_left;
END
$body${tag}$;

-- The first and the last id that a row with this shared body can have. They are told by their ids, so that the primary
-- key finds them and no further index has to be written for each row.
CREATE FUNCTION ${schema}.mq_first_copy(p_payload uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$ SELECT (pg_catalog.left(p_payload::text, -5) || '00000'::text)::uuid $body${tag}$;

CREATE FUNCTION ${schema}.mq_last_copy(p_payload uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$ SELECT (pg_catalog.left(p_payload::text, -5) || 'fffff'::text)::uuid $body${tag}$;

-- Deletes those of the shared bodies to which no row refers. To be called when the transactions that deleted the rows
-- are over: of two that delete the last rows at the same time, neither sees that the other does.
CREATE FUNCTION ${schema}.mq_drop_payloads(p_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off SET enable_memoize = off SET jit = off SET plan_cache_mode = force_generic_plan
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  DELETE FROM ${schema}.mq_payloads p WHERE p.id = ANY (p_ids)
     AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs m
                      WHERE m.id BETWEEN ${schema}.mq_first_copy(p.id) AND ${schema}.mq_last_copy(p.id)
                        AND m.payload_id = p.id);
  DELETE FROM ${schema}.mq_payloads_unlogged p WHERE p.id = ANY (p_ids)
     AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                      WHERE m.id BETWEEN ${schema}.mq_first_copy(p.id) AND ${schema}.mq_last_copy(p.id)
                        AND m.payload_id = p.id);
END
$body${tag}$;

-- The slow sweep over shared bodies: the next p_limit of either table after p_after. Returns where to go on; null: the
-- end was reached.
CREATE FUNCTION ${schema}.mq_sweep_payloads(p_after uuid, p_limit integer) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids uuid[];
BEGIN
  v_ids := ARRAY(
    SELECT u.id FROM (
      (SELECT p.id FROM ${schema}.mq_payloads p WHERE p.id > p_after ORDER BY p.id LIMIT p_limit)
      UNION (SELECT p.id FROM ${schema}.mq_payloads_unlogged p WHERE p.id > p_after ORDER BY p.id LIMIT p_limit)) u
     ORDER BY u.id LIMIT p_limit);
  PERFORM ${schema}.mq_drop_payloads(v_ids);
  RETURN CASE WHEN cardinality(v_ids) = p_limit THEN v_ids[p_limit] END;
END
$body${tag}$;

-- For operators.
CREATE VIEW ${schema}.mq_topic_subscribers AS
  SELECT coalesce(s.pattern, s.topic) AS topic, s.name AS subscription, nullif(s.client_id, '') AS client_id, s.shared, s.durable, s.selector,
         s.channel AS queue, s.created_at,
         (SELECT count(*) FROM ${schema}.mq_subscribers c WHERE c.channel = s.channel) AS consumers
    FROM ${schema}.mq_subscriptions s;
