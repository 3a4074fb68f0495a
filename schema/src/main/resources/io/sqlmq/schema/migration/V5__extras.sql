-- Repeated deliveries, and identifiers by which senders avoid duplicates.

-- Messages that are delivered again and again (AMQ_SCHEDULED_PERIOD, _REPEAT, _CRON). Whoever finds one that is due locks
-- its row, and in one transaction sends a message as it says and sets the next time, or deletes it.
CREATE TABLE ${schema}.mq_schedules (
  id                uuid PRIMARY KEY,       -- JMSMessageID of the send that made it
  parent_id         uuid,                   -- the cron schedule that this series belongs to
  next_at           timestamptz NOT NULL,   -- infinity: it is set aside, since it cannot be sent; see last_error
  cron              text,
  zone              text,                   -- the time zone of cron: that of the sender
  delay             bigint NOT NULL         -- ms; with cron: how much later the first message of each series comes
                    CHECK (delay BETWEEN 0 AND 3155760000000),
  period            bigint NOT NULL         -- ms; 100 years at most
                    CHECK (period BETWEEN 0 AND 3155760000000),
  repeats           integer NOT NULL,       -- how many follow the next one, -1: no end; with cron: in each series
  created_at        timestamptz NOT NULL DEFAULT statement_timestamp(),
  last_error        text,
  -- What is sent: as in mq_msgs, but with times that run from each sending.
  channel_name      text COLLATE "C" NOT NULL  -- the queue or topic
                    CHECK (octet_length(channel_name) BETWEEN 1 AND 255),
  topic             boolean NOT NULL,
  senders           text[] NOT NULL,        -- what noLocal subscriptions call the sender
  persistent        boolean NOT NULL,
  prio_rank         smallint NOT NULL CHECK (prio_rank BETWEEN 0 AND 9),
  timestamped       boolean NOT NULL,
  time_to_live      bigint NOT NULL CHECK (time_to_live >= 0),  -- ms, 0: for ever
  message_id        uuid,
  destination       text,
  reply_to          text,
  correlation_id    text,
  jms_type          text,
  redelivery_policy text,
  delivery_mode     smallint NOT NULL,
  properties        jsonb CHECK (jsonb_typeof(properties) = 'object'),
  property_types    jsonb CHECK (jsonb_typeof(property_types) = 'object'),
  body_type         text,
  payload_text      text,
  payload_bytes     bytea,
  CHECK (next_at > '-infinity' AND (next_at < 'infinity' OR last_error IS NOT NULL)),
  CHECK (repeats = 0 OR period >= 10),
  CHECK (repeats >= CASE WHEN cron IS NULL THEN -1 ELSE 0 END)
);
CREATE INDEX mq_schedules_next ON ${schema}.mq_schedules (next_at);
CREATE INDEX mq_schedules_parent ON ${schema}.mq_schedules (parent_id) WHERE parent_id IS NOT NULL;

-- Locks schedules that are due, a bounded number, and returns them with the server's time in ms: as many as have together
-- so many bytes (p_bytes), but one at least. What is larger than p_most is set aside. p_only: none but these, if it is not
-- null; p_except: none of these.
CREATE FUNCTION ${schema}.mq_due_schedules(
  p_limit integer, p_bytes bigint, p_most bigint, p_only uuid[], p_except uuid[])
RETURNS TABLE (server_now bigint, due bigint, schedule ${schema}.mq_schedules)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids uuid[] := '{}';
  v_bytes bigint := 0;
  v_row record;
BEGIN
  FOR v_row IN
    SELECT s.id, coalesce(octet_length(s.payload_text), 0)::bigint + coalesce(octet_length(s.payload_bytes), 0)
                 + coalesce(pg_column_size(s.properties), 0) AS size
      FROM ${schema}.mq_schedules s
     WHERE s.next_at <= statement_timestamp() AND s.id <> ALL (p_except) AND (p_only IS NULL OR s.id = ANY (p_only))
     ORDER BY s.next_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  LOOP
    IF v_row.size > p_most THEN
      UPDATE ${schema}.mq_schedules s
         SET next_at = 'infinity', last_error = format('its message has %s bytes, more than a quarter of the heap of the '
                                                       'process that was to send it', v_row.size)
       WHERE s.id = v_row.id;
    ELSE
      v_bytes := v_bytes + v_row.size;
      EXIT WHEN v_bytes > p_bytes AND v_ids <> '{}';
      v_ids := v_ids || v_row.id;
    END IF;
  END LOOP;
  -- As they are now that they are locked, and only these with their bodies.
  RETURN QUERY
    SELECT floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint,
           floor(extract(epoch FROM s.next_at) * 1000)::bigint, s
      FROM ${schema}.mq_schedules s WHERE s.id = ANY (v_ids) ORDER BY s.next_at, s.id;
