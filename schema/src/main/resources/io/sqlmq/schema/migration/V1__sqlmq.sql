-- The files of src/main/sql, put together when 0.1 was made. Never changed since: a change is another migration.

-- tables/messages.sql

-- One sequence gives every message its place in the queue (FIFO). Never CACHE more than 1: a cached range would let
-- later messages overtake earlier ones and break the consumers' floors.
CREATE SEQUENCE ${schema}.mq_seq AS bigint CACHE 1;

-- Counts rounds of what is given back without a delay, see mq_at_once.
CREATE SEQUENCE ${schema}.mq_round AS bigint MINVALUE 0 START 0 CACHE 1;
SELECT setval('${schemaText}.mq_round', 0);

-- What a column of messages may hold. Domains, since a session keeps their constraints ready, while it reads and plans each
-- CHECK of a table anew for every statement; so what takes several columns is one CHECK.
CREATE DOMAIN ${schema}.mq_channel AS text COLLATE "C" CHECK (octet_length(VALUE) <= 255);
CREATE DOMAIN ${schema}.mq_group AS text COLLATE "C" CHECK (octet_length(VALUE) <= 512);  -- indexes bound their entries
CREATE DOMAIN ${schema}.mq_number AS bigint CHECK (VALUE > 0);
CREATE DOMAIN ${schema}.mq_rank AS smallint CHECK (VALUE BETWEEN 0 AND 9);
CREATE DOMAIN ${schema}.mq_count AS integer CHECK (VALUE BETWEEN 0 AND 1000000000);
CREATE DOMAIN ${schema}.mq_moment AS timestamptz CHECK (VALUE <> '-infinity');
-- A number like 1e100000 is short until it is written out, and what cannot be written out cannot be received.
CREATE DOMAIN ${schema}.mq_json AS jsonb
  CHECK (pg_column_size(VALUE) <= 8000 OR octet_length(VALUE::text) <= 268435456);
CREATE DOMAIN ${schema}.mq_object AS jsonb
  CHECK (jsonb_typeof(VALUE) = 'object')
  CHECK (pg_column_size(VALUE) <= 8000 OR octet_length(VALUE::text) <= 268435456);

-- Is a slot that of its group, has a lease its token and its end, and is nothing endless but what is set aside? As mq_slot
-- computes it, without a right to execute that: this function is for everybody who may insert.
CREATE FUNCTION ${schema}.mq_row_fits(
  p_slot smallint, p_group text, p_attempt_at timestamptz, p_owner integer, p_token bigint, p_set_aside text)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN (p_set_aside IS NULL) = (coalesce(p_attempt_at, 'epoch') < 'infinity')
     AND (p_owner IS NULL OR (p_token IS NOT NULL AND p_attempt_at IS NOT NULL))
     AND (p_slot IS NULL OR (p_group IS NOT NULL AND p_slot =
           ((pg_catalog.get_byte(pg_catalog.sha256(pg_catalog.convert_to(p_group, 'UTF8')), 0) & 3) << 8
             | pg_catalog.get_byte(pg_catalog.sha256(pg_catalog.convert_to(p_group, 'UTF8')), 1))));
END
$body${tag}$;

CREATE TABLE ${schema}.mq_msgs (
  -- Where and when. A row is ready when attempt_at is null; otherwise it is delayed, backing off or leased until then. At
  -- infinity it is set aside.
  id                uuid NOT NULL,
  channel_name      ${schema}.mq_channel NOT NULL,
  seq               ${schema}.mq_number NOT NULL DEFAULT nextval('${schemaText}.mq_seq'),
  sent_at           bigint,                 -- JMSTimestamp: ms since 1970 by the sender's clock; null: not wanted
  prio_rank         ${schema}.mq_rank NOT NULL DEFAULT 5,  -- 9 - JMSPriority
  slot              smallint,               -- hash of grp, null when ungrouped
  delivery_count    ${schema}.mq_count NOT NULL DEFAULT 0,  -- deliveries that have ended without an acknowledge
  failure_count     ${schema}.mq_count NOT NULL DEFAULT 0,  -- those of them that count towards the dead-letter queue
  attempt_at        ${schema}.mq_moment,
  expires_at        timestamptz,
  lease_owner       integer,                -- the process that works on it for longer, while attempt_at runs
  lease_token       bigint,                 -- fences its acknowledge
  -- Headers.
  message_id        uuid,                   -- JMSMessageID where it is neither payload_id nor, without that, id
  destination       text,                   -- JMSDestination where it is not the queue named by channel_name
  reply_to          text,
  correlation_id    text,
  jms_type          text,
  delivery_time     bigint,                 -- JMSDeliveryTime, null when not delayed
  expiration        bigint,                 -- JMSExpiration, null for never
  grp               ${schema}.mq_group,     -- JMSXGroupID, or the ordered channel arguments of a job
  properties        ${schema}.mq_object,
  property_types    ${schema}.mq_object,    -- what JSON does not tell about the properties
  redelivery_policy text,                   -- a policy of this message's own
  delivery_mode     smallint,               -- JMSDeliveryMode where it is not what the table stands for
  -- Why it failed, and where a dead letter came from.
  last_error        text,
  set_aside         text,                   -- why it can be neither delivered nor parked; null for all others
  dead_origin       text,                   -- the channel it was in
  dead_reason       text,
  dead_attempts     integer,
  dead_at           timestamptz,
  -- Jobs.
  name              text,
  channel_args      text,
  commit_interval   interval,
  retry_backoff     interval,
  max_deliveries    integer,
  after_id          uuid,
  -- The body.
  body_type         text,                   -- null: a text message
  payload_id        uuid,                   -- a body shared by the rows whose id differs from it in the last 20 bits
  payload_json      ${schema}.mq_json,
  payload_text      text,
  payload_bytes     bytea,
  PRIMARY KEY (id, channel_name),
  CHECK (CASE WHEN num_nonnulls(slot, attempt_at, lease_owner, set_aside) = 0 THEN true
              ELSE ${schema}.mq_row_fits(slot, grp, attempt_at, lease_owner, lease_token, set_aside) END)
) WITH (
  fillfactor = 100,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0.5,
  autovacuum_analyze_scale_factor = 0.5,
  autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = false,
  vacuum_index_cleanup = on,
  toast.autovacuum_vacuum_scale_factor = 0,
  toast.autovacuum_vacuum_threshold = 5000,
  toast.autovacuum_vacuum_cost_delay = 0,
  toast.vacuum_truncate = false,
  toast.vacuum_index_cleanup = on
);

ALTER TABLE ${schema}.mq_msgs
  ALTER COLUMN properties SET STATISTICS 0,
  ALTER COLUMN property_types SET STATISTICS 0,
  ALTER COLUMN payload_json SET STATISTICS 0,
  ALTER COLUMN payload_text SET STATISTICS 0,
  ALTER COLUMN payload_bytes SET STATISTICS 0;

-- lz4 where this server was built with it; pglz otherwise.
DO $body${tag}$
BEGIN
  ALTER TABLE ${schema}.mq_msgs ALTER COLUMN payload_text SET COMPRESSION lz4,
                                ALTER COLUMN payload_bytes SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN NULL;
END
$body${tag}$;

CREATE INDEX mq_msgs_ready ON ${schema}.mq_msgs (channel_name, prio_rank, seq)
  WHERE attempt_at IS NULL AND slot IS NULL;
CREATE INDEX mq_msgs_wait ON ${schema}.mq_msgs (channel_name, attempt_at, prio_rank, seq)
  WHERE attempt_at IS NOT NULL AND slot IS NULL;
