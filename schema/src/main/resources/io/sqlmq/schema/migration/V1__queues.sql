-- The tables of sqlmq. Layout, indexes and the reasons for them: docs/architecture.md.
-- ${schema} is the quoted schema name; every name is qualified with it, so that no search_path matters. In string
-- literals it is ${schemaText}, in templates of format() ${schemaFormat}.
-- ${tag} makes the tags of dollar quotes such that they are not in that name.

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

-- A claimed row as consumers read it. suspect: the delivery before ended with the death of its transaction or its lease.
-- large: what it carries is more than the consumer will fetch; what is too much is null. The length of a text or bytea is
-- known without reading it; of JSON, which is stored compressed, it is only asked where that may matter.
CREATE TYPE ${schema}.mq_claimed AS (
  twin boolean, row_tid tid, suspect boolean, expired boolean, xact xid8,
  id uuid, seq ${schema}.mq_number, prio_rank ${schema}.mq_rank, sent_at bigint, delivery_time bigint, expiration bigint,
  delivery_count ${schema}.mq_count, failure_count ${schema}.mq_count, leased boolean,
  message_id uuid, destination text, reply_to text, correlation_id text, jms_type text, redelivery_policy text,
  dead_origin text, dead_reason text,
  body_type text, payload_text text, payload_bytes bytea, properties text, property_types text,
  payload_id uuid, delivery_mode smallint,
  grp ${schema}.mq_group, grouped boolean, cut boolean, due boolean,  -- see mq_claim_grouped
  large boolean);

-- Is any of this JSON more than a message may have? It is stored compressed, so that has to be read to be known.
CREATE FUNCTION ${schema}.mq_is_large(p_body jsonb, p_properties jsonb, p_property_types jsonb, p_most bigint)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN coalesce(pg_catalog.octet_length(p_body::text), 0) > p_most
      OR coalesce(pg_catalog.octet_length(p_properties::text), 0) > 2::bigint * p_most
      OR coalesce(pg_catalog.octet_length(p_property_types::text), 0) > 2::bigint * p_most;
END
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