END
$body${tag}$;

-- In how many milliseconds the next schedule is due, but for those of p_except; null: there is none, or none that the caller
-- may send.
CREATE FUNCTION ${schema}.mq_next_schedule(p_except uuid[]) RETURNS double precision
LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT extract(epoch FROM s.next_at - statement_timestamp()) * 1000
    FROM ${schema}.mq_schedules s
   WHERE s.next_at < 'infinity' AND s.id <> ALL (p_except) AND has_table_privilege('${schemaText}.mq_msgs', 'INSERT')
   ORDER BY s.next_at LIMIT 1
$body${tag}$;

-- For operators: what will be sent, where and when.
CREATE VIEW ${schema}.mq_scheduled AS
  SELECT s.id, s.parent_id, CASE WHEN s.topic THEN 'topic://' ELSE 'queue://' END || s.channel_name AS destination,
         nullif(s.next_at, 'infinity') AS next_at, s.cron, s.zone, s.delay * interval '1 millisecond' AS delay,
         s.period * interval '1 millisecond' AS period, nullif(s.repeats, -1) AS repeats, s.created_at, s.last_error,
         s.properties, coalesce(s.body_type, 'text') AS body_type, s.payload_text AS body
    FROM ${schema}.mq_schedules s;

-- Identifiers that senders gave to messages, so that another message with the same one is dropped.
CREATE TABLE ${schema}.mq_dedup (
  channel_name text COLLATE "C" NOT NULL,   -- the queue; topic:// and the name of a topic
  dedup_id     text COLLATE "C" NOT NULL,
  message_id   uuid NOT NULL,               -- the message that has it
  until        timestamptz NOT NULL,
  PRIMARY KEY (channel_name, dedup_id)
);
CREATE INDEX mq_dedup_until ON ${schema}.mq_dedup (until);

-- Gives identifiers to messages, for so many ms, unless others have them; waits for transactions that may be giving
-- them. In one order, so that senders do not deadlock.
CREATE FUNCTION ${schema}.mq_reserve_ids(p_channels text[], p_dedup_ids text[], p_messages uuid[], p_millis bigint[])
RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  INSERT INTO ${schema}.mq_dedup AS d (channel_name, dedup_id, message_id, until)
  SELECT DISTINCT ON (p.channel COLLATE "C", p.dedup_id COLLATE "C")
         p.channel, p.dedup_id, p.message, statement_timestamp() + p.millis * interval '1 millisecond'
    FROM unnest(p_channels, p_dedup_ids, p_messages, p_millis) WITH ORDINALITY
           AS p (channel, dedup_id, message, millis, place)
   ORDER BY p.channel COLLATE "C", p.dedup_id COLLATE "C", p.place
  ON CONFLICT (channel_name, dedup_id) DO UPDATE SET message_id = excluded.message_id, until = excluded.until
   WHERE d.until <= statement_timestamp()
$body${tag}$;

-- The same for one message; returns the message that has the identifier.
CREATE FUNCTION ${schema}.mq_reserve_id(p_channel text, p_dedup_id text, p_message uuid, p_window interval) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_message uuid;
BEGIN
  LOOP
    PERFORM ${schema}.mq_reserve_ids(ARRAY[p_channel], ARRAY[p_dedup_id], ARRAY[p_message],
                                     ARRAY[(extract(epoch FROM p_window) * 1000)::bigint]);
    SELECT d.message_id INTO v_message FROM ${schema}.mq_dedup d
     WHERE d.channel_name = p_channel AND d.dedup_id = p_dedup_id;
    IF FOUND THEN
      RETURN v_message;
    END IF;  -- its time was over, and it was swept just now
  END LOOP;
END
$body${tag}$;