CREATE INDEX mq_msgs_lease ON ${schema}.mq_msgs (lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX mq_msgs_expiry ON ${schema}.mq_msgs (expires_at)
  WHERE expires_at IS NOT NULL AND set_aside IS NULL;
CREATE INDEX mq_msgs_set_aside ON ${schema}.mq_msgs (channel_name, seq) WHERE set_aside IS NOT NULL;
-- Entries of an index are bounded: of a long JMSCorrelationID a hash is there. Selectors are compiled to match.
CREATE INDEX mq_msgs_correlation ON ${schema}.mq_msgs (channel_name, (
    CASE WHEN octet_length(correlation_id) <= 512 THEN correlation_id
         ELSE hashtextextended(correlation_id, 0)::text END))
  WHERE correlation_id IS NOT NULL;

-- Ready rows by order of delivery, and by slot. Waiting rows by time.
CREATE INDEX mq_msgs_grouped ON ${schema}.mq_msgs (channel_name, prio_rank, seq)
  WHERE attempt_at IS NULL AND slot IS NOT NULL;
CREATE INDEX mq_msgs_slot ON ${schema}.mq_msgs (channel_name, slot, prio_rank, seq)
  WHERE attempt_at IS NULL AND slot IS NOT NULL;
CREATE INDEX mq_msgs_grouped_wait ON ${schema}.mq_msgs (channel_name, attempt_at, prio_rank, seq)
  WHERE attempt_at IS NOT NULL AND slot IS NOT NULL;

-- What a group may have to wait for: rows that are leased or were given back, but not those whose delivery is delayed.
CREATE INDEX mq_msgs_busy ON ${schema}.mq_msgs (channel_name, grp, attempt_at, prio_rank, seq)
  WHERE attempt_at IS NOT NULL AND slot IS NOT NULL
    AND (delivery_time IS NULL OR delivery_count > 0 OR lease_owner IS NOT NULL);

-- Messages that need not survive a crash of the server (NON_PERSISTENT): no WAL. PostgreSQL empties the table after a
-- crash and at a switchover. LIKE shares the logged sequence through the copied default.
CREATE UNLOGGED TABLE ${schema}.mq_msgs_unlogged (
  LIKE ${schema}.mq_msgs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION,
  PRIMARY KEY (id, channel_name),
  CHECK (slot IS NULL)
) WITH (
  fillfactor = 100,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = false,
  vacuum_index_cleanup = on,
  toast.autovacuum_vacuum_scale_factor = 0,
  toast.autovacuum_vacuum_threshold = 5000,
  toast.autovacuum_vacuum_cost_delay = 0,
  toast.vacuum_truncate = false,
  toast.vacuum_index_cleanup = on
);
ALTER TABLE ${schema}.mq_msgs_unlogged
  ALTER COLUMN properties SET STATISTICS 0,
  ALTER COLUMN property_types SET STATISTICS 0,
  ALTER COLUMN payload_json SET STATISTICS 0,
  ALTER COLUMN payload_text SET STATISTICS 0,
  ALTER COLUMN payload_bytes SET STATISTICS 0;
CREATE INDEX mq_msgs_unlogged_ready ON ${schema}.mq_msgs_unlogged (channel_name, prio_rank, seq)
  WHERE attempt_at IS NULL AND slot IS NULL;
CREATE INDEX mq_msgs_unlogged_wait ON ${schema}.mq_msgs_unlogged (channel_name, attempt_at, prio_rank, seq)
  WHERE attempt_at IS NOT NULL;
CREATE INDEX mq_msgs_unlogged_lease ON ${schema}.mq_msgs_unlogged (lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX mq_msgs_unlogged_expiry ON ${schema}.mq_msgs_unlogged (expires_at)
  WHERE expires_at IS NOT NULL AND set_aside IS NULL;
CREATE INDEX mq_msgs_unlogged_set_aside ON ${schema}.mq_msgs_unlogged (channel_name, seq) WHERE set_aside IS NOT NULL;
CREATE INDEX mq_msgs_unlogged_correlation ON ${schema}.mq_msgs_unlogged (channel_name, (
    CASE WHEN octet_length(correlation_id) <= 512 THEN correlation_id
         ELSE hashtextextended(correlation_id, 0)::text END))
  WHERE correlation_id IS NOT NULL;

-- tables/payloads.sql

-- Bodies shared by several rows of mq_msgs, and only those.
CREATE TABLE ${schema}.mq_payloads (
  id            uuid PRIMARY KEY,
  payload_json  ${schema}.mq_json,
  payload_text  text,
  payload_bytes bytea
) WITH (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = false
);

-- The same for rows of mq_msgs_unlogged.
CREATE UNLOGGED TABLE ${schema}.mq_payloads_unlogged (
  LIKE ${schema}.mq_payloads INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION,
  PRIMARY KEY (id)
) WITH (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = false
);

-- tables/owners.sql

-- Processes that consume. The number is also the key of the advisory lock that a listening process holds.
CREATE SEQUENCE ${schema}.mq_owner_seq AS integer CYCLE;
CREATE TABLE ${schema}.mq_owners (
  owner       integer PRIMARY KEY,
  description text NOT NULL,
  listening   boolean NOT NULL,      -- holds the advisory lock, so that its death is noticed at once
  alive_until timestamptz NOT NULL CHECK (isfinite(alive_until))
);

-- Which processes may be waiting on which channel: senders notify only when there is one.
CREATE TABLE ${schema}.mq_waiters (
  channel_name text COLLATE "C" NOT NULL CHECK (octet_length(channel_name) <= 255),
  owner        integer NOT NULL,
  PRIMARY KEY (channel_name, owner)
);
CREATE INDEX mq_waiters_owner ON ${schema}.mq_waiters (owner);

-- Client identifiers in use, each by one connection of a living process.
CREATE TABLE ${schema}.mq_clients (
  client_id text COLLATE "C" PRIMARY KEY,
  owner     integer NOT NULL,
  token     bigint NOT NULL
);
CREATE INDEX mq_clients_owner ON ${schema}.mq_clients (owner);

-- tables/signatures.sql

-- Signatures of consumers. A transaction that takes messages locks a row of its own here along with them. If it is rolled
-- back or its process dies, its locks stay readable in xmax, on the messages and here: that is how a failed delivery is
-- told from a rollback of anybody else.
CREATE SEQUENCE ${schema}.mq_signature_seq AS bigint;
CREATE TABLE ${schema}.mq_signatures (
  id    bigint PRIMARY KEY,
  owner integer NOT NULL
);

-- Transactions that have signed and were rolled back, so that their signatures can be used again.
CREATE TABLE ${schema}.mq_failures (
  xact      xid8 PRIMARY KEY,
  failed_at timestamptz NOT NULL DEFAULT statement_timestamp() CHECK (isfinite(failed_at))
);

-- tables/topics.sql

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

-- Channels of subscriptions that are gone, until nothing can be written to them any more and their rows are deleted.
CREATE TABLE ${schema}.mq_gone_channels (
  channel text COLLATE "C" PRIMARY KEY CHECK (channel ~ '^s:[0-9]+$'),
  gone_at timestamptz NOT NULL DEFAULT statement_timestamp() CHECK (isfinite(gone_at)),
  xact    xid8 NOT NULL DEFAULT pg_current_xact_id()
);

-- tables/destinations.sql

-- Queues and topics that are there by declaration: others cannot be used by factories with autoCreate=false.
CREATE TABLE ${schema}.mq_destinations (
  name       text COLLATE "C" NOT NULL CHECK (octet_length(name) <= 255),
  queue      boolean NOT NULL,               -- else it is a topic
  created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  PRIMARY KEY (name, queue)
);

-- Which process has the exclusive consumer of a queue; it lives as long as that (mq_owners).
CREATE TABLE ${schema}.mq_exclusives (
  channel_name text COLLATE "C" PRIMARY KEY CHECK (octet_length(channel_name) <= 255),
  owner        integer NOT NULL
);

-- tables/schedules.sql

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

-- Temporary channels: what is left in them when they are no more.
CREATE INDEX mq_schedules_temporary ON ${schema}.mq_schedules (channel_name)
  WHERE channel_name >= 'sqlmq-temp:' AND channel_name < 'sqlmq-temp;';

-- tables/dedup.sql

-- Identifiers that senders gave to messages, so that another message with the same one is dropped.
CREATE TABLE ${schema}.mq_dedup (
  channel_name text COLLATE "C" NOT NULL,   -- the queue; topic:// and the name of a topic
  dedup_id     text COLLATE "C" NOT NULL,
  message_id   uuid NOT NULL,               -- the message that has it
  until        timestamptz NOT NULL,
  PRIMARY KEY (channel_name, dedup_id)
);
CREATE INDEX mq_dedup_until ON ${schema}.mq_dedup (until);

-- functions/suspect.sql

-- Functions ----------------------------------------------------------------------------------------------------------
-- Functions on the hot path set planner switches while they run. A plan is made once (otherwise each call on an analyzed
-- table plans anew, which costs several times the claim), and with these switches it is right whatever the tables held
-- when it was made; the penalties of switched-off nodes would start the JIT compiler. The switches never reach the
-- session: the application may be using the same connection.
--
-- All set search_path. A body is read when it is called, with the search_path of its caller, and where no operator fits its
-- operands exactly (bigint || text) one in a schema that others may write would be taken, and run with the caller's
-- rights. Those that are to be inlined, or are called for each row, do not: they qualify what they call and use operators
-- that fit exactly.

-- The transaction that left this xmax behind; null: none. It may be younger than the snapshot of the statement that asks: the
-- number is the one of those with these last 32 bits that is nearest to the snapshot.
CREATE FUNCTION ${schema}.mq_locker(p_xmax xid) RETURNS xid8
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_next bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
  v_full bigint := (v_next & ~4294967295::bigint) | p_xmax::text::bigint;
BEGIN
  IF v_full - v_next > 2147483648 THEN
    v_full := v_full - 4294967296;
  ELSIF v_next - v_full > 2147483648 THEN
    v_full := v_full + 4294967296;
  END IF;
  RETURN CASE WHEN v_full > 2 THEN v_full::text::xid8 END;
END
$body${tag}$;

-- Did this transaction sign, and was it rolled back (or killed)? Volatile, so that it sees what was signed and noted after the
-- snapshot of the claim that asks.
CREATE FUNCTION ${schema}.mq_failed(p_xid xid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET enable_bitmapscan = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_xact constant xid8 := ${schema}.mq_locker(p_xid);
BEGIN
  RETURN coalesce(pg_xact_status(v_xact) = 'aborted', false)
     AND (EXISTS (SELECT FROM ${schema}.mq_failures f WHERE f.xact = v_xact)
       OR EXISTS (SELECT FROM ${schema}.mq_signatures s WHERE s.xmax = p_xid));
END
$body${tag}$;

-- Did a delivery end with the transaction that left this xmax on a message? Where several subtransactions locked the message,
-- it is the number of a multixact, which looks like that of a transaction: it is read as both.
CREATE FUNCTION ${schema}.mq_suspect(p_xmax xid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF ${schema}.mq_failed(p_xmax) THEN
    RETURN true;
  END IF;
  RETURN mxid_age(p_xmax) > 0
     AND mxid_age(p_xmax) <= (SELECT mxid_age(d.datminmxid) FROM pg_catalog.pg_database d
                               WHERE d.datname = current_database())
     AND EXISTS (SELECT FROM pg_get_multixact_members(p_xmax) m WHERE ${schema}.mq_failed(m.xid));
END
$body${tag}$;

-- Notes which of the transactions that have signed so were rolled back. Returns the signatures that are not those of running
-- transactions; they may be used again as soon as this is committed.
CREATE FUNCTION ${schema}.mq_settle_signatures(p_ids bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql VOLATILE
SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  -- First: what ends after this is for the next time.
  v_ended constant bigint[] := ARRAY(
    SELECT s.id FROM ${schema}.mq_signatures s
     WHERE s.id = ANY (p_ids)
       AND pg_xact_status(${schema}.mq_locker(s.xmax)) IS DISTINCT FROM 'in progress');
BEGIN
  INSERT INTO ${schema}.mq_failures (xact)
  SELECT l.xact FROM ${schema}.mq_signatures s, ${schema}.mq_locker(s.xmax) AS l (xact)
   WHERE s.id = ANY (v_ended) AND pg_xact_status(l.xact) = 'aborted'
  ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT unnest(v_ended);
END
$body${tag}$;

-- Deletes the signatures of processes that are gone, and of p_owner; first, a sweep before, it notes what they tell. What
-- has failed is remembered for a day.
CREATE FUNCTION ${schema}.mq_sweep_signatures(p_owner integer) RETURNS void
LANGUAGE plpgsql VOLATILE
SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids bigint[] := ARRAY(SELECT s.id FROM ${schema}.mq_signatures s
                           WHERE s.owner = p_owner
                              OR NOT EXISTS (SELECT FROM ${schema}.mq_owners o WHERE o.owner = s.owner));
BEGIN
  IF v_ids <> '{}' THEN
    DELETE FROM ${schema}.mq_signatures s
     WHERE s.id = ANY (v_ids)
       AND (coalesce(pg_xact_status(${schema}.mq_locker(s.xmax)), 'committed') = 'committed'
         OR EXISTS (SELECT FROM ${schema}.mq_failures f WHERE f.xact = ${schema}.mq_locker(s.xmax)));
    PERFORM ${schema}.mq_settle_signatures(v_ids);
  END IF;
  DELETE FROM ${schema}.mq_failures f WHERE f.failed_at < statement_timestamp() - interval '1 day';
END
$body${tag}$;

-- functions/due.sql

-- When a row that is given back without a delay is due: since 1970, so that it comes before everything else, and all rows of
-- a round at the same time, so that the oldest message comes first. A new round, a microsecond later, begins only when many
-- of the last are gone and vacuum cannot remove them (mq_pass_waiting). All rounds end before the second day of 1970. To be
-- called by whoever has the lock of the table already: as long as it runs, its round is not over.
CREATE FUNCTION ${schema}.mq_at_once() RETURNS timestamptz
LANGUAGE sql VOLATILE AS $body${tag}$
  SELECT pg_catalog.to_timestamp(r.last_value::float8 OPERATOR(pg_catalog./) 1000000::float8) FROM ${schema}.mq_round r
$body${tag}$;

-- A time in microseconds since 1970; null: before all.
CREATE FUNCTION ${schema}.mq_time(p_micros bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $body${tag}$
  SELECT coalesce(pg_catalog.to_timestamp(p_micros::float8 OPERATOR(pg_catalog./) 1000000::float8), '-infinity'::timestamptz)
$body${tag}$;

-- Is a message of the channel waiting for its redelivery?
CREATE FUNCTION ${schema}.mq_backs_off(p_channel text) RETURNS boolean
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT EXISTS (SELECT FROM ${schema}.mq_msgs m
                  WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp()
                    AND m.attempt_at < 'infinity' AND m.slot IS NULL AND m.failure_count > 0 AND m.lease_owner IS NULL)
      OR EXISTS (SELECT FROM ${schema}.mq_msgs m
                  WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp()
                    AND m.attempt_at < 'infinity' AND m.slot IS NOT NULL AND m.failure_count > 0 AND m.lease_owner IS NULL)
      OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                  WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp()
                    AND m.attempt_at < 'infinity' AND m.failure_count > 0 AND m.lease_owner IS NULL)
$body${tag}$;

-- functions/groups.sql

-- Groups (JMSXGroupID): the messages of a group are worked on in order and by one transaction at a time. How and why:
-- docs/design/groups.md. A row with a slot is grouped; only mq_msgs has such rows.
--
-- The rule that everything here keeps: who claims, leases or gives back rows of a group holds the lock of its slot from
-- before the snapshot in which it sees the group until its transaction ends. So the states of a group that another
-- transaction can see are those between the transactions that work on it.

-- The slot of a group. Stored in rows: must never change.
CREATE FUNCTION ${schema}.mq_slot(p_group text) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT CASE WHEN p_group IS NULL THEN NULL
              ELSE ((pg_catalog.get_byte(pg_catalog.sha256(pg_catalog.convert_to(p_group, 'UTF8')), 0) & 3) << 8
                    | pg_catalog.get_byte(pg_catalog.sha256(pg_catalog.convert_to(p_group, 'UTF8')), 1))::smallint END
$body${tag}$;

-- The group of a message with these properties. Names are in an index, whose entries are bounded; of longer ones their
-- digest is.
CREATE FUNCTION ${schema}.mq_group(p_properties jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT CASE WHEN pg_catalog.jsonb_typeof(p_properties -> 'JMSXGroupID'::text) IS DISTINCT FROM 'string'
                OR p_properties ->> 'JMSXGroupID'::text = '' THEN NULL
              WHEN pg_catalog.octet_length(p_properties ->> 'JMSXGroupID'::text) <= 512
              THEN p_properties ->> 'JMSXGroupID'::text
              ELSE 'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
                     p_properties ->> 'JMSXGroupID'::text, 'UTF8')), 'hex') END
$body${tag}$;

-- The class of the advisory locks of a channel's slots; their numbers are -1 - slot, those of owners are positive.
CREATE FUNCTION ${schema}.mq_slot_class(p_channel text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $body${tag}$ SELECT pg_catalog.hashtext('sqlmq ${schemaText} ' || p_channel) $body${tag}$;

-- Tries to lock a slot until the transaction ends; true also if the transaction has it already.
CREATE FUNCTION ${schema}.mq_hold_slot(p_channel text, p_slot smallint) RETURNS boolean
LANGUAGE sql VOLATILE AS $body${tag}$
  SELECT pg_catalog.pg_try_advisory_xact_lock(${schema}.mq_slot_class(p_channel), -1 - p_slot::integer)
$body${tag}$;

-- Has this row of a group to wait for others of the group? The order is that of all queues, by priority and number; only
-- a delayed row takes part from when it is due. p_back: the row was given back or its lease has ended; p_leased: the
-- latter. Not waited for are rows that the caller works on itself (p_held by seq, p_tokens by lease) and, if p_overtake,
-- rows that back off; and those that are set aside. p_since as in mq_claim. Where there is one is asked for in the order of
-- an index, since EXISTS would be planned with the primary key while the table is empty.
CREATE FUNCTION ${schema}.mq_group_waits(
  p_channel text, p_group text, p_rank smallint, p_seq bigint, p_back boolean, p_leased boolean, p_held bigint[],
  p_tokens bigint[], p_overtake boolean, p_since bigint[])
RETURNS boolean
LANGUAGE plpgsql STABLE AS $body${tag}$
BEGIN
  IF p_since IS NOT NULL THEN
    IF (
      SELECT true FROM ${schema}.mq_msgs b
       WHERE b.channel_name = p_channel AND b.grp = p_group AND b.slot IS NOT NULL
         AND (b.attempt_at, b.prio_rank, b.seq) >= (${schema}.mq_time(p_since[13]), p_since[14]::smallint, p_since[15])
         AND b.attempt_at < '1970-01-02 00:00+00'
         AND (b.delivery_time IS NULL OR b.delivery_count > 0 OR b.lease_owner IS NOT NULL)
         AND b.seq <> p_seq AND b.seq <> ALL (p_held) AND coalesce(b.lease_token <> ALL (p_tokens), true)
         AND ((b.prio_rank, b.seq) < (p_rank, p_seq) OR (b.lease_owner IS NOT NULL AND NOT p_leased))
       ORDER BY b.attempt_at, b.prio_rank, b.seq LIMIT 1) THEN
      RETURN true;
    END IF;
  END IF;
  RETURN coalesce((
    SELECT true FROM ${schema}.mq_msgs b
     WHERE b.channel_name = p_channel AND b.grp = p_group AND b.attempt_at IS NOT NULL AND b.slot IS NOT NULL
       AND (b.attempt_at, b.prio_rank, b.seq)
           >= (${schema}.mq_time(p_since[16]), coalesce(p_since[17], 0)::smallint, coalesce(p_since[18], 0))
       AND b.set_aside IS NULL
       AND (b.delivery_time IS NULL OR b.delivery_count > 0 OR b.lease_owner IS NOT NULL)
       AND b.seq <> p_seq AND b.seq <> ALL (p_held) AND coalesce(b.lease_token <> ALL (p_tokens), true)
       AND CASE WHEN b.lease_owner IS NOT NULL AND b.attempt_at > pg_catalog.statement_timestamp() THEN true
                WHEN p_overtake AND b.attempt_at > pg_catalog.statement_timestamp() THEN false
                ELSE (b.prio_rank, b.seq) < (p_rank, p_seq) OR (b.lease_owner IS NOT NULL AND NOT p_leased) END
     ORDER BY b.attempt_at, b.prio_rank, b.seq LIMIT 1), false)
    -- Ready rows are claimed in their order; a row that comes back may find that one before it never left.
    OR (p_back AND coalesce((
      SELECT true FROM ${schema}.mq_msgs r
       WHERE r.channel_name = p_channel AND r.slot = ${schema}.mq_slot(p_group) AND r.attempt_at IS NULL
         AND r.slot IS NOT NULL AND (r.prio_rank, r.seq) < (p_rank, p_seq) AND r.grp = p_group
         AND r.seq <> ALL (p_held)
       ORDER BY r.prio_rank, r.seq LIMIT 1), false));
END
$body${tag}$;

-- Whether any row of a group waits, for whatever.
CREATE FUNCTION ${schema}.mq_any_group_waits(p_channel text, p_since bigint[]) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF p_since IS NULL THEN
    RETURN coalesce((
      SELECT true FROM ${schema}.mq_msgs m
       WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
       ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), false);
  END IF;
  RETURN coalesce((
    SELECT true FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.slot IS NOT NULL AND m.attempt_at < '1970-01-02 00:00+00'
       AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[13]), p_since[14]::smallint, p_since[15])
     ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), (
    SELECT true FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.slot IS NOT NULL AND m.attempt_at IS NOT NULL
       AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[16]), p_since[17]::smallint, p_since[18])
     ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), false);
END
$body${tag}$;