-- mq_claim locks p_limit due or ready rows of a channel (more when priorities want it) until the transaction ends and
-- returns them in no order. Lane i covers the ranks p_lo[i] to p_hi[i], in p_lo[i] from sequence number p_floor[i] on. Left out
-- are rows that the caller holds already (p_held, by seq) or wrote in this transaction (p_own, by xmin). p_blocking: nothing
-- while a message of the channel backs off. p_most: bytes that a message may have, see mq_claimed. p_grouped: of grouped rows as many again, see mq_claim_grouped, to which the
-- parameters before it belong; otherwise only if the others are too few. p_me: the caller as an owner of leases, whose own are
-- its to renew also when they have run out. p_lapsed false: so are everybody's, but those that were ended (due since 1970).
-- p_since: where rows that wait begin, see mq_first_waiting; null: anywhere. What was given back at once is then claimed by
-- itself, with ready rows of a better rank.
DO $do${tag}$
DECLARE
  -- Read of what is claimed only; the columns of rows that others have locked are cheap.
  v_row constant text := $q${tag}$
    m.row_tid,
    CASE WHEN m.lease_owner IS NOT NULL THEN true
         WHEN m.row_xmax = '0'::xid THEN false
         ELSE ${schemaFormat}.mq_suspect(m.row_xmax) END AS suspect,
    coalesce(m.expires_at <= statement_timestamp(), false) AS expired,
    pg_current_xact_id() AS xact,
    m.id, m.seq, m.prio_rank, m.sent_at, m.delivery_time, m.expiration, m.delivery_count, m.failure_count,
    m.lease_owner IS NOT NULL AS leased, coalesce(m.message_id, m.payload_id) AS message_id, m.destination, m.reply_to, m.correlation_id,
    coalesce(m.jms_type, m.name) AS jms_type, m.redelivery_policy, m.dead_origin, m.dead_reason,
    CASE WHEN m.body_type IS NULL AND m.payload_bytes IS NOT NULL AND m.payload_json IS NULL THEN 'bytes'
         ELSE m.body_type END AS body_type,
    CASE WHEN m.payload_id IS NOT NULL
         THEN (SELECT p.payload_text FROM ${schemaFormat}.%1$s p
                WHERE p.id = m.payload_id AND octet_length(p.payload_text) <= p_most)
         WHEN m.payload_json IS NULL THEN CASE WHEN octet_length(m.payload_text) <= p_most THEN m.payload_text END
         WHEN pg_column_size(m.payload_json) <= 8000 OR octet_length(m.payload_json::text) <= p_most
         THEN m.payload_json::text END AS payload_text,
    CASE WHEN m.payload_id IS NULL THEN CASE WHEN octet_length(m.payload_bytes) <= p_most THEN m.payload_bytes END
         ELSE (SELECT p.payload_bytes FROM ${schemaFormat}.%1$s p
                WHERE p.id = m.payload_id AND octet_length(p.payload_bytes) <= p_most) END AS payload_bytes,
    CASE WHEN pg_column_size(m.properties) <= 8000 OR octet_length(m.properties::text) <= 2 * p_most
         THEN m.properties::text END AS properties,
    CASE WHEN pg_column_size(m.property_types) <= 8000 OR octet_length(m.property_types::text) <= 2 * p_most
         THEN m.property_types::text END AS property_types,
    m.payload_id, m.delivery_mode, m.grp, false AS grouped, false AS cut, m.attempt_at IS NOT NULL AS due,
    coalesce(
      CASE WHEN m.payload_id IS NULL
           THEN octet_length(m.payload_text) > p_most OR octet_length(m.payload_bytes) > p_most
           ELSE (SELECT octet_length(p.payload_text) > p_most OR octet_length(p.payload_bytes) > p_most
                   FROM ${schemaFormat}.%1$s p WHERE p.id = m.payload_id) END
      OR (pg_column_size(m.payload_json) > 8000 AND octet_length(m.payload_json::text) > p_most)
      OR (pg_column_size(m.properties) > 8000 AND octet_length(m.properties::text) > 2 * p_most)
      OR (pg_column_size(m.property_types) > 8000 AND octet_length(m.property_types::text) > 2 * p_most),
      false) AS large
  $q${tag}$;
  v_logged_row constant text := format(v_row, 'mq_payloads');
  v_twin_row constant text := format(v_row, 'mq_payloads_unlogged');
  -- Due rows come first; when they are enough, only ready rows of a better rank are claimed as well. %5$s: where.
  v_due constant text := $q${tag}$
            WITH due AS MATERIALIZED (
              SELECT %4$s FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schemaFormat}.%1$s m
               WHERE m.channel_name = p_channel AND %5$s AND m.slot IS NULL
                 AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                 AND (m.lease_owner IS NULL
                      OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
               ORDER BY m.attempt_at, m.prio_rank, m.seq
               LIMIT v_rest FOR UPDATE SKIP LOCKED) m)
            SELECT %2$s, d.* FROM due d
            UNION ALL
            (SELECT %2$s, r.*
               FROM (SELECT %6$s AS worst FROM due d) w,
                    unnest(p_lo, p_hi, %3$s) AS lane (lo, hi, floor),
                    LATERAL (
                      SELECT %4$s FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schemaFormat}.%1$s m
                       WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                         AND (m.prio_rank, m.seq) >= (lane.lo, lane.floor) AND m.prio_rank <= least(lane.hi, w.worst)
                         AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
                       ORDER BY m.prio_rank, m.seq
                       LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
              LIMIT v_rest)
  $q${tag}$;
  v_better constant text := 'coalesce(max(d.prio_rank) - 1, -1)';
  v_worst constant text := 'CASE WHEN count(*) < v_rest THEN 9 ELSE max(d.prio_rank) - 1 END';
  v_anywhere constant text := 'm.attempt_at <= statement_timestamp()';
  -- Behind p_since: what was given back at once, and what else is due.
  v_back constant text := $q${tag}$(m.attempt_at, m.prio_rank, m.seq)
      >= (${schemaFormat}.mq_time(p_since[%1$s]), p_since[%2$s]::smallint, p_since[%3$s]) AND m.attempt_at < '1970-01-02 00:00+00'$q${tag}$;
  v_late constant text := $q${tag}$(m.attempt_at, m.prio_rank, m.seq)
      >= (${schemaFormat}.mq_time(p_since[%1$s]), p_since[%2$s]::smallint, p_since[%3$s]) AND m.attempt_at <= statement_timestamp()$q${tag}$;
  v_claim constant text := $q${tag}$
        v_ready := true;
        IF p_since IS NOT NULL THEN
          IF EXISTS (SELECT FROM ${schemaFormat}.%1$s m WHERE m.channel_name = p_channel AND %6$s AND m.slot IS NULL) THEN
            RETURN QUERY %9$s;
            GET DIAGNOSTICS v_found = ROW_COUNT;
            v_ready := v_found = 0;
          END IF;
          IF v_ready THEN
            IF EXISTS (SELECT FROM ${schemaFormat}.%1$s m WHERE m.channel_name = p_channel AND %7$s AND m.slot IS NULL) THEN
              RETURN QUERY %10$s;
              v_ready := false;
            END IF;
          END IF;
        ELSIF EXISTS (SELECT FROM ${schemaFormat}.%1$s m WHERE m.channel_name = p_channel AND %5$s AND m.slot IS NULL) THEN
          RETURN QUERY %8$s;
          v_ready := false;
        END IF;
        IF NOT v_ready THEN
          NULL;
        ELSIF cardinality(p_lo) = 1 THEN
          RETURN QUERY
            SELECT %2$s, %4$s FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schemaFormat}.%1$s m
             WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
               AND (m.prio_rank, m.seq) >= (p_lo[1], (%3$s)[1]) AND m.prio_rank <= p_hi[1]
               AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
             ORDER BY m.prio_rank, m.seq
             LIMIT v_rest FOR UPDATE SKIP LOCKED) m;
        ELSE
          RETURN QUERY
            SELECT %2$s, r.* FROM unnest(p_lo, p_hi, %3$s) AS lane (lo, hi, floor), LATERAL (
              SELECT %4$s FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schemaFormat}.%1$s m
               WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                 AND (m.prio_rank, m.seq) >= (lane.lo, lane.floor) AND m.prio_rank <= lane.hi
                 AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
               ORDER BY m.prio_rank, m.seq
               LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
             LIMIT v_rest;
        END IF;
  $q${tag}$;
  v_grouped constant text := $q${tag}$
        IF p_since IS NULL THEN
          v_any := EXISTS (SELECT FROM ${schema}.mq_msgs m
                              WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                                AND (m.prio_rank, m.seq) >= (p_lo[1], p_grouped_floor[1]))
                  OR EXISTS (SELECT FROM ${schema}.mq_msgs m
                              WHERE m.channel_name = p_channel AND %1$s AND m.slot IS NOT NULL);
        ELSE
          v_any := EXISTS (SELECT FROM ${schema}.mq_msgs m
                              WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                                AND (m.prio_rank, m.seq) >= (p_lo[1], p_grouped_floor[1]))
                  OR EXISTS (SELECT FROM ${schema}.mq_msgs m
                              WHERE m.channel_name = p_channel AND %2$s AND m.slot IS NOT NULL)
                  OR EXISTS (SELECT FROM ${schema}.mq_msgs m
                              WHERE m.channel_name = p_channel AND %3$s AND m.slot IS NOT NULL);
        END IF;
        IF v_any THEN
          RETURN QUERY SELECT g.* FROM ${schema}.mq_claim_grouped(
            p_channel, p_limit, p_lo, p_hi, p_grouped_floor, p_in_order, p_held, p_own, p_tokens, p_overtake, p_me, p_lapsed,
            p_most, p_since) g;
        END IF;
  $q${tag}$;
