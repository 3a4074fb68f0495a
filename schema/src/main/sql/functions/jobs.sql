-- Jobs: rows with a name, for programs that call the functions of sqlxmq, which keep their names, parameters and meaning. What
-- a job is as a message, and what holds between those who poll and consumers of JMS: docs/sql.md.

-- A job for mq_insert.
CREATE TYPE ${schema}.mq_new_t AS (
  id              uuid,
  delay           interval,
  retries         integer,
  retry_backoff   interval,
  channel_name    text,
  channel_args    text,
  commit_interval interval,
  ordered         boolean,
  name            text,
  payload_json    text,
  payload_bytes   bytea
);

-- The group of the ordered jobs of a channel with these arguments, as mq_group makes it of a JMSXGroupID.
CREATE FUNCTION ${schema}.mq_job_group(p_args text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body${tag}$
BEGIN
  RETURN CASE WHEN pg_catalog.octet_length(p_args) <= 512 THEN p_args
              ELSE 'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p_args, 'UTF8')), 'hex') END;
END
$body${tag}$;

-- How long the next attempt has, and so when the one after it may begin: doubled with each failure, up to p_most (null:
-- five minutes), but never less than at first. Between nothing and 100 years, whatever a row says: it must not fail for the others.
-- Written so that it is expanded where it is used.
CREATE FUNCTION ${schema}.mq_job_backoff(p_first interval, p_failures integer, p_most interval) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT CASE WHEN p_failures <= 0 OR p_first >= coalesce(p_most, interval '5 min')
              THEN least(greatest(p_first, interval '0'), interval '100 years')
              ELSE least(extract(epoch FROM greatest(p_first, interval '0'))::float8
                           * pg_catalog.power(2::float8, least(p_failures, 24)::float8),
                         extract(epoch FROM least(coalesce(p_most, interval '5 min'), interval '100 years'))::float8)
                   * interval '1 second' END
$body${tag}$;

-- The same for consumers of JMS, as the redelivery policy of a message.
CREATE FUNCTION ${schema}.mq_job_policy(p_max_deliveries integer, p_backoff interval) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body${tag}$
DECLARE
  v_millis constant bigint := greatest(0::numeric, least(
      extract(epoch FROM coalesce(p_backoff, interval '1 s')) * 1000::numeric, 3155760000000::numeric));
BEGIN
  RETURN pg_catalog.format(
    'maximumRedeliveries=%s&initialRedeliveryDelay=%s&redeliveryDelay=%s&maximumRedeliveryDelay=%s',
    greatest(p_max_deliveries, 1) - 1, v_millis, least(2 * v_millis, greatest(v_millis, 300000)), greatest(v_millis, 300000));
END
$body${tag}$;

-- Where jobs are parked whose attempts are used up.
CREATE FUNCTION ${schema}.mq_job_dead_letters() RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT coalesce(nullif(pg_catalog.current_setting('sqlmq.dead_letter_queue', true), ''::text), 'DLQ')
$body${tag}$;

-- Wakes those who poll these channels, as sqlxmq does, and consumers.
CREATE FUNCTION ${schema}.mq_notify_jobs(p_channels text[], p_due bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF cardinality(p_channels) > 0 THEN
    PERFORM pg_notify('mq_' || c, '') FROM unnest(p_channels) AS c WHERE octet_length(c) <= 60;
    PERFORM pg_notify('mq', ''),
            ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, p_channels, array_fill(p_due, ARRAY[cardinality(p_channels)]));
  END IF;
END
$body${tag}$;

-- How often a job is delivered before it is a dead letter. One that was sent by JMS has it in a policy of its own, if anywhere.
CREATE FUNCTION ${schema}.mq_job_deliveries(p_max_deliveries integer, p_policy text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT coalesce(p_max_deliveries,
    CASE WHEN p_policy ~ 'maximumRedeliveries=-1'::text THEN 1000000000
         ELSE (least(coalesce(pg_catalog.substring(p_policy, 'maximumRedeliveries=([0-9]{1,10})(?:&|$)'::text), '4')::bigint,
                     2147483646::bigint) + 1::bigint)::integer END)
$body${tag}$;