-- Who holds slots of channels in which messages of groups are ready or due. xact tells transactions of the process apart.
CREATE FUNCTION ${schema}.mq_slot_holders(p_channels text[])
RETURNS TABLE (channel text, pid integer, xact text, application text, slots bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT c.name, l.pid, l.virtualtransaction, max(a.application_name), count(*)
    FROM pg_locks l
    JOIN unnest(p_channels) AS c (name) ON l.classid = ${schema}.mq_slot_class(c.name)::oid
    LEFT JOIN pg_stat_activity a ON a.pid = l.pid
   WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted AND l.objid > 2147483647::oid
     AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
     AND EXISTS (SELECT FROM ${schema}.mq_msgs m
                  WHERE m.channel_name = c.name AND m.slot IS NOT NULL
                    AND (m.attempt_at IS NULL OR m.attempt_at <= statement_timestamp()))
   GROUP BY c.name, l.pid, l.virtualtransaction
$body${tag}$;

-- functions/claim.sql

-- A claimed row as consumers read it; what its columns are is said in ClaimedColumn. The length of a text or bytea is known
-- without reading it; of JSON, which is stored compressed, it is only asked where that may matter.
CREATE TYPE ${schema}.mq_claimed AS (
  unlogged boolean,
  row_tid tid,
  suspect boolean,
  expired boolean,
  xact xid8,
  id uuid,
  seq ${schema}.mq_number,
  prio_rank ${schema}.mq_rank,
  sent_at bigint,
  delivery_time bigint,
  expiration bigint,
  delivery_count ${schema}.mq_count,
  failure_count ${schema}.mq_count,
  leased boolean,
  message_id uuid,
  destination text,
  reply_to text,
  correlation_id text,
  jms_type text,
  redelivery_policy text,
  dead_origin text,
  dead_reason text,
  body_type text,
  payload_text text,
  payload_bytes bytea,
  properties text,
  property_types text,
  payload_id uuid,
  delivery_mode smallint,
  grp ${schema}.mq_group,
  grouped boolean,
  cut boolean,
  due boolean,
  large boolean);

-- How many bytes of a message count: what travels to who receives it, but what the provider adds. The names that it
-- gives count from 256 bytes on, what parking adds to a dead letter not at all. Written so that it is expanded where it is used.
CREATE FUNCTION ${schema}.mq_octets(
  p_destination text, p_reply_to text, p_correlation_id text, p_jms_type text, p_redelivery_policy text, p_dead_origin text,
  p_dead_reason text, p_body_type text, p_text text, p_bytes bytea, p_properties text, p_property_types text)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $body${tag}$
  SELECT coalesce(pg_catalog.octet_length(p_text), 0)::bigint + coalesce(pg_catalog.octet_length(p_bytes), 0)
       + coalesce(pg_catalog.octet_length(p_properties), 0) + coalesce(pg_catalog.octet_length(p_property_types), 0)
       + coalesce(pg_catalog.octet_length(p_reply_to), 0) + coalesce(pg_catalog.octet_length(p_correlation_id), 0)
       + coalesce(pg_catalog.octet_length(p_jms_type), 0) + coalesce(pg_catalog.octet_length(p_redelivery_policy), 0)
       + greatest(0, coalesce(pg_catalog.octet_length(p_body_type), 0) - 256)
       + greatest(0, coalesce(pg_catalog.octet_length(p_destination), 0) - 256)
       + coalesce(pg_catalog.octet_length(p_dead_reason), 0)
       + CASE WHEN p_dead_origin IS NULL THEN 0 ELSE pg_catalog.octet_length(p_dead_origin) - 131072 END
$body${tag}$;

-- mq_claim locks p_limit due or ready rows of a channel (more when priorities want it) until the transaction ends and
-- returns them in no order. Range i covers the ranks p_lo[i] to p_hi[i], in p_lo[i] from sequence number p_floor[i] on. Left out
-- are rows that the caller holds already (p_held, by seq) or wrote in this transaction (p_own, by xmin). p_blocking: nothing
-- while a message of the channel backs off. p_most: bytes that a message may have, see mq_claimed. p_grouped: of grouped rows as many again, see mq_claim_grouped, to which the
-- parameters before it belong; otherwise only if the others are too few. p_me: the caller as an owner of leases, whose own are
-- its to renew also when they have run out. p_lapsed false: so are everybody's, but those that were ended (due since 1970).
-- p_since: where rows that wait begin, see mq_first_waiting; null: anywhere. What was given back at once is then claimed by
-- itself, with ready rows of a better rank.
CREATE FUNCTION ${schema}.mq_claim(
  p_channel text, p_limit integer, p_lo smallint[], p_hi smallint[], p_floor bigint[], p_unlogged_floor bigint[],
  p_unlogged_first boolean, p_held bigint[], p_own xid[], p_blocking boolean, p_grouped_floor bigint[] DEFAULT '{0}',
  p_in_order boolean DEFAULT true, p_tokens bigint[] DEFAULT '{}', p_overtake boolean DEFAULT false,
  p_grouped boolean DEFAULT true, p_me integer DEFAULT 0, p_lapsed boolean DEFAULT true,
  p_most bigint DEFAULT 1000000000, p_since bigint[] DEFAULT NULL)
RETURNS SETOF ${schema}.mq_claimed
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_rest integer := p_limit;
  v_unlogged boolean := p_unlogged_first;
  v_found integer;
  v_any boolean;
  v_ready boolean;
BEGIN
  IF p_blocking AND ${schema}.mq_backs_off(p_channel) THEN
    RETURN;
  END IF;
  IF p_grouped THEN
    v_any := (SELECT true FROM ${schema}.mq_msgs m
               WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                 AND (m.prio_rank, m.seq) >= (p_lo[1], p_grouped_floor[1])
               ORDER BY m.prio_rank, m.seq LIMIT 1);
    IF v_any THEN
      NULL;
    ELSIF p_since IS NULL THEN
      v_any := (SELECT true FROM ${schema}.mq_msgs m
          WHERE m.channel_name = p_channel AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
          ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1);
    ELSE
      v_any := coalesce((SELECT true FROM ${schema}.mq_msgs m
          WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[13]), p_since[14]::smallint, p_since[15])
              AND m.attempt_at < '1970-01-02 00:00+00' AND m.slot IS NOT NULL
          ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1),
                        (SELECT true FROM ${schema}.mq_msgs m
                          WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[16]), p_since[17]::smallint, p_since[18])
                              AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
                          ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1));
    END IF;
    IF v_any THEN
      RETURN QUERY SELECT g.* FROM ${schema}.mq_claim_grouped(
        p_channel, p_limit, p_lo, p_hi, p_grouped_floor, p_in_order, p_held, p_own, p_tokens, p_overtake, p_me, p_lapsed,
        p_most, p_since) g;
    END IF;
  END IF;
  FOR i IN 1..2 LOOP
    IF v_unlogged THEN
      v_ready := true;
      IF p_since IS NOT NULL THEN
        IF (SELECT true FROM ${schema}.mq_msgs_unlogged m
            WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[7]), p_since[8]::smallint, p_since[9])
                AND m.attempt_at < '1970-01-02 00:00+00' AND m.slot IS NULL
            ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1) THEN
          RETURN QUERY WITH due AS MATERIALIZED (
              SELECT m.row_tid AS row_tid,
                CASE WHEN m.lease_owner IS NOT NULL THEN true
                     WHEN m.row_xmax = '0'::xid THEN false
                     ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                pg_current_xact_id() AS xact,
                m.id AS id,
                m.seq AS seq,
                m.prio_rank AS prio_rank,
                m.sent_at AS sent_at,
                m.delivery_time AS delivery_time,
                m.expiration AS expiration,
                m.delivery_count AS delivery_count,
                m.failure_count AS failure_count,
                m.lease_owner IS NOT NULL AS leased,
                coalesce(m.message_id, m.payload_id) AS message_id,
                m.destination AS destination,
                m.reply_to AS reply_to,
                m.correlation_id AS correlation_id,
                coalesce(m.jms_type, m.name) AS jms_type,
                m.redelivery_policy AS redelivery_policy,
                m.dead_origin AS dead_origin,
                m.dead_reason AS dead_reason,
                CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                     ELSE m.body_type END AS body_type,
                CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                     WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                     WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                     THEN m.payload_json::text END AS payload_text,
                CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                     WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                     THEN m.properties::text END AS properties,
                CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                       OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                     THEN m.property_types::text END AS property_types,
                m.payload_id AS payload_id,
                m.delivery_mode AS delivery_mode,
                m.grp AS grp,
                false AS grouped,
                false AS cut,
                m.attempt_at IS NOT NULL AS due,
                coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                  OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                  OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                  OR (pg_catalog.pg_column_size(m.property_types) > 8000
                      AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                  OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs_unlogged m
               WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[7]), p_since[8]::smallint, p_since[9])
                   AND m.attempt_at < '1970-01-02 00:00+00' AND m.slot IS NULL
                 AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                 AND (m.lease_owner IS NULL
                      OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
               ORDER BY m.attempt_at, m.prio_rank, m.seq
               LIMIT v_rest FOR UPDATE SKIP LOCKED) m)
            SELECT true, d.* FROM due d
            UNION ALL
            (SELECT true, r.*
               FROM (SELECT coalesce(max(d.prio_rank) - 1, -1) AS worst FROM due d) w,
                    unnest(p_lo, p_hi, p_unlogged_floor) AS ranks (lo, hi, floor),
                    LATERAL (
                      SELECT m.row_tid AS row_tid,
                        CASE WHEN m.lease_owner IS NOT NULL THEN true
                             WHEN m.row_xmax = '0'::xid THEN false
                             ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                        coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                        pg_current_xact_id() AS xact,
                        m.id AS id,
                        m.seq AS seq,
                        m.prio_rank AS prio_rank,
                        m.sent_at AS sent_at,
                        m.delivery_time AS delivery_time,
                        m.expiration AS expiration,
                        m.delivery_count AS delivery_count,
                        m.failure_count AS failure_count,
                        m.lease_owner IS NOT NULL AS leased,
                        coalesce(m.message_id, m.payload_id) AS message_id,
                        m.destination AS destination,
                        m.reply_to AS reply_to,
                        m.correlation_id AS correlation_id,
                        coalesce(m.jms_type, m.name) AS jms_type,
                        m.redelivery_policy AS redelivery_policy,
                        m.dead_origin AS dead_origin,
                        m.dead_reason AS dead_reason,
                        CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                             ELSE m.body_type END AS body_type,
                        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                             WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                             WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                             THEN m.payload_json::text END AS payload_text,
                        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                             WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                        CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                             THEN m.properties::text END AS properties,
                        CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                               OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                             THEN m.property_types::text END AS property_types,
                        m.payload_id AS payload_id,
                        m.delivery_mode AS delivery_mode,
                        m.grp AS grp,
                        false AS grouped,
                        false AS cut,
                        m.attempt_at IS NOT NULL AS due,
                        coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                          OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                          OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                          OR (pg_catalog.pg_column_size(m.property_types) > 8000
                              AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                          OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs_unlogged m
                       WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                         AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= least(ranks.hi, w.worst)
                         AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                       ORDER BY m.prio_rank, m.seq
                       LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
              LIMIT v_rest);
          GET DIAGNOSTICS v_found = ROW_COUNT;
          v_ready := v_found = 0;
        END IF;
        IF v_ready THEN
          IF (SELECT true FROM ${schema}.mq_msgs_unlogged m
              WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[10]), p_since[11]::smallint, p_since[12])
                  AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
              ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1) THEN
            RETURN QUERY WITH due AS MATERIALIZED (
                SELECT m.row_tid AS row_tid,
                  CASE WHEN m.lease_owner IS NOT NULL THEN true
                       WHEN m.row_xmax = '0'::xid THEN false
                       ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                  coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                  pg_current_xact_id() AS xact,
                  m.id AS id,
                  m.seq AS seq,
                  m.prio_rank AS prio_rank,
                  m.sent_at AS sent_at,
                  m.delivery_time AS delivery_time,
                  m.expiration AS expiration,
                  m.delivery_count AS delivery_count,
                  m.failure_count AS failure_count,
                  m.lease_owner IS NOT NULL AS leased,
                  coalesce(m.message_id, m.payload_id) AS message_id,
                  m.destination AS destination,
                  m.reply_to AS reply_to,
                  m.correlation_id AS correlation_id,
                  coalesce(m.jms_type, m.name) AS jms_type,
                  m.redelivery_policy AS redelivery_policy,
                  m.dead_origin AS dead_origin,
                  m.dead_reason AS dead_reason,
                  CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                       ELSE m.body_type END AS body_type,
                  CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                       WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                       WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                       THEN m.payload_json::text END AS payload_text,
                  CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                       WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                  CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                       THEN m.properties::text END AS properties,
                  CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                         OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                       THEN m.property_types::text END AS property_types,
                  m.payload_id AS payload_id,
                  m.delivery_mode AS delivery_mode,
                  m.grp AS grp,
                  false AS grouped,
                  false AS cut,
                  m.attempt_at IS NOT NULL AS due,
                  coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                    OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                    OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                    OR (pg_catalog.pg_column_size(m.property_types) > 8000
                        AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                    OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs_unlogged m
                 WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[10]), p_since[11]::smallint, p_since[12])
                     AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
                   AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                   AND (m.lease_owner IS NULL
                        OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
                 ORDER BY m.attempt_at, m.prio_rank, m.seq
                 LIMIT v_rest FOR UPDATE SKIP LOCKED) m)
              SELECT true, d.* FROM due d
              UNION ALL
              (SELECT true, r.*
                 FROM (SELECT CASE WHEN count(*) < v_rest THEN 9 ELSE max(d.prio_rank) - 1 END AS worst FROM due d) w,
                      unnest(p_lo, p_hi, p_unlogged_floor) AS ranks (lo, hi, floor),
                      LATERAL (
                        SELECT m.row_tid AS row_tid,
                          CASE WHEN m.lease_owner IS NOT NULL THEN true
                               WHEN m.row_xmax = '0'::xid THEN false
                               ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                          coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                          pg_current_xact_id() AS xact,
                          m.id AS id,
                          m.seq AS seq,
                          m.prio_rank AS prio_rank,
                          m.sent_at AS sent_at,
                          m.delivery_time AS delivery_time,
                          m.expiration AS expiration,
                          m.delivery_count AS delivery_count,
                          m.failure_count AS failure_count,
                          m.lease_owner IS NOT NULL AS leased,
                          coalesce(m.message_id, m.payload_id) AS message_id,
                          m.destination AS destination,
                          m.reply_to AS reply_to,
                          m.correlation_id AS correlation_id,
                          coalesce(m.jms_type, m.name) AS jms_type,
                          m.redelivery_policy AS redelivery_policy,
                          m.dead_origin AS dead_origin,
                          m.dead_reason AS dead_reason,
                          CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                               ELSE m.body_type END AS body_type,
                          CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                               WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                               WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                               THEN m.payload_json::text END AS payload_text,
                          CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                               WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                          CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                               THEN m.properties::text END AS properties,
                          CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                                 OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                               THEN m.property_types::text END AS property_types,
                          m.payload_id AS payload_id,
                          m.delivery_mode AS delivery_mode,
                          m.grp AS grp,
                          false AS grouped,
                          false AS cut,
                          m.attempt_at IS NOT NULL AS due,
                          coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                            OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                            OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                            OR (pg_catalog.pg_column_size(m.property_types) > 8000
                                AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                            OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs_unlogged m
                         WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                           AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= least(ranks.hi, w.worst)
                           AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                         ORDER BY m.prio_rank, m.seq
                         LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
                LIMIT v_rest);
            v_ready := false;
          END IF;
        END IF;
      ELSIF (SELECT true FROM ${schema}.mq_msgs_unlogged m
          WHERE m.channel_name = p_channel AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
          ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1) THEN
        RETURN QUERY WITH due AS MATERIALIZED (
            SELECT m.row_tid AS row_tid,
              CASE WHEN m.lease_owner IS NOT NULL THEN true
                   WHEN m.row_xmax = '0'::xid THEN false
                   ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
              coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
              pg_current_xact_id() AS xact,
              m.id AS id,
              m.seq AS seq,
              m.prio_rank AS prio_rank,
              m.sent_at AS sent_at,
              m.delivery_time AS delivery_time,
              m.expiration AS expiration,
              m.delivery_count AS delivery_count,
              m.failure_count AS failure_count,
              m.lease_owner IS NOT NULL AS leased,
              coalesce(m.message_id, m.payload_id) AS message_id,
              m.destination AS destination,
              m.reply_to AS reply_to,
              m.correlation_id AS correlation_id,
              coalesce(m.jms_type, m.name) AS jms_type,
              m.redelivery_policy AS redelivery_policy,
              m.dead_origin AS dead_origin,
              m.dead_reason AS dead_reason,
              CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                   ELSE m.body_type END AS body_type,
              CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                   WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                   WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                   THEN m.payload_json::text END AS payload_text,
              CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                   WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
              CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                   THEN m.properties::text END AS properties,
              CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                     OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                   THEN m.property_types::text END AS property_types,
              m.payload_id AS payload_id,
              m.delivery_mode AS delivery_mode,
              m.grp AS grp,
              false AS grouped,
              false AS cut,
              m.attempt_at IS NOT NULL AS due,
              coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                OR (pg_catalog.pg_column_size(m.property_types) > 8000
                    AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs_unlogged m
             WHERE m.channel_name = p_channel AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
               AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
               AND (m.lease_owner IS NULL
                    OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
             ORDER BY m.attempt_at, m.prio_rank, m.seq
             LIMIT v_rest FOR UPDATE SKIP LOCKED) m)
          SELECT true, d.* FROM due d
          UNION ALL
          (SELECT true, r.*
             FROM (SELECT CASE WHEN count(*) < v_rest THEN 9 ELSE max(d.prio_rank) - 1 END AS worst FROM due d) w,
                  unnest(p_lo, p_hi, p_unlogged_floor) AS ranks (lo, hi, floor),
                  LATERAL (
                    SELECT m.row_tid AS row_tid,
                      CASE WHEN m.lease_owner IS NOT NULL THEN true
                           WHEN m.row_xmax = '0'::xid THEN false
                           ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                      coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                      pg_current_xact_id() AS xact,
                      m.id AS id,
                      m.seq AS seq,
                      m.prio_rank AS prio_rank,
                      m.sent_at AS sent_at,
                      m.delivery_time AS delivery_time,
                      m.expiration AS expiration,
                      m.delivery_count AS delivery_count,
                      m.failure_count AS failure_count,
                      m.lease_owner IS NOT NULL AS leased,
                      coalesce(m.message_id, m.payload_id) AS message_id,
                      m.destination AS destination,
                      m.reply_to AS reply_to,
                      m.correlation_id AS correlation_id,
                      coalesce(m.jms_type, m.name) AS jms_type,
                      m.redelivery_policy AS redelivery_policy,
                      m.dead_origin AS dead_origin,
                      m.dead_reason AS dead_reason,
                      CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                           ELSE m.body_type END AS body_type,
                      CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                           WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                           WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                           THEN m.payload_json::text END AS payload_text,
                      CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                           WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                      CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                           THEN m.properties::text END AS properties,
                      CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                             OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                           THEN m.property_types::text END AS property_types,
                      m.payload_id AS payload_id,
                      m.delivery_mode AS delivery_mode,
                      m.grp AS grp,
                      false AS grouped,
                      false AS cut,
                      m.attempt_at IS NOT NULL AS due,
                      coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                        OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                        OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                        OR (pg_catalog.pg_column_size(m.property_types) > 8000
                            AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                        OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs_unlogged m
                     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                       AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= least(ranks.hi, w.worst)
                       AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                     ORDER BY m.prio_rank, m.seq
                     LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
            LIMIT v_rest);
        v_ready := false;
      END IF;
      IF NOT v_ready THEN
        NULL;
      ELSIF cardinality(p_lo) = 1 THEN
        RETURN QUERY
          SELECT true, m.row_tid AS row_tid,
            CASE WHEN m.lease_owner IS NOT NULL THEN true
                 WHEN m.row_xmax = '0'::xid THEN false
                 ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
            coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
            pg_current_xact_id() AS xact,
            m.id AS id,
            m.seq AS seq,
            m.prio_rank AS prio_rank,
            m.sent_at AS sent_at,
            m.delivery_time AS delivery_time,
            m.expiration AS expiration,
            m.delivery_count AS delivery_count,
            m.failure_count AS failure_count,
            m.lease_owner IS NOT NULL AS leased,
            coalesce(m.message_id, m.payload_id) AS message_id,
            m.destination AS destination,
            m.reply_to AS reply_to,
            m.correlation_id AS correlation_id,
            coalesce(m.jms_type, m.name) AS jms_type,
            m.redelivery_policy AS redelivery_policy,
            m.dead_origin AS dead_origin,
            m.dead_reason AS dead_reason,
            CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                 ELSE m.body_type END AS body_type,
            CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                 WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                 WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                 THEN m.payload_json::text END AS payload_text,
            CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                 WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
            CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                 THEN m.properties::text END AS properties,
            CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                   OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                 THEN m.property_types::text END AS property_types,
            m.payload_id AS payload_id,
            m.delivery_mode AS delivery_mode,
            m.grp AS grp,
            false AS grouped,
            false AS cut,
            m.attempt_at IS NOT NULL AS due,
            coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
              OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
              OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
              OR (pg_catalog.pg_column_size(m.property_types) > 8000
                  AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
              OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs_unlogged m
           WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
             AND (m.prio_rank, m.seq) >= (p_lo[1], (p_unlogged_floor)[1]) AND m.prio_rank <= p_hi[1]
             AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
           ORDER BY m.prio_rank, m.seq
           LIMIT v_rest FOR UPDATE SKIP LOCKED) m;
      ELSE
        RETURN QUERY
          SELECT true, r.* FROM unnest(p_lo, p_hi, p_unlogged_floor) AS ranks (lo, hi, floor), LATERAL (
            SELECT m.row_tid AS row_tid,
              CASE WHEN m.lease_owner IS NOT NULL THEN true
                   WHEN m.row_xmax = '0'::xid THEN false
                   ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
              coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
              pg_current_xact_id() AS xact,
              m.id AS id,
              m.seq AS seq,
              m.prio_rank AS prio_rank,
              m.sent_at AS sent_at,
              m.delivery_time AS delivery_time,
              m.expiration AS expiration,
              m.delivery_count AS delivery_count,
              m.failure_count AS failure_count,
              m.lease_owner IS NOT NULL AS leased,
              coalesce(m.message_id, m.payload_id) AS message_id,
              m.destination AS destination,
              m.reply_to AS reply_to,
              m.correlation_id AS correlation_id,
              coalesce(m.jms_type, m.name) AS jms_type,
              m.redelivery_policy AS redelivery_policy,
              m.dead_origin AS dead_origin,
              m.dead_reason AS dead_reason,
              CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                   ELSE m.body_type END AS body_type,
              CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                   WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                   WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                   THEN m.payload_json::text END AS payload_text,
              CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                   WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
              CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                   THEN m.properties::text END AS properties,
              CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                     OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                   THEN m.property_types::text END AS property_types,
              m.payload_id AS payload_id,
              m.delivery_mode AS delivery_mode,
              m.grp AS grp,
              false AS grouped,
              false AS cut,
              m.attempt_at IS NOT NULL AS due,
              coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                OR (pg_catalog.pg_column_size(m.property_types) > 8000
                    AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs_unlogged m
             WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
               AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= ranks.hi
               AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
             ORDER BY m.prio_rank, m.seq
             LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
           LIMIT v_rest;
      END IF;
    ELSE
      v_ready := true;
      IF p_since IS NOT NULL THEN
        IF (SELECT true FROM ${schema}.mq_msgs m
            WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[1]), p_since[2]::smallint, p_since[3])
                AND m.attempt_at < '1970-01-02 00:00+00' AND m.slot IS NULL
            ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1) THEN
          RETURN QUERY WITH due AS MATERIALIZED (
              SELECT m.row_tid AS row_tid,
                CASE WHEN m.lease_owner IS NOT NULL THEN true
                     WHEN m.row_xmax = '0'::xid THEN false
                     ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                pg_current_xact_id() AS xact,
                m.id AS id,
                m.seq AS seq,
                m.prio_rank AS prio_rank,
                m.sent_at AS sent_at,
                m.delivery_time AS delivery_time,
                m.expiration AS expiration,
                m.delivery_count AS delivery_count,
                m.failure_count AS failure_count,
                m.lease_owner IS NOT NULL AS leased,
                coalesce(m.message_id, m.payload_id) AS message_id,
                m.destination AS destination,
                m.reply_to AS reply_to,
                m.correlation_id AS correlation_id,
                coalesce(m.jms_type, m.name) AS jms_type,
                m.redelivery_policy AS redelivery_policy,
                m.dead_origin AS dead_origin,
                m.dead_reason AS dead_reason,
                CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                     ELSE m.body_type END AS body_type,
                CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                     WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                     WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                     THEN m.payload_json::text END AS payload_text,
                CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                     WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                     THEN m.properties::text END AS properties,
                CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                       OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                     THEN m.property_types::text END AS property_types,
                m.payload_id AS payload_id,
                m.delivery_mode AS delivery_mode,
                m.grp AS grp,
                false AS grouped,
                false AS cut,
                m.attempt_at IS NOT NULL AS due,
                coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                  OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                  OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                  OR (pg_catalog.pg_column_size(m.property_types) > 8000
                      AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                  OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs m
               WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[1]), p_since[2]::smallint, p_since[3])
                   AND m.attempt_at < '1970-01-02 00:00+00' AND m.slot IS NULL
                 AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                 AND (m.lease_owner IS NULL
                      OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
               ORDER BY m.attempt_at, m.prio_rank, m.seq
               LIMIT v_rest FOR UPDATE SKIP LOCKED) m)
            SELECT false, d.* FROM due d
            UNION ALL
            (SELECT false, r.*
               FROM (SELECT coalesce(max(d.prio_rank) - 1, -1) AS worst FROM due d) w,
                    unnest(p_lo, p_hi, p_floor) AS ranks (lo, hi, floor),
                    LATERAL (
                      SELECT m.row_tid AS row_tid,
                        CASE WHEN m.lease_owner IS NOT NULL THEN true
                             WHEN m.row_xmax = '0'::xid THEN false
                             ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                        coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                        pg_current_xact_id() AS xact,
                        m.id AS id,
                        m.seq AS seq,
                        m.prio_rank AS prio_rank,
                        m.sent_at AS sent_at,
                        m.delivery_time AS delivery_time,
                        m.expiration AS expiration,
                        m.delivery_count AS delivery_count,
                        m.failure_count AS failure_count,
                        m.lease_owner IS NOT NULL AS leased,
                        coalesce(m.message_id, m.payload_id) AS message_id,
                        m.destination AS destination,
                        m.reply_to AS reply_to,
                        m.correlation_id AS correlation_id,
                        coalesce(m.jms_type, m.name) AS jms_type,
                        m.redelivery_policy AS redelivery_policy,
                        m.dead_origin AS dead_origin,
                        m.dead_reason AS dead_reason,
                        CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                             ELSE m.body_type END AS body_type,
                        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                             WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                             WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                             THEN m.payload_json::text END AS payload_text,
                        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                             WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                        CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                             THEN m.properties::text END AS properties,
                        CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                               OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                             THEN m.property_types::text END AS property_types,
                        m.payload_id AS payload_id,
                        m.delivery_mode AS delivery_mode,
                        m.grp AS grp,
                        false AS grouped,
                        false AS cut,
                        m.attempt_at IS NOT NULL AS due,
                        coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                          OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                          OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                          OR (pg_catalog.pg_column_size(m.property_types) > 8000
                              AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                          OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs m
                       WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                         AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= least(ranks.hi, w.worst)
                         AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                       ORDER BY m.prio_rank, m.seq
                       LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
              LIMIT v_rest);
          GET DIAGNOSTICS v_found = ROW_COUNT;
          v_ready := v_found = 0;
        END IF;
        IF v_ready THEN
          IF (SELECT true FROM ${schema}.mq_msgs m
              WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[4]), p_since[5]::smallint, p_since[6])
                  AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
              ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1) THEN
            RETURN QUERY WITH due AS MATERIALIZED (
                SELECT m.row_tid AS row_tid,
                  CASE WHEN m.lease_owner IS NOT NULL THEN true
                       WHEN m.row_xmax = '0'::xid THEN false
                       ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                  coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                  pg_current_xact_id() AS xact,
                  m.id AS id,
                  m.seq AS seq,
                  m.prio_rank AS prio_rank,
                  m.sent_at AS sent_at,
                  m.delivery_time AS delivery_time,
                  m.expiration AS expiration,
                  m.delivery_count AS delivery_count,
                  m.failure_count AS failure_count,
                  m.lease_owner IS NOT NULL AS leased,
                  coalesce(m.message_id, m.payload_id) AS message_id,
                  m.destination AS destination,
                  m.reply_to AS reply_to,
                  m.correlation_id AS correlation_id,
                  coalesce(m.jms_type, m.name) AS jms_type,
                  m.redelivery_policy AS redelivery_policy,
                  m.dead_origin AS dead_origin,
                  m.dead_reason AS dead_reason,
                  CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                       ELSE m.body_type END AS body_type,
                  CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                       WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                       WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                       THEN m.payload_json::text END AS payload_text,
                  CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                       WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                  CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                       THEN m.properties::text END AS properties,
                  CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                         OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                       THEN m.property_types::text END AS property_types,
                  m.payload_id AS payload_id,
                  m.delivery_mode AS delivery_mode,
                  m.grp AS grp,
                  false AS grouped,
                  false AS cut,
                  m.attempt_at IS NOT NULL AS due,
                  coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                    OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                    OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                    OR (pg_catalog.pg_column_size(m.property_types) > 8000
                        AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                    OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs m
                 WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[4]), p_since[5]::smallint, p_since[6])
                     AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
                   AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                   AND (m.lease_owner IS NULL
                        OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
                 ORDER BY m.attempt_at, m.prio_rank, m.seq
                 LIMIT v_rest FOR UPDATE SKIP LOCKED) m)
              SELECT false, d.* FROM due d
              UNION ALL
              (SELECT false, r.*
                 FROM (SELECT CASE WHEN count(*) < v_rest THEN 9 ELSE max(d.prio_rank) - 1 END AS worst FROM due d) w,
                      unnest(p_lo, p_hi, p_floor) AS ranks (lo, hi, floor),
                      LATERAL (
                        SELECT m.row_tid AS row_tid,
                          CASE WHEN m.lease_owner IS NOT NULL THEN true
                               WHEN m.row_xmax = '0'::xid THEN false
                               ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                          coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                          pg_current_xact_id() AS xact,
                          m.id AS id,
                          m.seq AS seq,
                          m.prio_rank AS prio_rank,
                          m.sent_at AS sent_at,
                          m.delivery_time AS delivery_time,
                          m.expiration AS expiration,
                          m.delivery_count AS delivery_count,
                          m.failure_count AS failure_count,
                          m.lease_owner IS NOT NULL AS leased,
                          coalesce(m.message_id, m.payload_id) AS message_id,
                          m.destination AS destination,
                          m.reply_to AS reply_to,
                          m.correlation_id AS correlation_id,
                          coalesce(m.jms_type, m.name) AS jms_type,
                          m.redelivery_policy AS redelivery_policy,
                          m.dead_origin AS dead_origin,
                          m.dead_reason AS dead_reason,
                          CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                               ELSE m.body_type END AS body_type,
                          CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                               WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                               WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                               THEN m.payload_json::text END AS payload_text,
                          CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                               WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                          CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                               THEN m.properties::text END AS properties,
                          CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                                 OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                               THEN m.property_types::text END AS property_types,
                          m.payload_id AS payload_id,
                          m.delivery_mode AS delivery_mode,
                          m.grp AS grp,
                          false AS grouped,
                          false AS cut,
                          m.attempt_at IS NOT NULL AS due,
                          coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                            OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                            OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                            OR (pg_catalog.pg_column_size(m.property_types) > 8000
                                AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                            OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs m
                         WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                           AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= least(ranks.hi, w.worst)
                           AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                         ORDER BY m.prio_rank, m.seq
                         LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
                LIMIT v_rest);
            v_ready := false;
          END IF;
        END IF;
      ELSIF (SELECT true FROM ${schema}.mq_msgs m
          WHERE m.channel_name = p_channel AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
          ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1) THEN
        RETURN QUERY WITH due AS MATERIALIZED (
            SELECT m.row_tid AS row_tid,
              CASE WHEN m.lease_owner IS NOT NULL THEN true
                   WHEN m.row_xmax = '0'::xid THEN false
                   ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
              coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
              pg_current_xact_id() AS xact,
              m.id AS id,
              m.seq AS seq,
              m.prio_rank AS prio_rank,
              m.sent_at AS sent_at,
              m.delivery_time AS delivery_time,
              m.expiration AS expiration,
              m.delivery_count AS delivery_count,
              m.failure_count AS failure_count,
              m.lease_owner IS NOT NULL AS leased,
              coalesce(m.message_id, m.payload_id) AS message_id,
              m.destination AS destination,
              m.reply_to AS reply_to,
              m.correlation_id AS correlation_id,
              coalesce(m.jms_type, m.name) AS jms_type,
              m.redelivery_policy AS redelivery_policy,
              m.dead_origin AS dead_origin,
              m.dead_reason AS dead_reason,
              CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                   ELSE m.body_type END AS body_type,
              CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                   WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                   WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                   THEN m.payload_json::text END AS payload_text,
              CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                   WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
              CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                   THEN m.properties::text END AS properties,
              CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                     OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                   THEN m.property_types::text END AS property_types,
              m.payload_id AS payload_id,
              m.delivery_mode AS delivery_mode,
              m.grp AS grp,
              false AS grouped,
              false AS cut,
              m.attempt_at IS NOT NULL AS due,
              coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                OR (pg_catalog.pg_column_size(m.property_types) > 8000
                    AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs m
             WHERE m.channel_name = p_channel AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
               AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
               AND (m.lease_owner IS NULL
                    OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
             ORDER BY m.attempt_at, m.prio_rank, m.seq
             LIMIT v_rest FOR UPDATE SKIP LOCKED) m)
          SELECT false, d.* FROM due d
          UNION ALL
          (SELECT false, r.*
             FROM (SELECT CASE WHEN count(*) < v_rest THEN 9 ELSE max(d.prio_rank) - 1 END AS worst FROM due d) w,
                  unnest(p_lo, p_hi, p_floor) AS ranks (lo, hi, floor),
                  LATERAL (
                    SELECT m.row_tid AS row_tid,
                      CASE WHEN m.lease_owner IS NOT NULL THEN true
                           WHEN m.row_xmax = '0'::xid THEN false
                           ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
                      coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
                      pg_current_xact_id() AS xact,
                      m.id AS id,
                      m.seq AS seq,
                      m.prio_rank AS prio_rank,
                      m.sent_at AS sent_at,
                      m.delivery_time AS delivery_time,
                      m.expiration AS expiration,
                      m.delivery_count AS delivery_count,
                      m.failure_count AS failure_count,
                      m.lease_owner IS NOT NULL AS leased,
                      coalesce(m.message_id, m.payload_id) AS message_id,
                      m.destination AS destination,
                      m.reply_to AS reply_to,
                      m.correlation_id AS correlation_id,
                      coalesce(m.jms_type, m.name) AS jms_type,
                      m.redelivery_policy AS redelivery_policy,
                      m.dead_origin AS dead_origin,
                      m.dead_reason AS dead_reason,
                      CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                           ELSE m.body_type END AS body_type,
                      CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                           WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                           WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                           THEN m.payload_json::text END AS payload_text,
                      CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                           WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
                      CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                           THEN m.properties::text END AS properties,
                      CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                             OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                           THEN m.property_types::text END AS property_types,
                      m.payload_id AS payload_id,
                      m.delivery_mode AS delivery_mode,
                      m.grp AS grp,
                      false AS grouped,
                      false AS cut,
                      m.attempt_at IS NOT NULL AS due,
                      coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                        OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                        OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                        OR (pg_catalog.pg_column_size(m.property_types) > 8000
                            AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                        OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs m
                     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                       AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= least(ranks.hi, w.worst)
                       AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                     ORDER BY m.prio_rank, m.seq
                     LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
            LIMIT v_rest);
        v_ready := false;
      END IF;
      IF NOT v_ready THEN
        NULL;
      ELSIF cardinality(p_lo) = 1 THEN
        RETURN QUERY
          SELECT false, m.row_tid AS row_tid,
            CASE WHEN m.lease_owner IS NOT NULL THEN true
                 WHEN m.row_xmax = '0'::xid THEN false
                 ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
            coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
            pg_current_xact_id() AS xact,
            m.id AS id,
            m.seq AS seq,
            m.prio_rank AS prio_rank,
            m.sent_at AS sent_at,
            m.delivery_time AS delivery_time,
            m.expiration AS expiration,
            m.delivery_count AS delivery_count,
            m.failure_count AS failure_count,
            m.lease_owner IS NOT NULL AS leased,
            coalesce(m.message_id, m.payload_id) AS message_id,
            m.destination AS destination,
            m.reply_to AS reply_to,
            m.correlation_id AS correlation_id,
            coalesce(m.jms_type, m.name) AS jms_type,
            m.redelivery_policy AS redelivery_policy,
            m.dead_origin AS dead_origin,
            m.dead_reason AS dead_reason,
            CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                 ELSE m.body_type END AS body_type,
            CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                 WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                 WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                 THEN m.payload_json::text END AS payload_text,
            CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                 WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
            CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                 THEN m.properties::text END AS properties,
            CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                   OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                 THEN m.property_types::text END AS property_types,
            m.payload_id AS payload_id,
            m.delivery_mode AS delivery_mode,
            m.grp AS grp,
            false AS grouped,
            false AS cut,
            m.attempt_at IS NOT NULL AS due,
            coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
              OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
              OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
              OR (pg_catalog.pg_column_size(m.property_types) > 8000
                  AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
              OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs m
           WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
             AND (m.prio_rank, m.seq) >= (p_lo[1], (p_floor)[1]) AND m.prio_rank <= p_hi[1]
             AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
           ORDER BY m.prio_rank, m.seq
           LIMIT v_rest FOR UPDATE SKIP LOCKED) m;
      ELSE
        RETURN QUERY
          SELECT false, r.* FROM unnest(p_lo, p_hi, p_floor) AS ranks (lo, hi, floor), LATERAL (
            SELECT m.row_tid AS row_tid,
              CASE WHEN m.lease_owner IS NOT NULL THEN true
                   WHEN m.row_xmax = '0'::xid THEN false
                   ELSE ${schema}.mq_suspect(m.row_xmax) END AS suspect,
              coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
              pg_current_xact_id() AS xact,
              m.id AS id,
              m.seq AS seq,
              m.prio_rank AS prio_rank,
              m.sent_at AS sent_at,
              m.delivery_time AS delivery_time,
              m.expiration AS expiration,
              m.delivery_count AS delivery_count,
              m.failure_count AS failure_count,
              m.lease_owner IS NOT NULL AS leased,
              coalesce(m.message_id, m.payload_id) AS message_id,
              m.destination AS destination,
              m.reply_to AS reply_to,
              m.correlation_id AS correlation_id,
              coalesce(m.jms_type, m.name) AS jms_type,
              m.redelivery_policy AS redelivery_policy,
              m.dead_origin AS dead_origin,
              m.dead_reason AS dead_reason,
              CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
                   ELSE m.body_type END AS body_type,
              CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
                   WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
                   WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
                   THEN m.payload_json::text END AS payload_text,
              CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
                   WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END AS payload_bytes,
              CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
                   THEN m.properties::text END AS properties,
              CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
                     OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
                   THEN m.property_types::text END AS property_types,
              m.payload_id AS payload_id,
              m.delivery_mode AS delivery_mode,
              m.grp AS grp,
              false AS grouped,
              false AS cut,
              m.attempt_at IS NOT NULL AS due,
              coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
                OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
                OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
                OR (pg_catalog.pg_column_size(m.property_types) > 8000
                    AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
                OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false) AS large FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.mq_msgs m
             WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
               AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= ranks.hi
               AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
             ORDER BY m.prio_rank, m.seq
             LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
           LIMIT v_rest;
      END IF;
    END IF;
    GET DIAGNOSTICS v_found = ROW_COUNT;
    v_rest := v_rest - v_found;
    EXIT WHEN v_rest <= 0;
    v_unlogged := NOT v_unlogged;
  END LOOP;
  IF NOT p_grouped AND v_rest > 0 THEN
    v_any := (SELECT true FROM ${schema}.mq_msgs m
               WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                 AND (m.prio_rank, m.seq) >= (p_lo[1], p_grouped_floor[1])
               ORDER BY m.prio_rank, m.seq LIMIT 1);
    IF v_any THEN
      NULL;
    ELSIF p_since IS NULL THEN
      v_any := (SELECT true FROM ${schema}.mq_msgs m
          WHERE m.channel_name = p_channel AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
          ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1);
    ELSE
      v_any := coalesce((SELECT true FROM ${schema}.mq_msgs m
          WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[13]), p_since[14]::smallint, p_since[15])
              AND m.attempt_at < '1970-01-02 00:00+00' AND m.slot IS NOT NULL
          ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1),
                        (SELECT true FROM ${schema}.mq_msgs m
                          WHERE m.channel_name = p_channel AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[16]), p_since[17]::smallint, p_since[18])
                              AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
                          ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1));
    END IF;
    IF v_any THEN
      RETURN QUERY SELECT g.* FROM ${schema}.mq_claim_grouped(
        p_channel, p_limit, p_lo, p_hi, p_grouped_floor, p_in_order, p_held, p_own, p_tokens, p_overtake, p_me, p_lapsed,
        p_most, p_since) g;
    END IF;
  END IF;
END
$body${tag}$;

-- functions/claim-grouped.sql

-- What a claim of groups may take: rows of these slots, which it has locked; if in_order up to and without the row
-- upto_rank, upto_seq. cut: there may be more.
CREATE TYPE ${schema}.mq_held_groups AS (
  slots smallint[], in_order boolean, upto_rank smallint, upto_seq bigint, cut boolean);

-- Locks the slots from which a claim will take p_limit rows. First those of due rows. Then, if p_in_order, those of the
-- ready rows in the order of delivery, so that a lone consumer gets all groups in that order. Otherwise, or if a good
-- many rows of that order are in other hands, up to four slots from anywhere, so that many consumers spread.
CREATE FUNCTION ${schema}.mq_hold_groups(
  p_channel text, p_limit integer, p_lo smallint[], p_hi smallint[], p_floor bigint[], p_in_order boolean,
  p_held bigint[], p_own xid[], p_tokens bigint[], p_overtake boolean, p_me integer,
  p_lapsed boolean, p_since bigint[])
RETURNS ${schema}.mq_held_groups
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_most constant integer := CASE WHEN p_in_order THEN least(p_limit, 32) ELSE 4 END;
  v_window constant integer := p_limit + 200;
  v_held ${schema}.mq_held_groups := row('{}', p_in_order, 10, 0, false);
  v_refused smallint[] := '{}';
  v_blocked text[] := '{}';
  v_read integer := 0;
  v_rows integer := 0;
  v_start smallint;
  v_from smallint;
  v_slot smallint;
  v_wrapped boolean := false;
  v_waiting constant boolean := ${schema}.mq_any_group_waits(p_channel, p_since);
  v_row record;
BEGIN
  FOR v_row IN
    SELECT w.* FROM (
      (SELECT m.slot, m.grp, m.prio_rank, m.seq, m.lease_owner IS NOT NULL AS leased,
              m.delivery_time IS NULL OR m.delivery_count > 0 OR m.lease_owner IS NOT NULL AS back
         FROM ${schema}.mq_msgs m
        WHERE m.channel_name = p_channel AND p_since IS NOT NULL AND m.attempt_at < '1970-01-02 00:00+00'
          AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[13]), p_since[14]::smallint, p_since[15])
          AND m.slot IS NOT NULL AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
          AND (m.lease_owner IS NULL
               OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
        ORDER BY m.attempt_at, m.prio_rank, m.seq)
      UNION ALL
      (SELECT m.slot, m.grp, m.prio_rank, m.seq, m.lease_owner IS NOT NULL AS leased,
              m.delivery_time IS NULL OR m.delivery_count > 0 OR m.lease_owner IS NOT NULL AS back
         FROM ${schema}.mq_msgs m
        WHERE m.channel_name = p_channel AND m.attempt_at <= statement_timestamp()
          AND (m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[16]), coalesce(p_since[17], 0)::smallint,
                                                    coalesce(p_since[18], 0))
          AND m.slot IS NOT NULL AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
          AND (m.lease_owner IS NULL
               OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
        ORDER BY m.attempt_at, m.prio_rank, m.seq)
    ) w
  LOOP
    EXIT WHEN cardinality(v_held.slots) >= v_most;
    CONTINUE WHEN v_row.slot = ANY (v_held.slots) OR v_row.slot = ANY (v_refused);
    CONTINUE WHEN NOT v_row.back AND v_row.grp = ANY (v_blocked);
    IF ${schema}.mq_group_waits(p_channel, v_row.grp, v_row.prio_rank, v_row.seq, v_row.back, v_row.leased, p_held,
                                p_tokens, p_overtake, p_since) THEN
      IF NOT v_row.back AND cardinality(v_blocked) < 100 THEN
        v_blocked := v_blocked || v_row.grp;
      END IF;
    ELSIF ${schema}.mq_hold_slot(p_channel, v_row.slot) THEN
      v_held.slots := v_held.slots || v_row.slot;
    ELSE
      v_refused := v_refused || v_row.slot;
    END IF;
  END LOOP;

  IF p_in_order THEN
    FOR v_row IN
      SELECT r.* FROM unnest(p_lo, p_hi, p_floor) AS ranks (lo, hi, floor), LATERAL (
        SELECT m.slot, m.grp, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
         WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
           AND (m.prio_rank, m.seq) >= (ranks.lo, coalesce(ranks.floor, 0)) AND m.prio_rank <= ranks.hi
           AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
         ORDER BY m.prio_rank, m.seq LIMIT v_window) r
       LIMIT v_window
    LOOP
      v_read := v_read + 1;
      IF v_rows >= p_limit OR v_read = v_window THEN
        v_held.cut := true;
      ELSIF v_row.slot = ANY (v_held.slots) THEN
        v_rows := v_rows + 1;
      ELSIF v_row.slot = ANY (v_refused) OR v_row.grp = ANY (v_blocked) THEN
        NULL;
      ELSIF v_waiting AND ${schema}.mq_group_waits(p_channel, v_row.grp, v_row.prio_rank, v_row.seq, false, false, p_held,
                                                   p_tokens, p_overtake, p_since) THEN
        v_blocked := v_blocked || v_row.grp;
      ELSIF cardinality(v_held.slots) >= v_most THEN
        v_held.cut := true;
      ELSIF ${schema}.mq_hold_slot(p_channel, v_row.slot) THEN
        v_held.slots := v_held.slots || v_row.slot;
        v_rows := v_rows + 1;
      ELSE
        v_refused := v_refused || v_row.slot;
      END IF;
      IF v_held.cut THEN
        v_held.upto_rank := v_row.prio_rank;
        v_held.upto_seq := v_row.seq;
        EXIT;
      END IF;
    END LOOP;
    IF v_held.slots <> '{}' OR NOT v_held.cut THEN
      RETURN v_held;
    END IF;
  END IF;

  v_held.in_order := false;
  v_held.cut := false;
  v_start := floor(random() * 1024);
  v_from := v_start;
  WHILE cardinality(v_held.slots) < 4 AND v_rows < p_limit LOOP
    SELECT m.slot INTO v_slot FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL AND m.slot >= v_from
     ORDER BY m.slot LIMIT 1;
    IF v_slot IS NULL AND NOT v_wrapped THEN
      v_wrapped := true;
      v_from := 0;
      CONTINUE;
    END IF;
    EXIT WHEN v_slot IS NULL OR (v_wrapped AND v_slot >= v_start);
    v_from := v_slot + 1;
    CONTINUE WHEN v_slot = ANY (v_held.slots) OR v_slot = ANY (v_refused);
    IF EXISTS (
        SELECT FROM (SELECT m.grp, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
                      WHERE m.channel_name = p_channel AND m.slot = v_slot AND m.attempt_at IS NULL
                        AND m.slot IS NOT NULL AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                      ORDER BY m.prio_rank, m.seq LIMIT 1000) r
         WHERE NOT v_waiting
            OR NOT ${schema}.mq_group_waits(p_channel, r.grp, r.prio_rank, r.seq, false, false, p_held, p_tokens,
                                            p_overtake, p_since))
       AND ${schema}.mq_hold_slot(p_channel, v_slot) THEN
      v_held.slots := v_held.slots || v_slot;
      v_rows := v_rows + (SELECT count(*) FROM (
        SELECT FROM ${schema}.mq_msgs m
         WHERE m.channel_name = p_channel AND m.slot = v_slot AND m.attempt_at IS NULL AND m.slot IS NOT NULL
         LIMIT p_limit) r);
    END IF;
  END LOOP;
  RETURN v_held;
END
$body${tag}$;

-- Claims up to p_limit rows of groups, of each group the next ones; parameters and result as those of mq_claim. Two
-- statements, each with a snapshot of its own: the first locks slots, the second sees what was done to them before.
-- p_in_order: rows come in the order of delivery and not from anywhere; then cut says that there may be more, so that the
-- caller must not take other rows from behind the last of these. p_tokens: of the leases that the caller works on.
-- p_overtake: groups do not wait for rows that back off. p_me, p_lapsed, p_most, p_since as in mq_claim.
CREATE FUNCTION ${schema}.mq_claim_grouped(
  p_channel text, p_limit integer, p_lo smallint[], p_hi smallint[], p_floor bigint[], p_in_order boolean,
  p_held bigint[], p_own xid[], p_tokens bigint[], p_overtake boolean, p_me integer,
  p_lapsed boolean, p_most bigint, p_since bigint[])
RETURNS SETOF ${schema}.mq_claimed
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_groups ${schema}.mq_held_groups;
  v_due ${schema}.mq_claimed[];
  v_held bigint[] := p_held;
  v_rest integer := p_limit;
  v_waiting boolean;
BEGIN
  v_groups := ${schema}.mq_hold_groups(p_channel, p_limit, p_lo, p_hi, p_floor, p_in_order, p_held, p_own, p_tokens,
                                       p_overtake, p_me, p_lapsed, p_since);
  IF v_groups.slots = '{}' THEN
    RETURN;
  END IF;
  v_waiting := ${schema}.mq_any_group_waits(p_channel, p_since);
  IF v_waiting THEN
    v_due := ARRAY(
      SELECT row(false, m.ctid,
        CASE WHEN m.lease_owner IS NOT NULL THEN true
             WHEN m.xmax = '0'::xid THEN false
             ELSE ${schema}.mq_suspect(m.xmax) END,
        coalesce(m.expires_at <= statement_timestamp(), false),
        pg_current_xact_id(),
        m.id,
        m.seq,
        m.prio_rank,
        m.sent_at,
        m.delivery_time,
        m.expiration,
        m.delivery_count,
        m.failure_count,
        m.lease_owner IS NOT NULL,
        coalesce(m.message_id, m.payload_id),
        m.destination,
        m.reply_to,
        m.correlation_id,
        coalesce(m.jms_type, m.name),
        m.redelivery_policy,
        m.dead_origin,
        m.dead_reason,
        CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
             ELSE m.body_type END,
        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
             WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
             WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
             THEN m.payload_json::text END,
        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
             WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END,
        CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
             THEN m.properties::text END,
        CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
               OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
             THEN m.property_types::text END,
        m.payload_id,
        m.delivery_mode,
        m.grp,
        true,
        v_groups.cut,
        m.attempt_at IS NOT NULL,
        coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
          OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
          OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
          OR (pg_catalog.pg_column_size(m.property_types) > 8000
              AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
          OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false))::${schema}.mq_claimed
        FROM ${schema}.mq_msgs m
       WHERE m.channel_name = p_channel AND m.ctid = ANY (ARRAY(
         (SELECT d.ctid FROM ${schema}.mq_msgs d
           WHERE d.channel_name = p_channel AND p_since IS NOT NULL AND d.attempt_at < '1970-01-02 00:00+00'
             AND (d.attempt_at, d.prio_rank, d.seq) >= (${schema}.mq_time(p_since[13]), p_since[14]::smallint, p_since[15])
             AND d.slot IS NOT NULL
             AND d.slot = ANY (v_groups.slots) AND d.seq NOT IN (SELECT unnest(p_held)) AND d.xmin <> ALL (p_own)
             AND (d.lease_owner IS NULL
                  OR (d.lease_owner <> p_me AND (p_lapsed OR d.attempt_at < '1970-01-02 00:00+00')))
             AND NOT ${schema}.mq_group_waits(
                   p_channel, d.grp, d.prio_rank, d.seq,
                   d.delivery_time IS NULL OR d.delivery_count > 0 OR d.lease_owner IS NOT NULL,
                   d.lease_owner IS NOT NULL, p_held, p_tokens, p_overtake, p_since)
           ORDER BY d.attempt_at, d.prio_rank, d.seq LIMIT p_limit)
         UNION ALL
         (SELECT d.ctid FROM ${schema}.mq_msgs d
           WHERE d.channel_name = p_channel AND d.attempt_at <= statement_timestamp()
             AND (d.attempt_at, d.prio_rank, d.seq) >= (${schema}.mq_time(p_since[16]), coalesce(p_since[17], 0)::smallint,
                                                       coalesce(p_since[18], 0))
             AND d.slot IS NOT NULL
             AND d.slot = ANY (v_groups.slots) AND d.seq NOT IN (SELECT unnest(p_held)) AND d.xmin <> ALL (p_own)
             AND (d.lease_owner IS NULL
                  OR (d.lease_owner <> p_me AND (p_lapsed OR d.attempt_at < '1970-01-02 00:00+00')))
             AND NOT ${schema}.mq_group_waits(
                   p_channel, d.grp, d.prio_rank, d.seq,
                   d.delivery_time IS NULL OR d.delivery_count > 0 OR d.lease_owner IS NOT NULL,
                   d.lease_owner IS NOT NULL, p_held, p_tokens, p_overtake, p_since)
           ORDER BY d.attempt_at, d.prio_rank, d.seq LIMIT p_limit)
         LIMIT p_limit))
         FOR UPDATE SKIP LOCKED);
    RETURN QUERY SELECT d.* FROM unnest(v_due) d;
    v_rest := v_rest - cardinality(v_due);
    v_held := v_held || ARRAY(SELECT d.seq FROM unnest(v_due) d);
  END IF;
  IF v_rest <= 0 THEN
    RETURN;
  ELSIF v_groups.in_order THEN
    RETURN QUERY
      SELECT false, m.ctid,
        CASE WHEN m.lease_owner IS NOT NULL THEN true
             WHEN m.xmax = '0'::xid THEN false
             ELSE ${schema}.mq_suspect(m.xmax) END,
        coalesce(m.expires_at <= statement_timestamp(), false),
        pg_current_xact_id(),
        m.id,
        m.seq,
        m.prio_rank,
        m.sent_at,
        m.delivery_time,
        m.expiration,
        m.delivery_count,
        m.failure_count,
        m.lease_owner IS NOT NULL,
        coalesce(m.message_id, m.payload_id),
        m.destination,
        m.reply_to,
        m.correlation_id,
        coalesce(m.jms_type, m.name),
        m.redelivery_policy,
        m.dead_origin,
        m.dead_reason,
        CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
             ELSE m.body_type END,
        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
             WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
             WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
             THEN m.payload_json::text END,
        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
             WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END,
        CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
             THEN m.properties::text END,
        CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
               OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
             THEN m.property_types::text END,
        m.payload_id,
        m.delivery_mode,
        m.grp,
        true,
        v_groups.cut,
        m.attempt_at IS NOT NULL,
        coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
          OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
          OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
          OR (pg_catalog.pg_column_size(m.property_types) > 8000
              AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
          OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false)
        FROM ${schema}.mq_msgs m
       WHERE m.channel_name = p_channel AND m.ctid = ANY (ARRAY(
         SELECT r.row_tid FROM unnest(p_lo, p_hi, p_floor) AS ranks (lo, hi, floor), LATERAL (
           SELECT s.ctid AS row_tid, s.grp, s.prio_rank, s.seq FROM ${schema}.mq_msgs s
            WHERE s.channel_name = p_channel AND s.attempt_at IS NULL AND s.slot IS NOT NULL
              AND (s.prio_rank, s.seq) >= (ranks.lo, coalesce(ranks.floor, 0)) AND s.prio_rank <= ranks.hi
              AND (s.prio_rank, s.seq) < (v_groups.upto_rank, v_groups.upto_seq)
              AND s.slot = ANY (v_groups.slots) AND s.seq NOT IN (SELECT unnest(p_held)) AND s.xmin <> ALL (p_own)
            ORDER BY s.prio_rank, s.seq LIMIT p_limit + 200) r
          WHERE NOT v_waiting
             OR NOT ${schema}.mq_group_waits(p_channel, r.grp, r.prio_rank, r.seq, false, false, v_held, p_tokens,
                                             p_overtake, p_since)
          LIMIT v_rest))
         FOR UPDATE SKIP LOCKED;
  ELSE
    RETURN QUERY
      SELECT false, m.ctid,
        CASE WHEN m.lease_owner IS NOT NULL THEN true
             WHEN m.xmax = '0'::xid THEN false
             ELSE ${schema}.mq_suspect(m.xmax) END,
        coalesce(m.expires_at <= statement_timestamp(), false),
        pg_current_xact_id(),
        m.id,
        m.seq,
        m.prio_rank,
        m.sent_at,
        m.delivery_time,
        m.expiration,
        m.delivery_count,
        m.failure_count,
        m.lease_owner IS NOT NULL,
        coalesce(m.message_id, m.payload_id),
        m.destination,
        m.reply_to,
        m.correlation_id,
        coalesce(m.jms_type, m.name),
        m.redelivery_policy,
        m.dead_origin,
        m.dead_reason,
        CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
             ELSE m.body_type END,
        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_text) <= p_most)
             WHEN m.payload_json IS NULL THEN CASE WHEN pg_catalog.octet_length(m.payload_text) <= p_most THEN m.payload_text END
             WHEN pg_catalog.pg_column_size(m.payload_json) <= 8000 OR pg_catalog.octet_length(m.payload_json::text) <= p_most
             THEN m.payload_json::text END,
        CASE WHEN m.payload_id IS NOT NULL THEN (SELECT p.payload_bytes FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND pg_catalog.octet_length(p.payload_bytes) <= p_most)
             WHEN pg_catalog.octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END,
        CASE WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
             THEN m.properties::text END,
        CASE WHEN pg_catalog.pg_column_size(m.property_types) <= 8000
               OR pg_catalog.octet_length(m.property_types::text) <= p_most + 131072
             THEN m.property_types::text END,
        m.payload_id,
        m.delivery_mode,
        m.grp,
        true,
        v_groups.cut,
        m.attempt_at IS NOT NULL,
        coalesce(pg_catalog.octet_length(m.payload_text) > p_most OR pg_catalog.octet_length(m.payload_bytes) > p_most
          OR (pg_catalog.pg_column_size(m.payload_json) > 8000 AND pg_catalog.octet_length(m.payload_json::text) > p_most)
          OR (pg_catalog.pg_column_size(m.properties) > 8000 AND pg_catalog.octet_length(m.properties::text) > p_most + 131072)
          OR (pg_catalog.pg_column_size(m.property_types) > 8000
              AND pg_catalog.octet_length(m.property_types::text) > p_most + 131072)
          OR CASE WHEN m.payload_id IS NOT NULL THEN EXISTS (SELECT FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id AND (pg_catalog.octet_length(p.payload_text) > p_most OR pg_catalog.octet_length(p.payload_bytes) > p_most)) END, false)
        FROM ${schema}.mq_msgs m
       WHERE m.channel_name = p_channel AND m.ctid = ANY (ARRAY(
         SELECT r.row_tid FROM unnest(v_groups.slots) AS held (slot), LATERAL (
           SELECT s.ctid AS row_tid, s.grp, s.prio_rank, s.seq FROM ${schema}.mq_msgs s
            WHERE s.channel_name = p_channel AND s.slot = held.slot AND s.attempt_at IS NULL AND s.slot IS NOT NULL
              AND s.seq NOT IN (SELECT unnest(p_held)) AND s.xmin <> ALL (p_own)
            ORDER BY s.prio_rank, s.seq LIMIT greatest(1000, p_limit)) r
          WHERE NOT v_waiting
             OR NOT ${schema}.mq_group_waits(p_channel, r.grp, r.prio_rank, r.seq, false, false, v_held, p_tokens,
                                             p_overtake, p_since)
          LIMIT v_rest))
         FOR UPDATE SKIP LOCKED;
  END IF;
END
$body${tag}$;

-- For claims with a selection, which are statements of the client's: locks the slots of candidates, which are in the order
-- in which they are wanted (p_due: of waiting rows), and leaves what the claim may take in settings of the transaction.
CREATE FUNCTION ${schema}.mq_hold_selected(
  p_channel text, p_limit bigint, p_slots smallint[], p_groups text[], p_ranks smallint[], p_seqs bigint[],
  p_due boolean[], p_back boolean[], p_leased boolean[], p_held bigint[], p_tokens bigint[], p_overtake boolean,
  p_since bigint[])
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_slots smallint[] := '{}';
  v_refused smallint[] := '{}';
  v_rows bigint := 0;
  v_cut integer;
BEGIN
  FOR i IN 1..coalesce(cardinality(p_slots), 0) LOOP
    IF v_rows >= p_limit AND NOT p_due[i] THEN
      v_cut := i;
      EXIT;
    ELSIF p_slots[i] = ANY (v_slots) THEN
      v_rows := v_rows + 1;
    ELSIF p_slots[i] = ANY (v_refused)
       OR ${schema}.mq_group_waits(p_channel, p_groups[i], p_ranks[i], p_seqs[i], p_back[i], p_leased[i], p_held,
                                   p_tokens, p_overtake, p_since) THEN
      NULL;
    ELSIF cardinality(v_slots) >= 32 THEN
      IF NOT p_due[i] THEN
        v_cut := i;
        EXIT;
      END IF;
    ELSIF ${schema}.mq_hold_slot(p_channel, p_slots[i]) THEN
      v_slots := v_slots || p_slots[i];
      v_rows := v_rows + 1;
    ELSE
      v_refused := v_refused || p_slots[i];
    END IF;
  END LOOP;
  PERFORM set_config('sqlmq.slots', v_slots::text, true),
          set_config('sqlmq.slots_rank', coalesce(p_ranks[v_cut], 10)::text, true),
          set_config('sqlmq.slots_seq', coalesce(p_seqs[v_cut], 0)::text, true),
          set_config('sqlmq.slots_cut', (v_cut IS NOT NULL)::text, true);
END
$body${tag}$;

-- functions/take.sql

-- Takes one message within the caller's transaction: claimed and deleted in one go. MQ002: the message at the head is a
-- suspect, whose failed delivery has to be counted and committed first, or its shared body is missing, so that it has to
-- be parked first, or it is too large, so that it has to be set aside first. What has expired is parked in p_expired_to, or
-- deleted. p_most: see mq_claimed.
CREATE FUNCTION ${schema}.mq_take(
  p_channel text, p_lo smallint[], p_hi smallint[], p_floor bigint[], p_unlogged_floor bigint[],
  p_unlogged_first boolean, p_own xid[], p_blocking boolean,
  p_expired_to text, p_grouped_floor bigint[] DEFAULT '{0}', p_in_order boolean DEFAULT true,
  p_overtake boolean DEFAULT false, p_grouped boolean DEFAULT true, p_signature bigint DEFAULT NULL,
  p_me integer DEFAULT 0, p_lapsed boolean DEFAULT true, p_most bigint DEFAULT 1000000000, p_since bigint[] DEFAULT NULL)
RETURNS SETOF ${schema}.mq_claimed
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_claimed;
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'messages can only be received in READ COMMITTED transactions, this one is %',
      upper(current_setting('transaction_isolation')) USING ERRCODE = 'MQ003';
  END IF;
  LOOP
    SELECT c.* INTO v_row FROM ${schema}.mq_claim(
        p_channel, 1, p_lo, p_hi, p_floor, p_unlogged_floor, p_unlogged_first, '{}', p_own, p_blocking,
        p_grouped_floor, p_in_order, '{}', p_overtake, p_grouped, p_me, p_lapsed, p_most, p_since) c
      ORDER BY c.prio_rank, c.seq LIMIT 1;
    EXIT WHEN v_row.id IS NULL;
    IF v_row.suspect OR NOT v_row.expired THEN
      -- Also before an error: this transaction's lock hides the one that made the message a suspect.
      PERFORM FROM ${schema}.mq_signatures s WHERE s.id = p_signature FOR UPDATE;
    END IF;
    IF v_row.suspect THEN
      RAISE EXCEPTION 'the last delivery of message % has to be counted first', v_row.id USING ERRCODE = 'MQ002';
    END IF;
    IF v_row.large
       OR ${schema}.mq_octets(
            v_row.destination, v_row.reply_to, v_row.correlation_id, v_row.jms_type, v_row.redelivery_policy, v_row.dead_origin,
            v_row.dead_reason, v_row.body_type, v_row.payload_text, v_row.payload_bytes, v_row.properties,
            v_row.property_types) > p_most THEN
      RAISE EXCEPTION 'message %, which is too large, has to be set aside first', v_row.id USING ERRCODE = 'MQ002';
    END IF;
    IF v_row.payload_id IS NOT NULL AND num_nonnulls(v_row.payload_text, v_row.payload_bytes) = 0 THEN
      RAISE EXCEPTION 'message %, whose body is missing, has to be parked first', v_row.id USING ERRCODE = 'MQ002';
    END IF;
    IF v_row.expired AND p_expired_to IS NOT NULL THEN
      PERFORM ${schema}.mq_park(v_row.id, p_channel, v_row.unlogged, p_expired_to, 'expired', NULL, v_row.delivery_count);
    ELSIF v_row.unlogged THEN
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = p_channel AND m.ctid = v_row.row_tid;
    ELSE
      DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = p_channel AND m.ctid = v_row.row_tid;
    END IF;
    IF NOT v_row.expired THEN
      RETURN NEXT v_row;
      EXIT;
    END IF;
  END LOOP;
END
$body${tag}$;

-- functions/ack.sql

-- Deletes rows that the calling transaction has locked; MQ001 when one is not there any more (the application rolled
-- back to a savepoint from before the claim). p_relaxed: this commit need not wait for the disk.
CREATE FUNCTION ${schema}.mq_ack(p_channel text, p_tids tid[], p_unlogged_tids tid[], p_relaxed boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer := 0;
  v_unlogged_count integer := 0;
BEGIN
  IF p_tids <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = p_channel AND m.ctid = ANY (p_tids);
    GET DIAGNOSTICS v_count = ROW_COUNT;
  END IF;
  IF p_unlogged_tids <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = p_channel AND m.ctid = ANY (p_unlogged_tids);
    GET DIAGNOSTICS v_unlogged_count = ROW_COUNT;
  END IF;
  IF v_count + v_unlogged_count <> cardinality(p_tids) + cardinality(p_unlogged_tids) THEN
    RAISE EXCEPTION '% of % acknowledged messages are not held by this transaction any more',
      cardinality(p_tids) + cardinality(p_unlogged_tids) - v_count - v_unlogged_count,
      cardinality(p_tids) + cardinality(p_unlogged_tids) USING ERRCODE = 'MQ001';
  END IF;
  IF p_relaxed THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN v_count + v_unlogged_count;
END
$body${tag}$;

-- Deletes rows by id: leased ones (p_token not null: only while the lease is still the caller's) or, for repair after a
-- broken connection, rows that nobody holds. Returns the ids that are gone or no longer the caller's, and (busy) those
-- that are but that another transaction has locked: a claim that saw the row as it was before the lease locks what became
-- of it, although it does not want it, until that transaction ends.
CREATE FUNCTION ${schema}.mq_ack_ids(p_channels text[], p_ids uuid[], p_owner integer, p_tokens bigint[])
RETURNS TABLE (id uuid, busy boolean)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  FOR i IN 1..cardinality(p_ids) LOOP
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = p_channels[i] AND m.ctid IN (
      SELECT s.ctid FROM ${schema}.mq_msgs s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
         AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
       FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = p_channels[i] AND m.ctid IN (
        SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
           AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
         FOR UPDATE SKIP LOCKED);
      IF NOT FOUND THEN
        id := p_ids[i];
        busy := EXISTS (SELECT FROM ${schema}.mq_msgs s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                           AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i])))
             OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                           AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i])));
        RETURN NEXT;
      END IF;
    END IF;
  END LOOP;
