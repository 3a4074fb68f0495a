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
-- computes it, without a right to execute that: this function is for everybody who may insert. It has no settings of its own, which
-- would cost each lease as much as all the rest of it.
CREATE FUNCTION ${schema}.mq_row_fits(
  p_slot smallint, p_group text, p_attempt_at timestamptz, p_owner integer, p_token bigint, p_set_aside text)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $body${tag}$
BEGIN
  RETURN ((p_set_aside IS NULL) OPERATOR(pg_catalog.=)
          (coalesce(p_attempt_at, 'epoch'::timestamp with time zone) OPERATOR(pg_catalog.<) 'infinity'::timestamp with time zone))
     AND (p_owner IS NULL OR (p_token IS NOT NULL AND p_attempt_at IS NOT NULL))
     AND (p_slot IS NULL OR (p_group IS NOT NULL AND (p_slot OPERATOR(pg_catalog.=) (
           ((pg_catalog.get_byte(pg_catalog.sha256(pg_catalog.convert_to(p_group, 'UTF8')), 0) OPERATOR(pg_catalog.&) 3)
             OPERATOR(pg_catalog.<<) 8)
             OPERATOR(pg_catalog.|) pg_catalog.get_byte(pg_catalog.sha256(pg_catalog.convert_to(p_group, 'UTF8')), 1)))));
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
  channel_args      text COLLATE "C",       -- null is what '' is
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
  CHECK (CASE WHEN num_nonnulls(slot, set_aside) = 0
              THEN coalesce(attempt_at < 'infinity' AND (lease_owner IS NULL OR lease_token IS NOT NULL), lease_owner IS NULL)
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

-- Jobs, which have a name, for those who poll them: ready ones by the arguments of the channel, waiting ones by time. Not those
-- that are dead letters.
CREATE INDEX mq_msgs_jobs ON ${schema}.mq_msgs (
    channel_name, coalesce(channel_args, ''), coalesce(slot::integer, 1024), prio_rank, seq)
  WHERE attempt_at IS NULL AND name IS NOT NULL AND dead_origin IS NULL;
CREATE INDEX mq_msgs_jobs_wait ON ${schema}.mq_msgs (channel_name, attempt_at, prio_rank, seq)
  WHERE attempt_at IS NOT NULL AND slot IS NULL AND name IS NOT NULL AND dead_origin IS NULL;

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