-- Deletes again what was written of messages that did not get their identifiers, and returns these messages. Row i was
-- written for message p_of[i]. With the rights of the owner, so that senders need none to delete: what is deleted was written by
-- this transaction, for it is visible and its writer runs.
CREATE FUNCTION ${schema}.mq_drop_duplicates(
  p_channels text[], p_dedup_ids text[], p_messages uuid[], p_rows uuid[], p_row_channels text[], p_of uuid[])
RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_duplicates uuid[];
BEGIN
  v_duplicates := ARRAY(
    SELECT p.message FROM unnest(p_channels, p_dedup_ids, p_messages) AS p (channel, dedup_id, message)
     WHERE NOT EXISTS (SELECT FROM ${schema}.mq_dedup d
                        WHERE d.channel_name = p.channel AND d.dedup_id = p.dedup_id AND d.message_id = p.message));
  IF v_duplicates <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs m USING unnest(p_rows, p_row_channels, p_of) AS r (id, channel, message)
     WHERE m.id = r.id AND m.channel_name = r.channel AND r.message = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_msgs_unlogged m USING unnest(p_rows, p_row_channels, p_of) AS r (id, channel, message)
     WHERE m.id = r.id AND m.channel_name = r.channel AND r.message = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_payloads p WHERE p.id = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(p.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_payloads_unlogged p WHERE p.id = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(p.xmin)) = 'in progress';
    DELETE FROM ${schema}.mq_schedules s WHERE s.id = ANY (v_duplicates)
       AND pg_xact_status(${schema}.mq_locker(s.xmin)) = 'in progress';
  END IF;
  RETURN QUERY SELECT unnest(v_duplicates);
END
$body${tag}$;

-- Forgets identifiers whose time is over, a bounded number; returns how many.
CREATE FUNCTION ${schema}.mq_sweep_dedup(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer;
BEGIN
  DELETE FROM ${schema}.mq_dedup d WHERE d.ctid = ANY (ARRAY(
    SELECT s.ctid FROM ${schema}.mq_dedup s
     WHERE s.until <= statement_timestamp() ORDER BY s.until LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$body${tag}$;

-- How many messages a channel has, as far as p_limit.
CREATE FUNCTION ${schema}.mq_depth(p_channel text, p_limit bigint) RETURNS bigint
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_depth bigint;
BEGIN
  v_depth := (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT p_limit) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL LIMIT p_limit - v_depth) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL AND m.slot IS NULL LIMIT p_limit - v_depth) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL LIMIT p_limit - v_depth) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs_unlogged m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT p_limit - v_depth) l);
  v_depth := v_depth + (SELECT count(*) FROM (
    SELECT FROM ${schema}.mq_msgs_unlogged m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL LIMIT p_limit - v_depth) l);
  RETURN v_depth;
END
$body${tag}$;

-- Which process has the exclusive consumer of a queue; it lives as long as that (mq_owners).
CREATE TABLE ${schema}.mq_exclusives (
  channel_name text COLLATE "C" PRIMARY KEY CHECK (octet_length(channel_name) <= 255),
  owner        integer NOT NULL
);