END
$body${tag}$;

-- functions/lease.sql

-- Leases rows that the calling transaction has locked: the delivery counts, and they come back when the lease ends.
CREATE FUNCTION ${schema}.mq_lease(
  p_channel text, p_tids tid[], p_unlogged_tids tid[], p_owner integer, p_token bigint, p_millis bigint)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer := 0;
  v_unlogged_count integer := 0;
  v_end constant timestamptz := statement_timestamp() + p_millis * interval '1 millisecond';
BEGIN
  IF p_tids <> '{}' THEN
    UPDATE ${schema}.mq_msgs m SET attempt_at = v_end, lease_owner = p_owner, lease_token = p_token,
           delivery_count = least(m.delivery_count + 1, 1000000000)
     WHERE m.channel_name = p_channel AND m.ctid = ANY (p_tids);
    GET DIAGNOSTICS v_count = ROW_COUNT;
  END IF;
  IF p_unlogged_tids <> '{}' THEN
    UPDATE ${schema}.mq_msgs_unlogged m SET attempt_at = v_end, lease_owner = p_owner, lease_token = p_token,
           delivery_count = least(m.delivery_count + 1, 1000000000)
     WHERE m.channel_name = p_channel AND m.ctid = ANY (p_unlogged_tids);
    GET DIAGNOSTICS v_unlogged_count = ROW_COUNT;
  END IF;
  RETURN v_count + v_unlogged_count;
