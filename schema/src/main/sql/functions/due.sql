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

-- Is a message of the channel waiting for its redelivery? As everywhere, asked for in the order of an index: see mq_group_waits.
CREATE FUNCTION ${schema}.mq_backs_off(p_channel text) RETURNS boolean
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT coalesce((
    SELECT true FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity' AND m.slot IS NULL
       AND m.failure_count > 0 AND m.lease_owner IS NULL
     ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), (
    SELECT true FROM ${schema}.mq_msgs m
     WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity' AND m.slot IS NOT NULL
       AND m.failure_count > 0 AND m.lease_owner IS NULL
     ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), (
    SELECT true FROM ${schema}.mq_msgs_unlogged m
     WHERE m.channel_name = p_channel AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
       AND m.failure_count > 0 AND m.lease_owner IS NULL
     ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), false)
$body${tag}$;