-- Takes a queue for a process if no other has it; returns the process that has it.
CREATE FUNCTION ${schema}.mq_take_exclusive(p_channel text, p_owner integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_holder integer;
BEGIN
  LOOP
    SELECT e.owner INTO v_holder FROM ${schema}.mq_exclusives e WHERE e.channel_name = p_channel;
    IF FOUND THEN
      RETURN v_holder;
    END IF;
    INSERT INTO ${schema}.mq_exclusives (channel_name, owner) VALUES (p_channel, p_owner)
    ON CONFLICT DO NOTHING;
  END LOOP;
END
$body${tag}$;

-- Temporary channels: what is left in them when they are no more.
CREATE INDEX mq_schedules_temporary ON ${schema}.mq_schedules (channel_name)
  WHERE channel_name >= 'sqlmq-temp:' AND channel_name < 'sqlmq-temp;';

-- The first temporary channel with messages or schedules from this name on: one step in each index.
CREATE FUNCTION ${schema}.mq_next_temporary(p_from text) RETURNS text
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT least(
    (SELECT m.channel_name FROM ${schema}.mq_msgs m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NULL AND m.slot IS NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NOT NULL AND m.slot IS NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NULL AND m.slot IS NOT NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs_unlogged m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NULL AND m.slot IS NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs_unlogged m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NOT NULL AND m.slot IS NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_schedules m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.channel_name >= 'sqlmq-temp:'
      ORDER BY m.channel_name LIMIT 1))
$body${tag}$;

-- All of them with names from p_first to before p_end.
CREATE FUNCTION ${schema}.mq_temporary_names(p_first text, p_end text) RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_name text := ${schema}.mq_next_temporary(p_first);
BEGIN
  WHILE v_name < p_end COLLATE "C" LOOP
    RETURN NEXT v_name;
    v_name := ${schema}.mq_next_temporary(v_name || chr(1));
  END LOOP;
END
$body${tag}$;

-- The processes of temporary channels with messages or schedules that are gone: without a row, and without the advisory
-- lock of the class p_locks.
CREATE FUNCTION ${schema}.mq_gone_temporary_owners(p_locks bigint) RETURNS SETOF integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_name text := ${schema}.mq_next_temporary('sqlmq-temp:');
  v_owner text;
BEGIN
  WHILE v_name IS NOT NULL LOOP
    v_owner := substring(v_name FROM '^sqlmq-temp:([1-9][0-9]{0,9}):');
    IF v_owner IS NULL OR v_owner::bigint > 2147483647 THEN  -- not ours
      v_name := ${schema}.mq_next_temporary(v_name || chr(1));
      CONTINUE;
    END IF;
    IF NOT EXISTS (SELECT FROM ${schema}.mq_owners o
                    WHERE o.owner = v_owner::bigint AND o.alive_until > statement_timestamp() - interval '60 s')
       AND (EXISTS (SELECT FROM ${schema}.mq_owners o WHERE o.owner = v_owner::bigint)
         OR NOT ${schema}.mq_holds_lock(v_owner::bigint, p_locks)) THEN
      RETURN NEXT v_owner::bigint;
    END IF;
    v_name := ${schema}.mq_next_temporary('sqlmq-temp:' || v_owner || ';');
  END LOOP;
END
$body${tag}$;

-- Deletes what is in the temporary channels of these processes. What somebody holds is left to the next sweep.
CREATE FUNCTION ${schema}.mq_sweep_temporaries(p_owners integer[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_owner integer;
  v_first text;
  v_end text;
BEGIN
  FOREACH v_owner IN ARRAY p_owners LOOP
    v_first := 'sqlmq-temp:' || v_owner || ':';
    v_end := 'sqlmq-temp:' || v_owner || ';';
    DELETE FROM ${schema}.mq_msgs WHERE ctid = ANY (ARRAY(
      SELECT m.ctid FROM ${schema}.mq_msgs m
       WHERE m.channel_name >= v_first AND m.channel_name < v_end FOR UPDATE SKIP LOCKED));
    DELETE FROM ${schema}.mq_msgs_unlogged WHERE ctid = ANY (ARRAY(
      SELECT m.ctid FROM ${schema}.mq_msgs_unlogged m
       WHERE m.channel_name >= v_first AND m.channel_name < v_end FOR UPDATE SKIP LOCKED));
    DELETE FROM ${schema}.mq_schedules WHERE ctid = ANY (ARRAY(
      SELECT m.ctid FROM ${schema}.mq_schedules m
       WHERE m.channel_name >= v_first AND m.channel_name < v_end
         AND m.channel_name >= 'sqlmq-temp:' AND m.channel_name < 'sqlmq-temp;' FOR UPDATE SKIP LOCKED));
  END LOOP;
END
$body${tag}$;

-- Rights -----------------------------------------------------------------------------------------------------------------

-- What a role needs, in words of SQL after GRANT: docs/operating.md says what each kind may do.
CREATE FUNCTION ${schema}.mq_rights(p_what text) RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_name text;
BEGIN
  IF p_what NOT IN ('all', 'queues', 'send', 'send by SQL', 'receive', 'watch', 'watch bodies', 'administer') THEN
    RAISE EXCEPTION 'no right is called "%": all, queues, send, send by SQL, receive, watch, watch bodies, administer', p_what
      USING ERRCODE = '22023';
  END IF;
  FOREACH v_name IN ARRAY CASE
    WHEN p_what IN ('all', 'administer') THEN ARRAY[
      'SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged, mq_payloads, mq_payloads_unlogged, mq_owners, mq_waiters,'
        || ' mq_signatures, mq_failures, mq_topics, mq_subscriptions, mq_subscribers, mq_clients, mq_gone_channels, mq_schedules,'
        || ' mq_dedup, mq_exclusives',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_destinations, mq_schema_history']
    WHEN p_what = 'queues' THEN ARRAY[
      'SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged, mq_payloads, mq_payloads_unlogged, mq_owners, mq_waiters,'
        || ' mq_signatures, mq_failures, mq_clients, mq_gone_channels, mq_schedules, mq_dedup, mq_exclusives',
      'SELECT, UPDATE, DELETE ON mq_topics, mq_subscriptions, mq_subscribers',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq',
      'SELECT ON mq_destinations, mq_schema_history']
    WHEN p_what = 'receive' THEN ARRAY[
      'SELECT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged',
      'SELECT, DELETE ON mq_payloads, mq_payloads_unlogged',
      'SELECT, UPDATE, DELETE ON mq_schedules, mq_dedup',
      'SELECT, INSERT, UPDATE, DELETE ON mq_owners, mq_waiters, mq_signatures, mq_failures, mq_topics, mq_subscriptions,'
        || ' mq_subscribers, mq_clients, mq_gone_channels, mq_exclusives',
      'SELECT ON SEQUENCE mq_seq',
      'USAGE, SELECT ON SEQUENCE mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_destinations, mq_schema_history']
    WHEN p_what = 'send' THEN ARRAY[
      'INSERT, SELECT (id, xmin) ON mq_msgs, mq_msgs_unlogged, mq_schedules',
      'INSERT ON mq_payloads, mq_payloads_unlogged',
      'SELECT, INSERT, UPDATE ON mq_dedup',
      'USAGE ON SEQUENCE mq_seq',
      'SELECT ON mq_waiters, mq_topics, mq_subscriptions, mq_destinations, mq_schema_history']
    WHEN p_what = 'send by SQL' THEN ARRAY[
      'INSERT ON mq_msgs', 'SELECT, INSERT, UPDATE ON mq_dedup', 'USAGE ON SEQUENCE mq_seq', 'SELECT ON mq_waiters']
    WHEN p_what = 'watch' THEN ARRAY['SELECT ON mq_queues, mq_queues_logged, mq_topic_subscribers']
    ELSE ARRAY['SELECT ON mq_queues, mq_queues_logged, mq_topic_subscribers, mq_messages, mq_messages_logged, mq_set_aside,'
                 || ' mq_dead_letters, mq_scheduled']
    END
  LOOP
    RETURN NEXT replace(v_name, 'mq_', '${schemaText}.mq_');
  END LOOP;
  IF p_what = 'administer' THEN
    RETURN NEXT 'INSERT, DELETE ON ${schemaText}.mq_destinations';
    RETURN NEXT 'SELECT ON ${schemaText}.mq_queues, ${schemaText}.mq_queues_logged, ${schemaText}.mq_topic_subscribers, '
      || '${schemaText}.mq_messages, ${schemaText}.mq_messages_logged, ${schemaText}.mq_set_aside, '
      || '${schemaText}.mq_dead_letters, ${schemaText}.mq_scheduled';
  END IF;
  RETURN NEXT 'USAGE ON SCHEMA ${schemaText}';
  -- Also where a database's default privileges take it from everybody.
  RETURN NEXT 'EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schemaText}';
END
$body${tag}$;

-- Gives a role what it needs for what it is to do. To be called by the owner of the tables; may be called again, also for more.
CREATE FUNCTION ${schema}.mq_grant(p_role text, p_what text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_right text;
BEGIN
  FOR v_right IN SELECT ${schema}.mq_rights(p_what) LOOP
    EXECUTE 'GRANT ' || v_right || format(' TO %I', p_role);
  END LOOP;
END
$body${tag}$;

-- Takes from a role whatever it was given on the schema.
CREATE FUNCTION ${schema}.mq_revoke(p_role text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_schema constant regnamespace := (SELECT c.relnamespace::regnamespace FROM pg_class c WHERE c.oid = '${schemaText}.mq_msgs'::regclass::oid);
  v_what text;
BEGIN
  FOREACH v_what IN ARRAY '{TABLES,SEQUENCES,FUNCTIONS}'::text[] LOOP
    EXECUTE format('REVOKE ALL ON ALL %s IN SCHEMA %s FROM %I', v_what, v_schema, p_role);
  END LOOP;
  EXECUTE format('REVOKE ALL ON SCHEMA %s FROM %I', v_schema, p_role);
END
$body${tag}$;