END
$body${tag}$;

-- Renews the leases that a process holds (p_ids, p_tokens), also those that have run out and that nobody has taken since.
-- Other messages that are under a lease of its own are let go: the acknowledgement was lost with a crash of the server, or
-- the process does not know that it got the lease. Left alone is what may just be written or ended: what is newer than
-- p_last, and p_busy; and what is older than p_first, which is of another process that got the same number, before a
-- failover. Returns the channels where messages were let go. The time is that of each update, which may have
-- waited for longer than a lease lasts.
CREATE FUNCTION ${schema}.mq_renew(
  p_owner integer, p_millis bigint, p_ids uuid[], p_tokens bigint[], p_first bigint, p_last bigint,
  p_busy bigint[])
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET lock_timeout = '5s'
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  UPDATE ${schema}.mq_msgs m SET attempt_at = clock_timestamp() + p_millis * interval '1 millisecond'
   WHERE m.ctid = ANY (ARRAY(
     SELECT s.ctid FROM ${schema}.mq_msgs s
      WHERE s.lease_owner = p_owner AND (s.id, s.lease_token) IN (SELECT * FROM unnest(p_ids, p_tokens))
        FOR UPDATE SKIP LOCKED));
  UPDATE ${schema}.mq_msgs_unlogged m SET attempt_at = clock_timestamp() + p_millis * interval '1 millisecond'
   WHERE m.ctid = ANY (ARRAY(
     SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
      WHERE s.lease_owner = p_owner AND (s.id, s.lease_token) IN (SELECT * FROM unnest(p_ids, p_tokens))
        FOR UPDATE SKIP LOCKED));
  RETURN QUERY
    UPDATE ${schema}.mq_msgs m SET attempt_at = ${schema}.mq_at_once(), lease_owner = NULL, lease_token = NULL
     WHERE m.ctid = ANY (ARRAY(
       SELECT s.ctid FROM ${schema}.mq_msgs s
        WHERE s.lease_owner = p_owner AND s.lease_token BETWEEN p_first AND p_last AND s.lease_token <> ALL (p_busy)
          AND (s.id, s.lease_token) NOT IN (SELECT * FROM unnest(p_ids, p_tokens))
          FOR UPDATE SKIP LOCKED))
    RETURNING m.channel_name::text;
  RETURN QUERY
    UPDATE ${schema}.mq_msgs_unlogged m SET attempt_at = ${schema}.mq_at_once(), lease_owner = NULL, lease_token = NULL
     WHERE m.ctid = ANY (ARRAY(
       SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
        WHERE s.lease_owner = p_owner AND s.lease_token BETWEEN p_first AND p_last AND s.lease_token <> ALL (p_busy)
          AND (s.id, s.lease_token) NOT IN (SELECT * FROM unnest(p_ids, p_tokens))
          FOR UPDATE SKIP LOCKED))
    RETURNING m.channel_name::text;