BEGIN
  EXECUTE format($f${tag}$
    CREATE FUNCTION ${schemaFormat}.mq_claim(
      p_channel text, p_limit integer, p_lo smallint[], p_hi smallint[], p_floor bigint[], p_twin_floor bigint[],
      p_twin_first boolean, p_held bigint[], p_own xid[], p_blocking boolean, p_grouped_floor bigint[] DEFAULT '{0}',
      p_in_order boolean DEFAULT true, p_tokens bigint[] DEFAULT '{}', p_overtake boolean DEFAULT false,
      p_grouped boolean DEFAULT true, p_me integer DEFAULT 0, p_lapsed boolean DEFAULT true,
      p_most bigint DEFAULT 1000000000, p_since bigint[] DEFAULT NULL)
    RETURNS SETOF ${schemaFormat}.mq_claimed
    LANGUAGE plpgsql VOLATILE
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
    SET enable_sort = off SET jit = off
    SET search_path = pg_catalog, pg_temp
    AS $body${tag}$
    DECLARE
      v_rest integer := p_limit;
      v_twin boolean := p_twin_first;
      v_found integer;
      v_any boolean;
      v_ready boolean;
    BEGIN
      IF p_blocking AND ${schemaFormat}.mq_backs_off(p_channel) THEN
        RETURN;
      END IF;
      IF p_grouped THEN
        %3$s
      END IF;
      FOR i IN 1..2 LOOP
        IF v_twin THEN
          %1$s
        ELSE
          %2$s
        END IF;
        GET DIAGNOSTICS v_found = ROW_COUNT;
        v_rest := v_rest - v_found;
        EXIT WHEN v_rest <= 0;
        v_twin := NOT v_twin;
      END LOOP;
      IF NOT p_grouped AND v_rest > 0 THEN
        %3$s
      END IF;
    END
    $body${tag}$
  $f${tag}$,
    format(v_claim, 'mq_msgs_unlogged', 'true', 'p_twin_floor', v_twin_row, v_anywhere, format(v_back, 7, 8, 9), format(v_late, 10, 11, 12),
           format(v_due, 'mq_msgs_unlogged', 'true', 'p_twin_floor', v_twin_row, v_anywhere, v_worst),
           format(v_due, 'mq_msgs_unlogged', 'true', 'p_twin_floor', v_twin_row, format(v_back, 7, 8, 9), v_better),
           format(v_due, 'mq_msgs_unlogged', 'true', 'p_twin_floor', v_twin_row, format(v_late, 10, 11, 12), v_worst)),
    format(v_claim, 'mq_msgs', 'false', 'p_floor', v_logged_row, v_anywhere, format(v_back, 1, 2, 3), format(v_late, 4, 5, 6),
           format(v_due, 'mq_msgs', 'false', 'p_floor', v_logged_row, v_anywhere, v_worst),
           format(v_due, 'mq_msgs', 'false', 'p_floor', v_logged_row, format(v_back, 1, 2, 3), v_better),
           format(v_due, 'mq_msgs', 'false', 'p_floor', v_logged_row, format(v_late, 4, 5, 6), v_worst)),
    format(v_grouped, v_anywhere, format(v_back, 13, 14, 15), format(v_late, 16, 17, 18)));