END
$body${tag}$;

-- functions/requeue.sql

-- Gives back rows after deliveries that ended without an acknowledge: locked ones of the calling transaction (token
-- null) or leased ones (token: only while the lease is the caller's). Each is due after p_delays[i] ms, all counted from
-- the same moment; without a delay since 1970, so that what is delivered again at once begins with the oldest message,
-- however often it comes back; or parked in p_dead[i]; or, with a reason but no such channel, set aside. p_counted:
-- deliveries to add; p_failed: failures to add. Grouped rows are left
-- out when somebody else holds their slot: the caller has lost it, with the lock of the row, by a rollback to a savepoint,
-- and the row tells that by its xmax. p_for_holder: the caller acts for the transaction that holds the slots. Returns the
-- number of rows whose lease is still the caller's but that another transaction has locked, see mq_ack_ids.
CREATE FUNCTION ${schema}.mq_give_back(
  p_channels text[], p_ids uuid[], p_unlogged boolean[], p_tokens bigint[], p_owner integer, p_counted integer[],
  p_failed integer[], p_delays bigint[], p_dead text[], p_reasons text[], p_error text,
  p_for_holder boolean DEFAULT false)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_busy integer := 0;
  v_row record;
  v_now timestamptz;
  v_at_once timestamptz;
BEGIN
  -- Consumers may have passed times from before this, see mq_first_waiting.
  LOCK TABLE ${schema}.mq_msgs, ${schema}.mq_msgs_unlogged IN ROW EXCLUSIVE MODE;
  v_now := clock_timestamp();
  v_at_once := ${schema}.mq_at_once();
  FOR i IN 1..cardinality(p_ids) LOOP
    IF p_unlogged[i] THEN
      UPDATE ${schema}.mq_msgs_unlogged m
         SET attempt_at = CASE WHEN p_delays[i] = 0 THEN v_at_once ELSE v_now
                                    + least(p_delays[i], 3155760000000) * interval '1 millisecond' END,
             delivery_count = greatest(0, least(m.delivery_count + p_counted[i], 1000000000)),
             failure_count = least(m.failure_count + p_failed[i], 1000000000),
             lease_owner = NULL, lease_token = NULL, last_error = coalesce(p_error, m.last_error)
       WHERE m.channel_name = p_channels[i] AND m.ctid = (SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
                        WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                          AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
                        FOR UPDATE SKIP LOCKED)
      RETURNING m.delivery_count INTO v_row;
    ELSE
      UPDATE ${schema}.mq_msgs m
         SET attempt_at = CASE WHEN p_delays[i] = 0 THEN v_at_once ELSE v_now
                                    + least(p_delays[i], 3155760000000) * interval '1 millisecond' END,
             delivery_count = greatest(0, least(m.delivery_count + p_counted[i], 1000000000)),
             failure_count = least(m.failure_count + p_failed[i], 1000000000),
             lease_owner = NULL, lease_token = NULL, last_error = coalesce(p_error, m.last_error)
       WHERE m.channel_name = p_channels[i] AND m.ctid = (SELECT s.ctid FROM ${schema}.mq_msgs s
                        WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                          AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
                          AND CASE WHEN s.slot IS NULL OR p_for_holder OR p_tokens[i] IS NOT NULL THEN true
                                   ELSE ${schema}.mq_hold_slot(s.channel_name, s.slot) END
                        FOR UPDATE SKIP LOCKED)
      RETURNING m.delivery_count INTO v_row;
    END IF;
    IF FOUND THEN
      IF p_dead[i] IS NOT NULL THEN
        PERFORM ${schema}.mq_park(p_ids[i], p_channels[i], p_unlogged[i], p_dead[i], p_reasons[i], p_error,
                                  v_row.delivery_count);
      ELSIF p_reasons[i] IS NOT NULL THEN
        PERFORM ${schema}.mq_set_row_aside(p_ids[i], p_channels[i], p_unlogged[i], p_reasons[i]);
      END IF;
    ELSIF p_tokens[i] IS NOT NULL
      AND (EXISTS (SELECT FROM ${schema}.mq_msgs s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                      AND s.lease_owner = p_owner AND s.lease_token = p_tokens[i])
        OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                      AND s.lease_owner = p_owner AND s.lease_token = p_tokens[i])) THEN
      v_busy := v_busy + 1;
    END IF;
  END LOOP;
  RETURN v_busy;