END
$do${tag}$;

-- Takes one message within the caller's transaction: claimed and deleted in one go. MQ002: the message at the head is a
-- suspect, whose failed delivery has to be counted and committed first, or its shared body is missing, so that it has to
-- be parked first, or it is too large, so that it has to be set aside first. What has expired is parked in p_expired_to, or
-- deleted. p_most: see mq_claimed.
CREATE FUNCTION ${schema}.mq_take(
  p_channel text, p_lo smallint[], p_hi smallint[], p_floor bigint[], p_twin_floor bigint[],
  p_twin_first boolean, p_own xid[], p_blocking boolean,
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
        p_channel, 1, p_lo, p_hi, p_floor, p_twin_floor, p_twin_first, '{}', p_own, p_blocking,
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
    IF v_row.large THEN
      RAISE EXCEPTION 'message %, which is too large, has to be set aside first', v_row.id USING ERRCODE = 'MQ002';
    END IF;
    IF v_row.payload_id IS NOT NULL AND num_nonnulls(v_row.payload_text, v_row.payload_bytes) = 0 THEN
      RAISE EXCEPTION 'message %, whose body is missing, has to be parked first', v_row.id USING ERRCODE = 'MQ002';
    END IF;
    IF v_row.expired AND p_expired_to IS NOT NULL THEN
      PERFORM ${schema}.mq_park(v_row.id, p_channel, v_row.twin, p_expired_to, 'expired', NULL, v_row.delivery_count);
    ELSIF v_row.twin THEN
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.ctid = v_row.row_tid;
    ELSE
      DELETE FROM ${schema}.mq_msgs m WHERE m.ctid = v_row.row_tid;
    END IF;
    IF NOT v_row.expired THEN
      RETURN NEXT v_row;
      EXIT;
    END IF;
  END LOOP;
END
$body${tag}$;

-- Deletes rows that the calling transaction has locked; MQ001 when one is not there any more (the application rolled
-- back to a savepoint from before the claim). p_relaxed: this commit need not wait for the disk.
CREATE FUNCTION ${schema}.mq_ack(p_tids tid[], p_twin_tids tid[], p_relaxed boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer := 0;
  v_twin_count integer := 0;
BEGIN
  IF p_tids <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs m WHERE m.ctid = ANY (p_tids);
    GET DIAGNOSTICS v_count = ROW_COUNT;
  END IF;
  IF p_twin_tids <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.ctid = ANY (p_twin_tids);
    GET DIAGNOSTICS v_twin_count = ROW_COUNT;
  END IF;
  IF v_count + v_twin_count <> cardinality(p_tids) + cardinality(p_twin_tids) THEN
    RAISE EXCEPTION '% of % acknowledged messages are not held by this transaction any more',
      cardinality(p_tids) + cardinality(p_twin_tids) - v_count - v_twin_count,
      cardinality(p_tids) + cardinality(p_twin_tids) USING ERRCODE = 'MQ001';
  END IF;
  IF p_relaxed THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN v_count + v_twin_count;
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
    DELETE FROM ${schema}.mq_msgs m WHERE m.ctid IN (
      SELECT s.ctid FROM ${schema}.mq_msgs s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
         AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
       FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.ctid IN (
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

-- Leases rows that the calling transaction has locked: the delivery counts, and they come back when the lease ends.
CREATE FUNCTION ${schema}.mq_lease(p_tids tid[], p_twin_tids tid[], p_owner integer, p_token bigint, p_millis bigint)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer := 0;
  v_twin_count integer := 0;
  v_end constant timestamptz := statement_timestamp() + p_millis * interval '1 millisecond';
BEGIN
  IF p_tids <> '{}' THEN
    UPDATE ${schema}.mq_msgs m SET attempt_at = v_end, lease_owner = p_owner, lease_token = p_token,
           delivery_count = least(m.delivery_count + 1, 1000000000)
     WHERE m.ctid = ANY (p_tids);
    GET DIAGNOSTICS v_count = ROW_COUNT;
  END IF;
  IF p_twin_tids <> '{}' THEN
    UPDATE ${schema}.mq_msgs_unlogged m SET attempt_at = v_end, lease_owner = p_owner, lease_token = p_token,
           delivery_count = least(m.delivery_count + 1, 1000000000)
     WHERE m.ctid = ANY (p_twin_tids);
    GET DIAGNOSTICS v_twin_count = ROW_COUNT;
  END IF;
  RETURN v_count + v_twin_count;
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

-- Moves a row to another channel of mq_msgs as a new message at its end. p_reason not null: as a dead letter.
CREATE FUNCTION ${schema}.mq_move(
  p_id uuid, p_channel text, p_twin boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs;
BEGIN
  IF p_twin THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.channel_name = p_channel RETURNING m.* INTO v_row;
  ELSE
    DELETE FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.channel_name = p_channel RETURNING m.* INTO v_row;
  END IF;
  IF v_row.id IS NULL THEN
    RETURN false;
  END IF;
  IF v_row.payload_id IS NOT NULL THEN
    -- A copy of the shared body: the other rows decide how long that stays.
    IF p_twin THEN
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
CREATE FUNCTION ${schema}.mq_set_row_aside(p_id uuid, p_channel text, p_twin boolean, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF p_twin THEN
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
  p_id uuid, p_channel text, p_twin boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF EXISTS (SELECT FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.channel_name = p_channel AND NOT p_twin
                AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress')
     OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.channel_name = p_channel AND p_twin
                   AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress') THEN
    PERFORM ${schema}.mq_move(p_id, p_channel, p_twin, p_to, coalesce(p_reason, 'unknown'), p_error, p_attempts);
  END IF;
END
$body${tag}$;

-- Parks a row as a dead letter (see mq_move), or sets it aside where that is refused for this row: then it would be refused
-- again and again, and with it all that is given back in the same statement. Errors that pass (of locks, of the disk, of a
-- server that stops) are for the caller.
CREATE FUNCTION ${schema}.mq_park(
  p_id uuid, p_channel text, p_twin boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  -- To have it written by this transaction, with the rights of the caller.
  IF p_twin THEN
    UPDATE ${schema}.mq_msgs_unlogged m SET last_error = m.last_error
     WHERE m.id = p_id AND m.channel_name = p_channel
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) IS DISTINCT FROM 'in progress';
  ELSE
    UPDATE ${schema}.mq_msgs m SET last_error = m.last_error
     WHERE m.id = p_id AND m.channel_name = p_channel
       AND pg_xact_status(${schema}.mq_locker(m.xmin)) IS DISTINCT FROM 'in progress';
  END IF;
  PERFORM ${schema}.mq_dead_letter(p_id, p_channel, p_twin, p_to, p_reason, p_error, p_attempts);
EXCEPTION WHEN OTHERS THEN
  IF SQLSTATE ~ '^(25|40|55|57|58|531)' THEN
    RAISE;
  END IF;
  PERFORM ${schema}.mq_set_row_aside(
    p_id, p_channel, p_twin, p_reason || '; it cannot be parked in ' || p_to || ': ' || SQLERRM);
END
$body${tag}$;

-- Gives back rows after deliveries that ended without an acknowledge: locked ones of the calling transaction (token
-- null) or leased ones (token: only while the lease is the caller's). Each is due after p_delays[i] ms, all counted from
-- the same moment; without a delay since 1970, so that what is delivered again at once begins with the oldest message,
-- however often it comes back; or parked in p_dead[i]; or, with a reason but no such channel, set aside. p_counted:
-- deliveries to add; p_failed: failures to add. Grouped rows are left
-- out when somebody else holds their slot: the caller has lost it, with the lock of the row, by a rollback to a savepoint,
-- and the row tells that by its xmax. p_for_holder: the caller acts for the transaction that holds the slots. Returns the
-- number of rows whose lease is still the caller's but that another transaction has locked, see mq_ack_ids.
CREATE FUNCTION ${schema}.mq_give_back(
  p_channels text[], p_ids uuid[], p_twin boolean[], p_tokens bigint[], p_owner integer, p_counted integer[],
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
    IF p_twin[i] THEN
      UPDATE ${schema}.mq_msgs_unlogged m
         SET attempt_at = CASE WHEN p_delays[i] = 0 THEN v_at_once ELSE v_now
                                    + least(p_delays[i], 3155760000000) * interval '1 millisecond' END,
             delivery_count = greatest(0, least(m.delivery_count + p_counted[i], 1000000000)),
             failure_count = least(m.failure_count + p_failed[i], 1000000000),
             lease_owner = NULL, lease_token = NULL, last_error = coalesce(p_error, m.last_error)
       WHERE m.ctid = (SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
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
       WHERE m.ctid = (SELECT s.ctid FROM ${schema}.mq_msgs s
                        WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
                          AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
                          AND CASE WHEN s.slot IS NULL OR p_for_holder OR p_tokens[i] IS NOT NULL THEN true
                                   ELSE ${schema}.mq_hold_slot(s.channel_name, s.slot) END
                        FOR UPDATE SKIP LOCKED)
      RETURNING m.delivery_count INTO v_row;
    END IF;
    IF FOUND THEN
      IF p_dead[i] IS NOT NULL THEN
        PERFORM ${schema}.mq_park(p_ids[i], p_channels[i], p_twin[i], p_dead[i], p_reasons[i], p_error,
                                  v_row.delivery_count);
      ELSIF p_reasons[i] IS NOT NULL THEN
        PERFORM ${schema}.mq_set_row_aside(p_ids[i], p_channels[i], p_twin[i], p_reasons[i]);
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

-- One look at many channels: is something ready or due (0), and in how many milliseconds is the next one due that is not
-- due yet? Lanes as in mq_claim, with their channel.
CREATE FUNCTION ${schema}.mq_look(
  p_channels text[], p_lane_channels text[], p_lo smallint[], p_hi smallint[], p_floor bigint[],
  p_twin_floor bigint[], p_grouped_floor bigint[])
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
      FROM unnest(p_lane_channels, p_lo, p_hi, p_floor, p_twin_floor, p_grouped_floor)
             AS l (name, lo, hi, floor, twin_floor, grouped_floor)
     WHERE EXISTS (SELECT FROM ${schema}.mq_msgs m
                    WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NULL
                      AND (m.prio_rank, m.seq) >= (l.lo, l.floor) AND m.prio_rank <= l.hi)
        OR EXISTS (SELECT FROM ${schema}.mq_msgs m
                    WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                      AND (m.prio_rank, m.seq) >= (l.lo, l.grouped_floor) AND m.prio_rank <= l.hi)
        OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                    WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NULL
                      AND (m.prio_rank, m.seq) >= (l.lo, l.twin_floor) AND m.prio_rank <= l.hi);
END
$body${tag}$;

-- What a floor can be raised to: the first visible sequence numbers of one rank, from the old floor on.
DO $do${tag}$
BEGIN
  EXECUTE (SELECT string_agg(format($f${tag}$
    CREATE FUNCTION ${schemaFormat}.%1$s(p_channel text, p_rank smallint, p_floor bigint, p_limit integer)
    RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
    SET enable_sort = off SET jit = off
    SET search_path = pg_catalog, pg_temp
    AS $body${tag}$
    BEGIN
      RETURN QUERY SELECT m.seq::bigint FROM ${schemaFormat}.%2$s m
        WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS %3$s AND m.prio_rank = p_rank
          AND m.seq >= p_floor
        ORDER BY m.seq LIMIT p_limit;
    END
    $body${tag}$;
  $f${tag}$, f, t, s), '') FROM (VALUES ('mq_visible', 'mq_msgs', 'NULL'),
                                  ('mq_visible_unlogged', 'mq_msgs_unlogged', 'NULL'),
                                  ('mq_visible_grouped', 'mq_msgs', 'NOT NULL')) AS v (f, t, s));
END
$do${tag}$;

-- Where rows that wait begin: the places of the first visible ones that lie at or behind p_from (null: anywhere) and before p_to;
-- p_to where there are none. There are six places, of mq_msgs, of mq_msgs_unlogged and of groups, each the one for what was given
-- back at once and the one for the rest. A place is three numbers: attempt_at in microseconds since 1970, prio_rank and seq.
DO $do${tag}$
BEGIN
  EXECUTE format($f${tag}$
    CREATE FUNCTION ${schemaFormat}.mq_first_waiting(p_channel text, p_from bigint[], p_to bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
    SET enable_sort = off SET jit = off
    SET search_path = pg_catalog, pg_temp
    AS $body${tag}$
    BEGIN
      RETURN %s;
    END
    $body${tag}$
  $f${tag}$, (SELECT string_agg(format($q${tag}$
        coalesce((SELECT ARRAY[(extract(epoch FROM m.attempt_at) * 1000000)::bigint, m.prio_rank, m.seq]
                    FROM ${schemaFormat}.%1$s m
                   WHERE m.channel_name = p_channel AND m.slot IS %2$s
                     AND (m.attempt_at, m.prio_rank, m.seq)
                         >= (${schemaFormat}.mq_time(p_from[%3$s]), coalesce(p_from[%3$s + 1], 0)::smallint,
                             coalesce(p_from[%3$s + 2], 0))
                     AND m.attempt_at <= ${schemaFormat}.mq_time(p_to[%3$s])
                     AND (m.attempt_at, m.prio_rank, m.seq)
                         < (${schemaFormat}.mq_time(p_to[%3$s]), p_to[%3$s + 1]::smallint, p_to[%3$s + 2])
                   ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), p_to[%3$s : %3$s + 2])
        $q${tag}$, t, s, i), ' || ' ORDER BY i)
          FROM (VALUES ('mq_msgs', 'NULL', 1), ('mq_msgs', 'NULL', 4),
                       ('mq_msgs_unlogged', 'NULL', 7), ('mq_msgs_unlogged', 'NULL', 10),
                       ('mq_msgs', 'NOT NULL', 13), ('mq_msgs', 'NOT NULL', 16)) AS v (t, s, i)));
END
$do${tag}$;

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

-- Wakes consumers of other processes: channel by channel when somebody waits there, with the milliseconds until then; -1:
-- later, they have to look when.
CREATE FUNCTION ${schema}.mq_notify(p_topic text, p_owner integer, p_channels text[], p_due bigint[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT pg_notify(p_topic, c.due || ' ' || c.name) FROM unnest(p_channels, p_due) AS c (name, due)
   WHERE EXISTS (SELECT FROM ${schema}.mq_waiters w WHERE w.channel_name = c.name AND w.owner <> p_owner)
$body${tag}$;

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
    (SELECT s.id, s.channel_name, false AS twin, s.delivery_count FROM ${schema}.mq_msgs s
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

-- Puts a row back that was taken out of mq_msgs or its twin, say into a table of an operator's: SELECT mq_restore(to_jsonb(b))
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

-- Makes what is set aside in a queue ready again, at its end and with no delivery counted; p_id null: all of it. Returns how
-- many.
CREATE FUNCTION ${schema}.mq_retry_set_aside(p_queue text, p_id uuid DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count bigint;
  v_twin_count bigint;
BEGIN
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = NULL, set_aside = NULL, seq = nextval('${schemaText}.mq_seq'), delivery_count = 0, failure_count = 0,
         slot = CASE WHEN m.dead_origin IS NULL THEN ${schema}.mq_slot(m.grp) END
   WHERE m.channel_name = p_queue AND m.set_aside IS NOT NULL AND (p_id IS NULL OR m.id = p_id);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  UPDATE ${schema}.mq_msgs_unlogged m
     SET attempt_at = NULL, set_aside = NULL, seq = nextval('${schemaText}.mq_seq'), delivery_count = 0, failure_count = 0
   WHERE m.channel_name = p_queue AND m.set_aside IS NOT NULL AND (p_id IS NULL OR m.id = p_id);
  GET DIAGNOSTICS v_twin_count = ROW_COUNT;
  IF v_count + v_twin_count > 0 THEN
    PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[p_queue], ARRAY[0::bigint]);
  END IF;
  RETURN v_count + v_twin_count;
END
$body${tag}$;

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