END
$body${tag}$;

-- functions/move.sql

-- Moves a row to another channel of mq_msgs as a new message at its end. p_reason not null: as a dead letter.
CREATE FUNCTION ${schema}.mq_move(
  p_id uuid, p_channel text, p_unlogged boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs;
BEGIN
  IF p_unlogged THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.channel_name = p_channel RETURNING m.* INTO v_row;
  ELSE
    DELETE FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.channel_name = p_channel RETURNING m.* INTO v_row;
  END IF;
  IF v_row.id IS NULL THEN
    RETURN false;
  END IF;
  IF v_row.payload_id IS NOT NULL THEN
    -- A copy of the shared body: the other rows decide how long that stays.
    IF p_unlogged THEN
      SELECT p.payload_text, p.payload_bytes INTO v_row.payload_text, v_row.payload_bytes
        FROM ${schema}.mq_payloads_unlogged p WHERE p.id = v_row.payload_id;
    ELSE
      SELECT p.payload_text, p.payload_bytes INTO v_row.payload_text, v_row.payload_bytes
        FROM ${schema}.mq_payloads p WHERE p.id = v_row.payload_id;
    END IF;
    v_row.message_id := coalesce(v_row.message_id, v_row.payload_id);
    v_row.payload_id := NULL;
  END IF;
  -- A name made of a prefix and that of a queue may be longer than names can be.
  v_row.channel_name := CASE WHEN octet_length(p_to) <= 255 THEN p_to ELSE left(p_to, 48) || ':' || md5(p_to) END;
  v_row.seq := nextval('${schemaText}.mq_seq');
  IF p_reason IS NOT NULL OR v_row.delivery_count > 0 OR v_row.attempt_at <= clock_timestamp() THEN
    v_row.attempt_at := NULL;  -- else a delay goes on; nothing may become due in the past, see mq_first_waiting
  END IF;
  IF v_row.set_aside IS NOT NULL THEN
    v_row.attempt_at := NULL;
    v_row.set_aside := NULL;
  END IF;
  v_row.lease_owner := NULL;
  v_row.lease_token := NULL;
  v_row.properties := nullif(v_row.properties - ARRAY[
    'JMS_SQLMQ_DeadLetterOrigin', 'JMS_SQLMQ_DeadLetterReason', 'JMS_SQLMQ_DeadLetterAttempts',
    'JMS_SQLMQ_DeadLetterAt', 'JMS_SQLMQ_DeadLetterError'], '{}');
  v_row.property_types := nullif(v_row.property_types - 'JMS_SQLMQ_DeadLetterAt', '{}');
  -- Dead letters are independent of each other; what goes back to work is grouped again.
  v_row.slot := CASE WHEN p_reason IS NULL THEN ${schema}.mq_slot(v_row.grp) END;
  IF p_reason IS NULL THEN
    v_row.dead_origin := NULL;
    v_row.dead_reason := NULL;
    v_row.dead_attempts := NULL;
    v_row.dead_at := NULL;
    v_row.last_error := NULL;
  ELSE
    v_row.expires_at := NULL;  -- a dead letter stays
    v_row.expiration := NULL;
    v_row.dead_origin := p_channel;
    v_row.dead_reason := p_reason;
    v_row.dead_attempts := coalesce(p_attempts, v_row.delivery_count);
    v_row.dead_at := statement_timestamp();
    v_row.last_error := coalesce(p_error, v_row.last_error);
    -- For those who receive it; the columns are for operators.
    v_row.properties := coalesce(v_row.properties, '{}') || jsonb_strip_nulls(jsonb_build_object(
      'JMS_SQLMQ_DeadLetterOrigin', v_row.dead_origin,
      'JMS_SQLMQ_DeadLetterReason', v_row.dead_reason,
      'JMS_SQLMQ_DeadLetterAttempts', v_row.dead_attempts,
      'JMS_SQLMQ_DeadLetterAt', (extract(epoch FROM v_row.dead_at) * 1000)::bigint,
      'JMS_SQLMQ_DeadLetterError', v_row.last_error));
    v_row.property_types := coalesce(v_row.property_types, '{}') || '{"JMS_SQLMQ_DeadLetterAt": "long"}';
  END IF;
  v_row.delivery_count := 0;
  v_row.failure_count := 0;
  INSERT INTO ${schema}.mq_msgs VALUES (v_row.*) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    -- One with this id is there already; only an id was asked for that nobody else has.
    v_row.message_id := coalesce(v_row.message_id, v_row.id);
    v_row.id := gen_random_uuid();
    INSERT INTO ${schema}.mq_msgs VALUES (v_row.*);
  END IF;
  RETURN true;
END
$body${tag}$;

-- Leaves a row where it is, out of every claim, with the reason, until an operator retries or deletes it. What is
-- set aside is not grouped: its group goes on without it.
CREATE FUNCTION ${schema}.mq_set_row_aside(p_id uuid, p_channel text, p_unlogged boolean, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF p_unlogged THEN
    UPDATE ${schema}.mq_msgs_unlogged m
       SET attempt_at = 'infinity', set_aside = left(p_reason, 2000), lease_owner = NULL, lease_token = NULL
     WHERE m.id = p_id AND m.channel_name = p_channel;
  ELSE
    UPDATE ${schema}.mq_msgs m
       SET attempt_at = 'infinity', set_aside = left(p_reason, 2000), lease_owner = NULL, lease_token = NULL, slot = NULL
     WHERE m.id = p_id AND m.channel_name = p_channel;
  END IF;
END
$body${tag}$;

-- Parks a row as a dead letter with the rights of the owner, so that receivers need none to insert: only what the transaction
-- of the caller has written, for it is visible and its writer runs.
CREATE FUNCTION ${schema}.mq_dead_letter(
  p_id uuid, p_channel text, p_unlogged boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF EXISTS (SELECT FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.channel_name = p_channel AND NOT p_unlogged
                AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress')
     OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.channel_name = p_channel AND p_unlogged
                   AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress') THEN
    PERFORM ${schema}.mq_move(p_id, p_channel, p_unlogged, p_to, coalesce(p_reason, 'unknown'), p_error, p_attempts);
  END IF;
END
$body${tag}$;

-- Parks a row as a dead letter (see mq_move), or sets it aside where that is refused for this row: then it would be refused
-- again and again, and with it all that is given back in the same statement. Errors that pass (of locks, of the disk, of a
-- server that stops) are for the caller.
CREATE FUNCTION ${schema}.mq_park(
  p_id uuid, p_channel text, p_unlogged boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  -- To have it written by this transaction, with the rights of the caller.
  IF p_unlogged THEN
    UPDATE ${schema}.mq_msgs_unlogged m SET last_error = m.last_error
     WHERE m.id = p_id AND m.channel_name = p_channel
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) IS DISTINCT FROM 'in progress';
  ELSE
    UPDATE ${schema}.mq_msgs m SET last_error = m.last_error
     WHERE m.id = p_id AND m.channel_name = p_channel
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) IS DISTINCT FROM 'in progress';
  END IF;
  PERFORM ${schema}.mq_dead_letter(p_id, p_channel, p_unlogged, p_to, p_reason, p_error, p_attempts);
EXCEPTION WHEN OTHERS THEN
  IF SQLSTATE ~ '^(25|40|55|57|58|531)' THEN
    RAISE;
  END IF;
  PERFORM ${schema}.mq_set_row_aside(
    p_id, p_channel, p_unlogged, p_reason || '; it cannot be parked in ' || p_to || ': ' || SQLERRM);
END
$body${tag}$;

-- Makes what is set aside in a queue ready again, at its end and with no delivery counted; p_id null: all of it. Returns how
-- many.
CREATE FUNCTION ${schema}.mq_retry_set_aside(p_queue text, p_id uuid DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count bigint;
  v_unlogged_count bigint;
BEGIN
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = NULL, set_aside = NULL, seq = nextval('${schemaText}.mq_seq'), delivery_count = 0, failure_count = 0,
         slot = CASE WHEN m.dead_origin IS NULL THEN ${schema}.mq_slot(m.grp) END
   WHERE m.channel_name = p_queue AND m.set_aside IS NOT NULL AND (p_id IS NULL OR m.id = p_id);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  UPDATE ${schema}.mq_msgs_unlogged m
     SET attempt_at = NULL, set_aside = NULL, seq = nextval('${schemaText}.mq_seq'), delivery_count = 0, failure_count = 0
   WHERE m.channel_name = p_queue AND m.set_aside IS NOT NULL AND (p_id IS NULL OR m.id = p_id);
  GET DIAGNOSTICS v_unlogged_count = ROW_COUNT;
  IF v_count + v_unlogged_count > 0 THEN
    PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[p_queue], ARRAY[0::bigint]);
  END IF;
  RETURN v_count + v_unlogged_count;
END
$body${tag}$;

-- functions/expire.sql

-- The dead-letter queue of a queue by a prefix: only the beginning of a name with which it would be too long.
CREATE FUNCTION ${schema}.mq_prefixed(p_prefix text, p_name text) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT p_prefix || CASE WHEN octet_length(p_prefix || p_name) <= 255 THEN p_name
                          ELSE left(p_name, greatest(0, (255 - octet_length(p_prefix)) / 4)) END
$body${tag}$;

-- Deletes expired messages, a bounded number at a time, or parks them in p_to (p_prefix: in p_to followed by the name of
-- their channel). Returns how many.
CREATE FUNCTION ${schema}.mq_sweep_expired(p_limit integer, p_to text, p_prefix boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer := 0;
  v_row record;
BEGIN
  FOR v_row IN
    (SELECT s.id, s.channel_name, false AS unlogged, s.delivery_count FROM ${schema}.mq_msgs s
      WHERE s.expires_at <= statement_timestamp() AND s.set_aside IS NULL AND s.lease_owner IS NULL
      ORDER BY s.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED)
  LOOP
    IF p_to IS NULL THEN
      DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_row.id AND m.channel_name = v_row.channel_name;
    ELSE
      PERFORM ${schema}.mq_park(v_row.id, v_row.channel_name, false,
        CASE WHEN NOT p_prefix THEN p_to WHEN starts_with(v_row.channel_name, 'sqlmq-temp:') THEN p_to || 'sqlmq-temp'
             ELSE ${schema}.mq_prefixed(p_to, v_row.channel_name) END, 'expired', NULL, v_row.delivery_count);
    END IF;
    v_count := v_count + 1;
  END LOOP;
  FOR v_row IN
    (SELECT s.id, s.channel_name, s.delivery_count FROM ${schema}.mq_msgs_unlogged s
      WHERE s.expires_at <= statement_timestamp() AND s.set_aside IS NULL AND s.lease_owner IS NULL
      ORDER BY s.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED)
  LOOP
    IF p_to IS NULL THEN
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.id = v_row.id AND m.channel_name = v_row.channel_name;
    ELSE
      PERFORM ${schema}.mq_park(v_row.id, v_row.channel_name, true,
        CASE WHEN NOT p_prefix THEN p_to WHEN starts_with(v_row.channel_name, 'sqlmq-temp:') THEN p_to || 'sqlmq-temp'
             ELSE ${schema}.mq_prefixed(p_to, v_row.channel_name) END, 'expired', NULL, v_row.delivery_count);
    END IF;
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END
$body${tag}$;

-- functions/look.sql

-- One look at many channels: is something ready or due (0), and in how many milliseconds is the next one due that is not
-- due yet? rank ranges as in mq_claim, with their channel.
CREATE FUNCTION ${schema}.mq_look(
  p_channels text[], p_lane_channels text[], p_lo smallint[], p_hi smallint[], p_floor bigint[],
  p_unlogged_floor bigint[], p_grouped_floor bigint[])
RETURNS TABLE (channel text, due_in double precision)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
    SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN QUERY
    SELECT c.name, greatest(0, extract(epoch FROM d.attempt_at - statement_timestamp()) * 1000)::double precision
      FROM unnest(p_channels) AS c (name), LATERAL (
        (SELECT m.attempt_at FROM ${schema}.mq_msgs m
          WHERE m.channel_name = c.name AND m.attempt_at <= statement_timestamp() AND m.slot IS NULL
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs m
          WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
            AND m.slot IS NULL
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs m
          WHERE m.channel_name = c.name AND m.attempt_at <= statement_timestamp() AND m.slot IS NOT NULL
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs m
          WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
            AND m.slot IS NOT NULL
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs_unlogged m
          WHERE m.channel_name = c.name AND m.attempt_at <= statement_timestamp()
          ORDER BY m.attempt_at LIMIT 1)
        UNION ALL
        (SELECT m.attempt_at FROM ${schema}.mq_msgs_unlogged m
          WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
          ORDER BY m.attempt_at LIMIT 1)) d
    UNION ALL
    SELECT l.name, 0::double precision
      FROM unnest(p_lane_channels, p_lo, p_hi, p_floor, p_unlogged_floor, p_grouped_floor)
             AS l (name, lo, hi, floor, unlogged_floor, grouped_floor)
     WHERE EXISTS (SELECT FROM ${schema}.mq_msgs m
                    WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NULL
                      AND (m.prio_rank, m.seq) >= (l.lo, l.floor) AND m.prio_rank <= l.hi)
        OR EXISTS (SELECT FROM ${schema}.mq_msgs m
                    WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                      AND (m.prio_rank, m.seq) >= (l.lo, l.grouped_floor) AND m.prio_rank <= l.hi)
        OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                    WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NULL
                      AND (m.prio_rank, m.seq) >= (l.lo, l.unlogged_floor) AND m.prio_rank <= l.hi);
END
$body${tag}$;

-- What mq_look tells of rows that wait, of one channel and behind the places of p_since.
CREATE FUNCTION ${schema}.mq_look_behind(p_channel text, p_since bigint[])
RETURNS TABLE (channel text, due_in double precision)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_day constant bigint := 86400000000;
  v_now constant bigint := extract(epoch FROM statement_timestamp()) * 1000000 + 1;
  v_to constant bigint[] := ARRAY[v_day,0,0,v_now,0,0, v_day,0,0,v_now,0,0, v_day,0,0,v_now,0,0];
BEGIN
  channel := p_channel;
  IF ${schema}.mq_first_waiting(p_channel, p_since, v_to) <> v_to THEN
    due_in := 0;
    RETURN NEXT;
  END IF;
  due_in := extract(epoch FROM least(
    (SELECT m.attempt_at FROM ${schema}.mq_msgs m
      WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity' AND m.slot IS NULL
      ORDER BY m.attempt_at LIMIT 1),
    (SELECT m.attempt_at FROM ${schema}.mq_msgs m
      WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
        AND m.slot IS NOT NULL
      ORDER BY m.attempt_at LIMIT 1),
    (SELECT m.attempt_at FROM ${schema}.mq_msgs_unlogged m
      WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
      ORDER BY m.attempt_at LIMIT 1)) - statement_timestamp()) * 1000;
  IF due_in IS NOT NULL THEN
    RETURN NEXT;
  END IF;
END
$body${tag}$;

-- functions/floors.sql

-- The transactions that may still bring rows with old sequence numbers: whoever writes the tables holds this lock until
-- its rows are visible or gone.
CREATE FUNCTION ${schema}.mq_writers() RETURNS text[]
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT coalesce(array_agg(l.virtualtransaction), '{}') FROM pg_catalog.pg_locks l
   WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock'
     AND l.relation IN ('${schemaText}.mq_msgs'::regclass, '${schemaText}.mq_msgs_unlogged'::regclass)
     AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     AND l.pid IS DISTINCT FROM pg_backend_pid()
$body${tag}$;

-- What a floor can be raised to: the first visible sequence numbers of one rank, from the old floor on.
CREATE FUNCTION ${schema}.mq_visible(p_channel text, p_rank smallint, p_floor bigint, p_limit integer)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN QUERY SELECT m.seq::bigint FROM ${schema}.mq_msgs m
    WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL AND m.prio_rank = p_rank
      AND m.seq >= p_floor
    ORDER BY m.seq LIMIT p_limit;
END
$body${tag}$;

CREATE FUNCTION ${schema}.mq_visible_unlogged(p_channel text, p_rank smallint, p_floor bigint, p_limit integer)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN QUERY SELECT m.seq::bigint FROM ${schema}.mq_msgs_unlogged m
    WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL AND m.prio_rank = p_rank
      AND m.seq >= p_floor
    ORDER BY m.seq LIMIT p_limit;
END
$body${tag}$;

CREATE FUNCTION ${schema}.mq_visible_grouped(p_channel text, p_rank smallint, p_floor bigint, p_limit integer)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN QUERY SELECT m.seq::bigint FROM ${schema}.mq_msgs m
    WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL AND m.prio_rank = p_rank
      AND m.seq >= p_floor
    ORDER BY m.seq LIMIT p_limit;
END
$body${tag}$;

-- Where rows that wait begin: the places of the first visible ones that lie at or behind p_from (null: anywhere) and before p_to;
-- p_to where there are none. There are six places, of mq_msgs, of mq_msgs_unlogged and of groups, each the one for what was given
-- back at once and the one for the rest. A place is three numbers: attempt_at in microseconds since 1970, prio_rank and seq.
CREATE FUNCTION ${schema}.mq_first_waiting(p_channel text, p_from bigint[], p_to bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN
    coalesce((SELECT ARRAY[(extract(epoch FROM m.attempt_at) * 1000000)::bigint, m.prio_rank, m.seq]
                FROM ${schema}.mq_msgs m
               WHERE m.channel_name = p_channel AND m.slot IS NULL
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     >= (${schema}.mq_time(p_from[1]), coalesce(p_from[2], 0)::smallint, coalesce(p_from[3], 0))
                 AND m.attempt_at <= ${schema}.mq_time(p_to[1])
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     < (${schema}.mq_time(p_to[1]), p_to[2]::smallint, p_to[3])
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), p_to[1 : 3]) ||
    coalesce((SELECT ARRAY[(extract(epoch FROM m.attempt_at) * 1000000)::bigint, m.prio_rank, m.seq]
                FROM ${schema}.mq_msgs m
               WHERE m.channel_name = p_channel AND m.slot IS NULL
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     >= (${schema}.mq_time(p_from[4]), coalesce(p_from[5], 0)::smallint, coalesce(p_from[6], 0))
                 AND m.attempt_at <= ${schema}.mq_time(p_to[4])
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     < (${schema}.mq_time(p_to[4]), p_to[5]::smallint, p_to[6])
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), p_to[4 : 6]) ||
    coalesce((SELECT ARRAY[(extract(epoch FROM m.attempt_at) * 1000000)::bigint, m.prio_rank, m.seq]
                FROM ${schema}.mq_msgs_unlogged m
               WHERE m.channel_name = p_channel AND m.slot IS NULL
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     >= (${schema}.mq_time(p_from[7]), coalesce(p_from[8], 0)::smallint, coalesce(p_from[9], 0))
                 AND m.attempt_at <= ${schema}.mq_time(p_to[7])
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     < (${schema}.mq_time(p_to[7]), p_to[8]::smallint, p_to[9])
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), p_to[7 : 9]) ||
    coalesce((SELECT ARRAY[(extract(epoch FROM m.attempt_at) * 1000000)::bigint, m.prio_rank, m.seq]
                FROM ${schema}.mq_msgs_unlogged m
               WHERE m.channel_name = p_channel AND m.slot IS NULL
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     >= (${schema}.mq_time(p_from[10]), coalesce(p_from[11], 0)::smallint, coalesce(p_from[12], 0))
                 AND m.attempt_at <= ${schema}.mq_time(p_to[10])
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     < (${schema}.mq_time(p_to[10]), p_to[11]::smallint, p_to[12])
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), p_to[10 : 12]) ||
    coalesce((SELECT ARRAY[(extract(epoch FROM m.attempt_at) * 1000000)::bigint, m.prio_rank, m.seq]
                FROM ${schema}.mq_msgs m
               WHERE m.channel_name = p_channel AND m.slot IS NOT NULL
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     >= (${schema}.mq_time(p_from[13]), coalesce(p_from[14], 0)::smallint, coalesce(p_from[15], 0))
                 AND m.attempt_at <= ${schema}.mq_time(p_to[13])
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     < (${schema}.mq_time(p_to[13]), p_to[14]::smallint, p_to[15])
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), p_to[13 : 15]) ||
    coalesce((SELECT ARRAY[(extract(epoch FROM m.attempt_at) * 1000000)::bigint, m.prio_rank, m.seq]
                FROM ${schema}.mq_msgs m
               WHERE m.channel_name = p_channel AND m.slot IS NOT NULL
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     >= (${schema}.mq_time(p_from[16]), coalesce(p_from[17], 0)::smallint, coalesce(p_from[18], 0))
                 AND m.attempt_at <= ${schema}.mq_time(p_to[16])
                 AND (m.attempt_at, m.prio_rank, m.seq)
                     < (${schema}.mq_time(p_to[16]), p_to[17]::smallint, p_to[18])
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), p_to[16 : 18]);
END
$body${tag}$;

-- How many entries the transaction has read from the indexes of rows that wait.
CREATE FUNCTION ${schema}.mq_waiting_read() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_wait'::regclass)
       + pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_unlogged_wait'::regclass)
       + pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_grouped_wait'::regclass);
END
$body${tag}$;

-- Raises what mq_first_waiting has told before (p_since, or null). What is due before p_time, and of what was given back at once
-- all rounds before p_round, is complete: visible, or gone. since stays null where there is not much to pass; again: a new
-- round has begun because of what is gone of the last, so that it can be passed, too.
CREATE FUNCTION ${schema}.mq_pass_waiting(
  p_channel text, p_since bigint[], p_round bigint, p_time bigint, OUT since bigint[], OUT again boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_much constant integer := 1000;
  v_day constant bigint := 86400000000;
  v_to constant bigint[] := ARRAY[p_round,0,0,p_time,0,0, p_round,0,0,p_time,0,0, p_round,0,0,p_time,0,0];
  v_now constant bigint[] := ARRAY[v_day,0,0,p_time,0,0, v_day,0,0,p_time,0,0, v_day,0,0,p_time,0,0];
  v_read bigint := ${schema}.mq_waiting_read();
BEGIN
  -- The server may not be the one it was, or its clock was put back.
  since := CASE WHEN greatest(p_since[4], p_since[10], p_since[16]) <= p_time
                 AND greatest(p_since[1], p_since[7], p_since[13]) <= p_round THEN p_since END;
  since := ${schema}.mq_first_waiting(p_channel, since, v_to);
  IF p_since IS NULL AND ${schema}.mq_waiting_read() - v_read < v_much THEN
    since := NULL;
  END IF;
  v_read := ${schema}.mq_waiting_read();
  PERFORM ${schema}.mq_first_waiting(p_channel, v_to, v_now);
  again := ${schema}.mq_waiting_read() - v_read >= v_much;
  IF again THEN
    PERFORM nextval('${schemaText}.mq_round');
  END IF;
END
$body${tag}$;

-- functions/notify.sql

-- Wakes consumers of other processes: channel by channel when somebody waits there, with the milliseconds until then; -1:
-- later, they have to look when.
CREATE FUNCTION ${schema}.mq_notify(p_topic text, p_owner integer, p_channels text[], p_due bigint[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT pg_notify(p_topic, c.due || ' ' || c.name) FROM unnest(p_channels, p_due) AS c (name, due)
   WHERE EXISTS (SELECT FROM ${schema}.mq_waiters w WHERE w.channel_name = c.name AND w.owner <> p_owner)
$body${tag}$;

-- functions/send.sql

-- For SQL programs -----------------------------------------------------------------------------------------------------

-- Sends a text message to a queue; part of the caller's transaction. Returns the JMSMessageID without its ID: prefix.
-- JMSXGroupID among the properties makes it one of a group.
-- If the property JMS_SQLMQ_DeduplicationId (or _AMQ_DUPL_ID) is that of an earlier message, nothing is sent, and the id
-- is that of the earlier message; identifiers given here hold for ten minutes.
CREATE FUNCTION ${schema}.mq_send(
  p_queue text, p_text text, p_properties jsonb DEFAULT NULL, p_priority integer DEFAULT 4,
  p_delay interval DEFAULT interval '0')
RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_id constant uuid := gen_random_uuid();
  v_now constant bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  v_delay constant bigint := greatest(0, extract(epoch FROM p_delay) * 1000);
  v_dedup constant text := coalesce(p_properties ->> 'JMS_SQLMQ_DeduplicationId', p_properties ->> '_AMQ_DUPL_ID');
  v_group constant text := ${schema}.mq_group(p_properties);
  v_first uuid;
BEGIN
  IF v_dedup IS NOT NULL THEN
    v_first := ${schema}.mq_reserve_id(p_queue, v_dedup, v_id, interval '10 min');
    IF v_first <> v_id THEN
      RETURN v_first;
    END IF;
  END IF;
  INSERT INTO ${schema}.mq_msgs (id, channel_name, sent_at, prio_rank, attempt_at, delivery_time, properties, payload_text,
                                 grp, slot)
  VALUES (v_id, p_queue, v_now, 9 - p_priority,
          CASE WHEN v_delay > 0 THEN clock_timestamp() + p_delay END,
          CASE WHEN v_delay > 0 THEN v_now + v_delay END, p_properties, p_text, v_group, ${schema}.mq_slot(v_group));
  PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[p_queue], ARRAY[CASE WHEN v_delay > 0 THEN -1 ELSE 0 END]);
  RETURN v_id;
END
$body${tag}$;

-- Puts a row back that was taken out of mq_msgs or its unlogged table, say into a table of an operator's: SELECT mq_restore(to_jsonb(b))
-- FROM backup b ORDER BY seq. Never insert the old number again: consumers that run do not look where they have taken
-- everything. It comes at the end of its queue, ready unless it was delayed, in mq_msgs. Returns its id; null if a message with
-- that id is there.
CREATE FUNCTION ${schema}.mq_restore(p_row jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs := jsonb_populate_record(NULL::${schema}.mq_msgs, p_row);
BEGIN
  IF v_row.payload_id IS NOT NULL THEN
    -- A body that was shared is the row's own from here on.
    SELECT p.payload_text, p.payload_bytes INTO v_row.payload_text, v_row.payload_bytes
      FROM (SELECT * FROM ${schema}.mq_payloads UNION ALL SELECT * FROM ${schema}.mq_payloads_unlogged) p
     WHERE p.id = v_row.payload_id LIMIT 1;
    IF FOUND THEN
      v_row.message_id := coalesce(v_row.message_id, v_row.payload_id);
      v_row.payload_id := NULL;
    END IF;
  END IF;
  LOCK TABLE ${schema}.mq_msgs IN ROW EXCLUSIVE MODE;  -- before the clock is read
  v_row.seq := nextval('${schemaText}.mq_seq');
  v_row.prio_rank := coalesce(v_row.prio_rank, 5);
  v_row.delivery_count := coalesce(v_row.delivery_count, 0);
  v_row.failure_count := coalesce(v_row.failure_count, 0);
  IF v_row.lease_owner IS NOT NULL OR v_row.attempt_at <= clock_timestamp() OR NOT isfinite(v_row.attempt_at) THEN
    v_row.attempt_at := NULL;
  END IF;
  v_row.lease_owner := NULL;
  v_row.lease_token := NULL;
  v_row.set_aside := NULL;
  v_row.slot := CASE WHEN v_row.dead_origin IS NULL THEN ${schema}.mq_slot(v_row.grp) END;
  INSERT INTO ${schema}.mq_msgs VALUES (v_row.*) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[v_row.channel_name::text],
                              ARRAY[CASE WHEN v_row.attempt_at IS NULL THEN 0 ELSE -1 END]::bigint[]);
  RETURN v_row.id;
END
$body${tag}$;

-- functions/depth.sql

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

-- functions/dedup.sql

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

-- functions/owners.sql

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

-- functions/topics.sql

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

-- functions/subscriptions.sql

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

-- functions/payloads.sql

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

-- functions/gone.sql

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
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL AND s.slot IS NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NOT NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL AND s.slot IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_gone.channel AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_gone.channel AND m.ctid = ANY (ARRAY(
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

-- functions/names.sql

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

-- functions/schedules.sql

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
    SELECT s.id, ${schema}.mq_octets(
                   s.destination, s.reply_to, s.correlation_id, s.jms_type, s.redelivery_policy, NULL, NULL, s.body_type,
                   s.payload_text, s.payload_bytes, s.properties::text, s.property_types::text)
                 + coalesce(octet_length(s.cron), 0) + coalesce(octet_length(s.zone), 0) + pg_column_size(s.senders)
                 + coalesce(octet_length(s.last_error), 0) AS size
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

-- functions/temporaries.sql

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

-- functions/roles.sql

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

-- views.sql

-- Text as JSON, null when it is none, or is nested more than 1,000 levels deep: what a server can read depends on its
-- stack, and subscriptions have to select alike. For selectors on the fields of a body.
CREATE FUNCTION ${schema}.mq_try_json(p_text text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_json jsonb;
BEGIN
  v_json := p_text::jsonb;
  IF length(p_text) > 2000
     AND jsonb_path_exists(v_json, 'strict $.**{1000} ? (@.type() == "array" || @.type() == "object")') THEN
    RETURN NULL;
  END IF;
  RETURN v_json;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END
$body${tag}$;

-- For operators ----------------------------------------------------------------------------------------------------------

-- One line a message, readable. mq_messages_logged is the variant for hot standbys, where unlogged tables are not there.
CREATE VIEW ${schema}.mq_messages_logged AS
  SELECT m.channel_name AS queue, m.id, 9 - m.prio_rank AS priority, true AS persistent,
         CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END AS sent_at,
         CASE WHEN m.attempt_at IS NULL OR m.attempt_at <= now() THEN 'ready'
              WHEN m.set_aside IS NOT NULL THEN 'set aside'
              WHEN m.lease_owner IS NOT NULL THEN 'leased'
              WHEN m.delivery_count > 0 THEN 'backing off'
              ELSE 'delayed' END AS state,
         CASE WHEN m.attempt_at >= '1970-01-02 00:00+00' AND m.attempt_at < 'infinity' THEN m.attempt_at END AS due_at, m.expires_at, m.delivery_count, m.last_error,
         m.correlation_id, m.jms_type, m.reply_to, m.properties,
         coalesce(m.body_type, 'text') AS body_type,
         coalesce(m.payload_text, m.payload_json::text,
                  (SELECT p.payload_text FROM ${schema}.mq_payloads p WHERE p.id = m.payload_id)) AS body,
         m.seq, m.set_aside
    FROM ${schema}.mq_msgs m;

CREATE VIEW ${schema}.mq_messages AS
  SELECT * FROM ${schema}.mq_messages_logged
  UNION ALL
  SELECT m.channel_name, m.id, 9 - m.prio_rank, false,
         CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END,
         CASE WHEN m.attempt_at IS NULL OR m.attempt_at <= now() THEN 'ready'
              WHEN m.set_aside IS NOT NULL THEN 'set aside'
              WHEN m.lease_owner IS NOT NULL THEN 'leased'
              WHEN m.delivery_count > 0 THEN 'backing off'
              ELSE 'delayed' END,
         CASE WHEN m.attempt_at >= '1970-01-02 00:00+00' AND m.attempt_at < 'infinity' THEN m.attempt_at END, m.expires_at, m.delivery_count, m.last_error,
         m.correlation_id, m.jms_type, m.reply_to, m.properties,
         coalesce(m.body_type, 'text'),
         coalesce(m.payload_text, m.payload_json::text,
                  (SELECT p.payload_text FROM ${schema}.mq_payloads_unlogged p WHERE p.id = m.payload_id)), m.seq, m.set_aside
    FROM ${schema}.mq_msgs_unlogged m;

CREATE VIEW ${schema}.mq_queues_logged AS
  SELECT queue, count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state = 'delayed') AS delayed,
         count(*) FILTER (WHERE state = 'backing off') AS backing_off, count(*) FILTER (WHERE state = 'leased') AS leased,
         count(*) FILTER (WHERE state = 'set aside') AS set_aside, count(*) AS total, min(sent_at) AS oldest
    FROM ${schema}.mq_messages_logged GROUP BY queue;

CREATE VIEW ${schema}.mq_queues AS
  SELECT queue, count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state = 'delayed') AS delayed,
         count(*) FILTER (WHERE state = 'backing off') AS backing_off, count(*) FILTER (WHERE state = 'leased') AS leased,
         count(*) FILTER (WHERE state = 'set aside') AS set_aside, count(*) AS total, min(sent_at) AS oldest
    FROM ${schema}.mq_messages GROUP BY queue;

-- What can be neither delivered nor parked, and why.
CREATE VIEW ${schema}.mq_set_aside AS
  SELECT m.channel_name AS queue, m.id, true AS persistent, m.set_aside AS reason, m.delivery_count, m.failure_count,
         m.last_error AS error, m.expires_at, m.seq
    FROM ${schema}.mq_msgs m WHERE m.set_aside IS NOT NULL
  UNION ALL
  SELECT m.channel_name, m.id, false, m.set_aside, m.delivery_count, m.failure_count, m.last_error, m.expires_at, m.seq
    FROM ${schema}.mq_msgs_unlogged m WHERE m.set_aside IS NOT NULL;

CREATE VIEW ${schema}.mq_dead_letters AS
  SELECT m.channel_name AS queue, m.id, m.dead_origin AS origin, m.dead_reason AS reason, m.dead_attempts AS attempts,
         m.dead_at, m.last_error AS error, m.properties, coalesce(m.body_type, 'text') AS body_type,
         coalesce(m.payload_text, m.payload_json::text) AS body
    FROM ${schema}.mq_msgs m WHERE m.dead_origin IS NOT NULL;

-- For operators.
CREATE VIEW ${schema}.mq_topic_subscribers AS
  SELECT coalesce(s.pattern, s.topic) AS topic, s.name AS subscription, nullif(s.client_id, '') AS client_id, s.shared, s.durable, s.selector,
         s.channel AS queue, s.created_at,
         (SELECT count(*) FROM ${schema}.mq_subscribers c WHERE c.channel = s.channel) AS consumers
    FROM ${schema}.mq_subscriptions s;

-- For operators: what will be sent, where and when.
CREATE VIEW ${schema}.mq_scheduled AS
  SELECT s.id, s.parent_id, CASE WHEN s.topic THEN 'topic://' ELSE 'queue://' END || s.channel_name AS destination,
         nullif(s.next_at, 'infinity') AS next_at, s.cron, s.zone, s.delay * interval '1 millisecond' AS delay,
         s.period * interval '1 millisecond' AS period, nullif(s.repeats, -1) AS repeats, s.created_at, s.last_error,
         s.properties, coalesce(s.body_type, 'text') AS body_type, s.payload_text AS body
    FROM ${schema}.mq_schedules s;
