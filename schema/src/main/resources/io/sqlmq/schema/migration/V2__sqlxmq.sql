-- The functions of sqlxmq, for jobs. Never changed once it is released.

-- Of rows until now it is null.
ALTER TABLE ${schema}.mq_msgs ALTER COLUMN channel_args TYPE text COLLATE "C";
ALTER TABLE ${schema}.mq_msgs_unlogged ALTER COLUMN channel_args TYPE text COLLATE "C";

-- Jobs, which have a name, for those who poll them: ready ones by the arguments of the channel, waiting ones by time. Not those
-- that are dead letters.
CREATE INDEX mq_msgs_jobs ON ${schema}.mq_msgs (
    channel_name, coalesce(channel_args, ''), coalesce(slot::integer, 1024), prio_rank, seq)
  WHERE attempt_at IS NULL AND name IS NOT NULL AND dead_origin IS NULL;
CREATE INDEX mq_msgs_jobs_wait ON ${schema}.mq_msgs (channel_name, attempt_at, prio_rank, seq)
  WHERE attempt_at IS NOT NULL AND slot IS NULL AND name IS NOT NULL AND dead_origin IS NULL;

-- Queues whose messages wait until an operator lets them go on: consumers get none of them. See mq_pause.
CREATE TABLE ${schema}.mq_paused (
  channel_name text COLLATE "C" PRIMARY KEY CHECK (octet_length(channel_name) <= 255),
  paused_at    timestamptz NOT NULL DEFAULT statement_timestamp(),
  paused_by    text NOT NULL DEFAULT session_user,
  reason       text
);

-- Is a slot that of its group, has a lease its token and its end, and is nothing endless but what is set aside? As mq_slot
-- computes it, without a right to execute that: this function is for everybody who may insert. It has no settings of its own, which
-- would cost each lease as much as all the rest of it.
CREATE OR REPLACE FUNCTION ${schema}.mq_row_fits(
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

-- Deliveries that failed, of messages that are there, dead letters included, and for a day after they are gone: the last 20 of each. What
-- succeeds at once is never here. See mq_note_attempts.
CREATE TABLE ${schema}.mq_attempts (
  message_id   uuid NOT NULL,
  channel_name text COLLATE "C" NOT NULL,  -- where it was
  attempt      integer NOT NULL,           -- its number, from 1; counted anew for dead letters that are retried
  failed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  duration     interval,                   -- how long it was worked on; null: nobody knows, since a process died, for example
  error        text                        -- null: the same
);
CREATE INDEX mq_attempts_message ON ${schema}.mq_attempts (message_id);
CREATE INDEX mq_attempts_failed ON ${schema}.mq_attempts (failed_at);

-- Jobs that runners have completed, where they were asked to keep them: see mq_keep_completed.
CREATE TABLE ${schema}.mq_completed (
  job_id       uuid NOT NULL,
  channel_name text COLLATE "C" NOT NULL,
  name         text,
  channel_args text,
  payload_json jsonb,
  spawned_at   timestamptz,
  completed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts     integer NOT NULL,           -- with the one that succeeded
  duration     interval,                   -- of that
  keep_until   timestamptz NOT NULL
);
CREATE INDEX mq_completed_job ON ${schema}.mq_completed (job_id);
CREATE INDEX mq_completed_until ON ${schema}.mq_completed (keep_until);

-- With more parameters behind those it had, so that all calls mean what they did.
DROP FUNCTION ${schema}.mq_send(text, text, jsonb, integer, interval);

-- Has this row of a group to wait for others of the group? The order is that of all queues, by priority and number; only
-- a delayed row takes part from when it is due. p_back: the row was given back or its lease has ended; p_leased: the
-- latter. Not waited for are rows that the caller works on itself (p_held by seq, p_tokens by lease) and, if p_overtake,
-- rows that back off (positions that are not committed yet are waited for); and those that are set aside. p_since as in
-- mq_claim. Where there is one is asked for in the order of an index, since EXISTS would be planned with the primary key
-- while the table is empty.
CREATE OR REPLACE FUNCTION ${schema}.mq_group_waits(
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
                WHEN p_overtake AND b.attempt_at > pg_catalog.statement_timestamp() AND b.commit_interval IS NULL THEN false
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

-- mq_claim locks p_limit due or ready rows of a channel (more when priorities want it) until the transaction ends and
-- returns them in no order. Range i covers the ranks p_lo[i] to p_hi[i], in p_lo[i] from sequence number p_floor[i] on. Left out
-- are rows that the caller holds already (p_held, by seq) or wrote in this transaction (p_own, by xmin). p_blocking: nothing
-- while a message of the channel backs off. p_most: bytes that a message may have, see mq_claimed. p_grouped: of grouped rows as many again, see mq_claim_grouped, to which the
-- parameters before it belong; otherwise only if the others are too few. p_me: the caller as an owner of leases, whose own are
-- its to renew also when they have run out. p_lapsed false: so are everybody's, but those that were ended (due since 1970).
-- p_since: where rows that wait begin, see mq_first_waiting; null: anywhere. What was given back at once is then claimed by
-- itself, with ready rows of a better rank.
CREATE OR REPLACE FUNCTION ${schema}.mq_claim(
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
                CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                     ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                       AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                     THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                           || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                     WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                        CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                             ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                        CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                               AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                             THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                                   || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                             WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                  CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                       ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                  CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                         AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                       THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                             || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                       WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                          CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                               ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                          CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                                 AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                               THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                                     || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                               WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
              CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                   ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
              CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                     AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                   THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                         || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                   WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                      CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                           ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                      CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                             AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                           THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                                 || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                           WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
        v_ready := false;
      END IF;
      IF NOT v_ready THEN
        v_rest := v_rest - v_found;
      ELSE
        -- To look first is cheap; to begin to claim is not, with all the columns that are to be returned.
        FOR n IN 1..cardinality(p_lo) LOOP
          IF (SELECT true FROM ${schema}.mq_msgs_unlogged m
               WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                 AND (m.prio_rank, m.seq) >= (p_lo[n], (p_unlogged_floor)[n]) AND m.prio_rank <= p_hi[n]
               ORDER BY m.prio_rank, m.seq LIMIT 1) THEN
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
                CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                     ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                       AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                     THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                           || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                     WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                 AND (m.prio_rank, m.seq) >= (p_lo[n], (p_unlogged_floor)[n]) AND m.prio_rank <= p_hi[n]
                 AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
               ORDER BY m.prio_rank, m.seq
               LIMIT v_rest FOR UPDATE SKIP LOCKED) m;
            GET DIAGNOSTICS v_found = ROW_COUNT;
            v_rest := v_rest - v_found;
            EXIT WHEN v_rest <= 0;
          END IF;
        END LOOP;
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
                CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                     ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                       AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                     THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                           || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                     WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                        CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                             ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                        CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                               AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                             THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                                   || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                             WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                  CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                       ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                  CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                         AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                       THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                             || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                       WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                          CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                               ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                          CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                                 AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                               THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                                     || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                               WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
              CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                   ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
              CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                     AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                   THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                         || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                   WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                      CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                           ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                      CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                             AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                           THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                                 || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                           WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
        v_ready := false;
      END IF;
      IF NOT v_ready THEN
        v_rest := v_rest - v_found;
      ELSE
        -- To look first is cheap; to begin to claim is not, with all the columns that are to be returned.
        FOR n IN 1..cardinality(p_lo) LOOP
          IF (SELECT true FROM ${schema}.mq_msgs m
               WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
                 AND (m.prio_rank, m.seq) >= (p_lo[n], (p_floor)[n]) AND m.prio_rank <= p_hi[n]
               ORDER BY m.prio_rank, m.seq LIMIT 1) THEN
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
                CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
                     ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END AS redelivery_policy,
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
                CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
                       AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
                     THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                           || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
                     WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
                 AND (m.prio_rank, m.seq) >= (p_lo[n], (p_floor)[n]) AND m.prio_rank <= p_hi[n]
                 AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
               ORDER BY m.prio_rank, m.seq
               LIMIT v_rest FOR UPDATE SKIP LOCKED) m;
            GET DIAGNOSTICS v_found = ROW_COUNT;
            v_rest := v_rest - v_found;
            EXIT WHEN v_rest <= 0;
          END IF;
        END LOOP;
      END IF;
    END IF;
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

-- Claims up to p_limit rows of groups, of each group the next ones; parameters and result as those of mq_claim. Two
-- statements, each with a snapshot of its own: the first locks slots, the second sees what was done to them before.
-- p_in_order: rows come in the order of delivery and not from anywhere; then cut says that there may be more, so that the
-- caller must not take other rows from behind the last of these. p_tokens: of the leases that the caller works on.
-- p_overtake: groups do not wait for rows that back off. p_me, p_lapsed, p_most, p_since as in mq_claim.
CREATE OR REPLACE FUNCTION ${schema}.mq_claim_grouped(
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
        CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
             ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END,
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
        CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
               AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
             THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                   || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
             WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
       WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
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
        CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
             ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END,
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
        CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
               AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
             THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                   || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
             WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
       WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
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
        CASE WHEN m.max_deliveries IS NULL THEN m.redelivery_policy
             ELSE ${schema}.mq_job_policy(m.max_deliveries, m.retry_backoff) END,
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
        CASE WHEN m.last_error IS NOT NULL AND m.dead_reason IS NULL
               AND (m.properties IS NULL OR pg_catalog.pg_column_size(m.properties) <= 8000)
             THEN (coalesce(m.properties::jsonb, '{}'::jsonb)
                   || pg_catalog.jsonb_build_object('JMS_SQLMQ_LastError', pg_catalog.left(m.last_error, 1000)))::text
             WHEN pg_catalog.pg_column_size(m.properties) <= 8000 OR pg_catalog.octet_length(m.properties::text) <= p_most + 131072
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
       WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
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

-- Parks a row as a dead letter (see mq_move), or sets it aside where that is refused for this row: then it would be refused
-- again and again, and with it all that is given back in the same statement. Errors that pass (of locks, of the disk, of a
-- server that stops) are for the caller.
CREATE OR REPLACE FUNCTION ${schema}.mq_park(
  p_id uuid, p_channel text, p_unlogged boolean, p_to text, p_reason text, p_error text, p_attempts integer)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  -- A position in the queue that was reserved and not committed in time: nothing was sent.
  DELETE FROM ${schema}.mq_msgs m
   WHERE m.id = p_id AND m.channel_name = p_channel AND m.commit_interval IS NOT NULL AND NOT p_unlogged;
  IF FOUND THEN
    RETURN;
  END IF;
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

-- Sends text messages to a queue, in their order; part of the caller's transaction. Returns their JMSMessageIDs without the
-- ID: prefix. What is an array has an element for each message, or is null; the rest is for all. Time to live counts from now on;
-- p_reply_to is the name of a queue, or topic:// and that of a topic. A group is what JMSXGroupID among the properties says,
-- or p_groups. If the property JMS_SQLMQ_DeduplicationId (or _AMQ_DUPL_ID) is that of an earlier message, nothing is sent, and
-- the id is that of the earlier message; identifiers given here hold for ten minutes.
CREATE FUNCTION ${schema}.mq_send_many(
  p_queue text, p_texts text[], p_properties jsonb[] DEFAULT NULL, p_priority integer DEFAULT 4,
  p_delay interval DEFAULT interval '0', p_time_to_live interval DEFAULT NULL, p_correlation_ids text[] DEFAULT NULL,
  p_reply_to text DEFAULT NULL, p_type text DEFAULT NULL, p_groups text[] DEFAULT NULL)
RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids uuid[] := ARRAY(SELECT gen_random_uuid() FROM unnest(p_texts));
  v_first uuid[] := v_ids;
  v_now constant bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  v_delay constant bigint := greatest(0, extract(epoch FROM p_delay) * 1000);
  v_ttl constant bigint := extract(epoch FROM nullif(p_time_to_live, interval '0')) * 1000;
  v_dedup text;
BEGIN
  IF p_properties IS NOT NULL THEN
    FOR i IN 1..coalesce(cardinality(v_ids), 0) LOOP
      v_dedup := coalesce(p_properties[i] ->> 'JMS_SQLMQ_DeduplicationId', p_properties[i] ->> '_AMQ_DUPL_ID');
      IF v_dedup IS NOT NULL THEN
        v_first[i] := ${schema}.mq_reserve_id(p_queue, v_dedup, v_ids[i], interval '10 min');
      END IF;
    END LOOP;
  END IF;
  INSERT INTO ${schema}.mq_msgs (id, channel_name, sent_at, prio_rank, attempt_at, delivery_time, expires_at, expiration,
                                 correlation_id, reply_to, jms_type, properties, payload_text, grp, slot)
  SELECT m.id, p_queue, v_now, 9 - p_priority,
         CASE WHEN v_delay > 0 THEN clock_timestamp() + p_delay END, CASE WHEN v_delay > 0 THEN v_now + v_delay END,
         clock_timestamp() + v_ttl * interval '1 millisecond', v_now + v_ttl,
         m.correlation_id, CASE WHEN p_reply_to ~ '^(queue|topic|temp-queue|temp-topic)://' THEN p_reply_to ELSE 'queue://' || p_reply_to END,
         p_type, g.properties, m.body, ${schema}.mq_group(g.properties), ${schema}.mq_slot(${schema}.mq_group(g.properties))
    FROM unnest(v_ids, v_first, p_texts, p_properties, p_correlation_ids, p_groups)
           AS m (id, first, body, properties, correlation_id, grp),
         LATERAL (SELECT CASE WHEN m.grp IS NULL THEN m.properties
                              ELSE coalesce(m.properties, '{}') || jsonb_build_object('JMSXGroupID', m.grp) END AS properties) g
   WHERE m.id = m.first;
  PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[p_queue], ARRAY[CASE WHEN v_delay > 0 THEN -1 ELSE 0 END]);
  RETURN QUERY SELECT unnest(v_first);
END
$body${tag}$;

-- Sends one message; see mq_send_many.
CREATE FUNCTION ${schema}.mq_send(
  p_queue text, p_text text, p_properties jsonb DEFAULT NULL, p_priority integer DEFAULT 4,
  p_delay interval DEFAULT interval '0', p_time_to_live interval DEFAULT NULL, p_correlation_id text DEFAULT NULL,
  p_reply_to text DEFAULT NULL, p_type text DEFAULT NULL, p_group text DEFAULT NULL)
RETURNS uuid
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT ${schema}.mq_send_many(p_queue, ARRAY[p_text], ARRAY[p_properties], p_priority, p_delay, p_time_to_live,
                                ARRAY[p_correlation_id], p_reply_to, p_type, ARRAY[p_group])
$body${tag}$;

-- Notes failed deliveries, after what was made of their messages in this transaction: messages that it has not written are left out, since
-- they are not the caller's. With the rights of the owner, so that receivers need none.
CREATE FUNCTION ${schema}.mq_note_attempts(
  p_ids uuid[], p_channels text[], p_attempts integer[], p_millis bigint[], p_error text)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  INSERT INTO ${schema}.mq_attempts (message_id, channel_name, attempt, duration, error)
  SELECT a.id, a.channel, a.attempt, a.millis * interval '1 millisecond', left(p_error, 2000)
    FROM unnest(p_ids, p_channels, p_attempts, p_millis) AS a (id, channel, attempt, millis)
   WHERE EXISTS (SELECT FROM ${schema}.mq_msgs m
                  WHERE m.id = a.id AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress')
      OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m
                  WHERE m.id = a.id AND pg_xact_status(${schema}.mq_locker(m.xmin)) = 'in progress');
  IF 20 < ANY (p_attempts) THEN
    DELETE FROM ${schema}.mq_attempts d USING (
      SELECT a.message_id, a.failed_at, row_number() OVER (PARTITION BY a.message_id ORDER BY a.failed_at DESC) AS place
        FROM ${schema}.mq_attempts a WHERE a.message_id = ANY (p_ids)) o
     WHERE o.place = 21 AND d.message_id = o.message_id AND d.failed_at <= o.failed_at;
  END IF;
END
$body${tag}$;

-- Forgets attempts of a day and more ago whose messages are gone, of up to p_limit that it looks at: the oldest, or some from anywhere, so that
-- those of dead letters are not in the way of others. Returns how many.
CREATE FUNCTION ${schema}.mq_sweep_attempts(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_to constant timestamptz := statement_timestamp() - interval '1 day';
  v_from timestamptz := (SELECT a.failed_at FROM ${schema}.mq_attempts a ORDER BY a.failed_at LIMIT 1);
  v_count integer;
BEGIN
  IF v_from IS NULL OR v_from >= v_to THEN
    RETURN 0;
  END IF;
  IF random() < 0.5 THEN
    v_from := v_from + random() * (v_to - v_from);
  END IF;
  DELETE FROM ${schema}.mq_attempts d WHERE d.ctid = ANY (ARRAY(
    SELECT s.ctid
      FROM (SELECT a.ctid, a.message_id FROM ${schema}.mq_attempts a
             WHERE a.failed_at >= v_from AND a.failed_at < v_to
             ORDER BY a.failed_at LIMIT p_limit FOR UPDATE SKIP LOCKED) s
     WHERE NOT EXISTS (SELECT FROM ${schema}.mq_msgs m WHERE m.id = s.message_id)
       AND NOT EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged m WHERE m.id = s.message_id)));
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$body${tag}$;

-- Keeps what the caller is about to acknowledge in this transaction, for so many milliseconds. Tokens as in mq_ack_ids; what others have
-- locked is left out, and kept when it is acknowledged.
CREATE FUNCTION ${schema}.mq_keep_completed(
  p_channels text[], p_ids uuid[], p_owner integer, p_tokens bigint[], p_worked bigint[], p_millis bigint[])
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  INSERT INTO ${schema}.mq_completed (
    job_id, channel_name, name, channel_args, payload_json, spawned_at, attempts, duration, keep_until)
  SELECT m.id, m.channel_name, coalesce(m.name, m.jms_type), m.channel_args, m.payload_json,
         CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END,
         m.delivery_count + CASE WHEN m.lease_owner IS NULL THEN 1 ELSE 0 END, j.worked * interval '1 millisecond',
         clock_timestamp() + least(j.millis, 3155760000000) * interval '1 millisecond'
    FROM unnest(p_channels, p_ids, p_tokens, p_worked, p_millis) AS j (channel, id, token, worked, millis), ${schema}.mq_msgs m
   WHERE m.id = j.id AND m.channel_name = j.channel
     AND (j.token IS NULL OR (m.lease_owner = p_owner AND m.lease_token = j.token))
     FOR UPDATE OF m SKIP LOCKED;
END
$body${tag}$;

-- Forgets those whose time is over, a bounded number; returns how many.
CREATE FUNCTION ${schema}.mq_sweep_completed(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer;
BEGIN
  DELETE FROM ${schema}.mq_completed d WHERE d.ctid = ANY (ARRAY(
    SELECT s.ctid FROM ${schema}.mq_completed s
     WHERE s.keep_until <= statement_timestamp() ORDER BY s.keep_until LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$body${tag}$;

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
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT CASE WHEN pg_catalog.octet_length(p_args) <= 512 THEN p_args
              ELSE 'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p_args, 'UTF8')), 'hex') END
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
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body${tag}$
  SELECT pg_catalog.format(
    'maximumRedeliveries=%s&initialRedeliveryDelay=%s&redeliveryDelay=%s&maximumRedeliveryDelay=%s',
    greatest(p_max_deliveries, 1) - 1, b.millis, least(2 * b.millis, greatest(b.millis, 300000)), greatest(b.millis, 300000))
    FROM (SELECT greatest(0::numeric, least(extract(epoch FROM coalesce(p_backoff, interval '1 s')) * 1000::numeric,
                                            3155760000000::numeric))::bigint AS millis) b
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
         ELSE pg_catalog.substring(p_policy, 'maximumRedeliveries=([0-9]{1,8})(?:&|$)'::text)::integer + 1 END, 5)
$body${tag}$;

-- Adds jobs; they are part of the caller's transaction, and so are the notifications. Null is what sqlxmq's builder has: no
-- delay, 4 retries, 1 s, no arguments, no commit interval, not ordered. Ordered jobs of a channel with the same arguments are a
-- group, in which one that is delayed or not committed yet holds up those behind it: for them delivery_time is null.
CREATE FUNCTION ${schema}.mq_insert(new_messages ${schema}.mq_new_t[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_now timestamptz;
  v_sent_at bigint;
  v_channels text[];
  v_due bigint;
  v_nameless boolean;
BEGIN
  SELECT array_agg(DISTINCT n.channel_name),
         CASE WHEN bool_or(n.commit_interval IS NOT NULL OR n.delay > interval '0') THEN -1 ELSE 0 END, bool_or(n.name IS NULL)
    INTO v_channels, v_due, v_nameless FROM unnest(new_messages) n;
  IF v_nameless THEN
    RAISE not_null_violation USING MESSAGE = 'a job has no name', COLUMN = 'name';
  END IF;
  LOCK TABLE ${schema}.mq_msgs IN ROW EXCLUSIVE MODE;  -- before the clock is read
  v_now := clock_timestamp();
  v_sent_at := extract(epoch FROM v_now) * 1000;
  INSERT INTO ${schema}.mq_msgs (
    id, channel_name, sent_at, attempt_at, expires_at, delivery_time, grp, slot, properties, name, channel_args, commit_interval,
    retry_backoff, max_deliveries, payload_json, payload_bytes)
  SELECT n.id, n.channel_name, v_sent_at,
         CASE WHEN n.commit_interval IS NOT NULL OR n.delay > interval '0'
              THEN v_now + greatest(n.delay, interval '0') + coalesce(n.commit_interval, interval '0') END,
         v_now + greatest(n.delay, interval '0') + n.commit_interval,
         CASE WHEN n.delay > interval '0' AND n.ordered IS NOT TRUE
              THEN v_sent_at + (extract(epoch FROM n.delay) * 1000)::bigint END,
         CASE WHEN n.ordered THEN ${schema}.mq_job_group(coalesce(n.channel_args, '')) END,
         CASE WHEN n.ordered THEN ${schema}.mq_slot(${schema}.mq_job_group(coalesce(n.channel_args, ''))) END,
         CASE WHEN n.channel_args = '' THEN NULL
              WHEN n.ordered THEN jsonb_build_object('JMS_SQLMQ_ChannelArgs', n.channel_args, 'JMSXGroupID', n.channel_args)
              WHEN n.channel_args IS NOT NULL THEN jsonb_build_object('JMS_SQLMQ_ChannelArgs', n.channel_args) END,
         n.name, coalesce(n.channel_args, ''), n.commit_interval,
         greatest(coalesce(n.retry_backoff, interval '1 s'), interval '0'), greatest(coalesce(n.retries, 4), 0) + 1,
         n.payload_json::jsonb, n.payload_bytes
    FROM unnest(new_messages) n;
  PERFORM ${schema}.mq_notify_jobs(v_channels, v_due);
END
$body${tag}$;

-- Whether a job is ready or waits in a channel, or may wait in a group; for senders, who may not read the table.
CREATE FUNCTION ${schema}.mq_has_jobs(p_channel text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN coalesce(
    (SELECT true FROM ${schema}.mq_msgs m
      WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
      ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1),
    (SELECT true FROM ${schema}.mq_msgs m
      WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL AND m.slot IS NULL AND m.name IS NOT NULL
        AND m.dead_origin IS NULL
      ORDER BY m.attempt_at LIMIT 1),
    (SELECT bool_or(g.name IS NOT NULL) OR count(*) = 100
       FROM (SELECT m.name FROM ${schema}.mq_msgs m
              WHERE m.channel_name = p_channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
              ORDER BY m.attempt_at LIMIT 100) g), false);
END
$body${tag}$;

-- For mq_poll, under its settings: the functions up to there have none of their own.

-- Channels in which jobs wait, for whatever, and are due in this time: one step in an index each. p_grouped: those in which any message
-- of a group waits.
CREATE FUNCTION ${schema}.mq_waiting_job_channels(p_grouped boolean, p_from timestamptz, p_to timestamptz) RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $body${tag}$
DECLARE
  v_from text := '';
BEGIN
  IF p_grouped THEN
    LOOP
      v_from := (SELECT m.channel_name FROM ${schema}.mq_msgs m
                  WHERE m.channel_name >= v_from COLLATE "C" AND m.attempt_at >= p_from AND m.attempt_at < p_to AND m.slot IS NOT NULL
                  ORDER BY m.channel_name LIMIT 1);
      EXIT WHEN v_from IS NULL;
      RETURN NEXT v_from;
      v_from := v_from || chr(1);
    END LOOP;
  ELSE
    LOOP
      v_from := (SELECT m.channel_name FROM ${schema}.mq_msgs m
                  WHERE m.channel_name >= v_from COLLATE "C" AND m.attempt_at >= p_from AND m.attempt_at < p_to AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                  ORDER BY m.channel_name LIMIT 1);
      EXIT WHEN v_from IS NULL;
      RETURN NEXT v_from;
      v_from := v_from || chr(1);
    END LOOP;
  END IF;
END
$body${tag}$;

-- How far a session has come whose polls have read much in vain, because vacuum cannot clean what is gone; kept in a setting. For the
-- channels that it asks for it says before when nothing waits, and of lanes, in their order, below which number nothing is left,
-- for each rank. last, at and writers: a round that has begun, see mq_raise_poll_floors.
CREATE TYPE ${schema}.mq_lane_floors AS (name text, args text, slot integer, floors bigint[]);
CREATE TYPE ${schema}.mq_poll_floors AS (
  channels text[], until timestamptz, since timestamptz, lanes ${schema}.mq_lane_floors[], last bigint, at timestamptz, writers text[]);

-- How many entries the transaction has read from the indexes that polls use.
CREATE FUNCTION ${schema}.mq_jobs_read() RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $body${tag}$
BEGIN
  RETURN pg_catalog.pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_jobs'::regclass)
       + pg_catalog.pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_jobs_wait'::regclass)
       + pg_catalog.pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_grouped_wait'::regclass);
END
$body${tag}$;

-- Raises the floors of a session. As for those of consumers (docs/design/floors.md): whatever was written before a round began is
-- visible or gone when all who were writing then have ended. Each call asks once and does not wait for that. What it knows is forgotten
-- after a minute, for rows that somebody has inserted with numbers of his own.
CREATE FUNCTION ${schema}.mq_raise_poll_floors(
  p_floors ${schema}.mq_poll_floors, p_channels text[], p_waiting text[], p_names text[], p_args text[], p_slots integer[])
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  f ${schema}.mq_poll_floors := p_floors;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RETURN;
  END IF;
  IF f.writers IS NULL THEN
    f.channels := p_channels;
    f.until := coalesce(f.until, clock_timestamp() + interval '1 min');
    f.last := (SELECT s.last_value - CASE WHEN s.is_called THEN 0 ELSE 1 END FROM ${schema}.mq_seq s);
    f.at := clock_timestamp();
    f.writers := ${schema}.mq_writers();
  END IF;
  IF f.writers = '{}' OR NOT f.writers && ${schema}.mq_writers() THEN
    f.writers := NULL;
    f.since := least(f.at, (
      SELECT min(w.first) FROM unnest(p_waiting) AS c (name), LATERAL (
        SELECT (SELECT m.attempt_at::timestamptz FROM ${schema}.mq_msgs m
                 WHERE m.channel_name = c.name AND m.attempt_at >= coalesce(f.since, '1970-01-02 00:00+00')
                   AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                 ORDER BY m.attempt_at LIMIT 1) AS first
        UNION ALL
        SELECT (SELECT m.attempt_at::timestamptz FROM ${schema}.mq_msgs m
                 WHERE m.channel_name = c.name AND m.attempt_at >= coalesce(f.since, '1970-01-02 00:00+00') AND m.slot IS NOT NULL
                 ORDER BY m.attempt_at LIMIT 1)) w));
    -- Lanes of this poll, those that are known, and the one that most channels have; not more than a few dozen.
    f.lanes := ARRAY(
      SELECT row(c.name, c.args, c.slot, ARRAY(
               SELECT least(f.last + 1, (
                        SELECT m.seq::bigint FROM ${schema}.mq_msgs m
                         WHERE m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
                           AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.prio_rank = p.rank AND m.seq >= coalesce(c.floors[p.rank + 1], 0)
                         ORDER BY m.prio_rank, m.seq LIMIT 1))
                 FROM generate_series(0, 9) AS p (rank) ORDER BY p.rank))::${schema}.mq_lane_floors
        FROM (
          SELECT l.name, l.args, l.slot,
                 (SELECT o.floors FROM unnest(f.lanes) o
                   WHERE o.name = l.name AND o.args = l.args AND o.slot = l.slot) AS floors
            FROM (SELECT * FROM unnest(p_names, p_args, p_slots)
                  UNION SELECT o.name, o.args, o.slot FROM unnest(f.lanes) o
                  UNION SELECT u, '', 1024 FROM unnest(p_channels) AS u) AS l (name, args, slot)
           LIMIT 32) AS c
       ORDER BY c.name COLLATE "C", c.args COLLATE "C", c.slot);
  END IF;
  PERFORM set_config('sqlmq.poll_floors_' || '${schemaText}.mq_msgs'::regclass::oid::text, f::text, false);
END
$body${tag}$;

-- Leases up to batch_size jobs of these channels (null: of all) and returns them: each comes again after retry_backoff, unless it
-- is deleted or kept alive before that. If there is none, one row says when the next is due (wait_time; null: none waits).
-- Nothing comes from paused channels. max_retry_backoff: see mq_job_backoff.
--
-- A lane is what is ready in a channel with the same arguments, but for groups, of which each slot is a lane of its own. Where there
-- are several, all get the same share, and the next call of this session begins behind the last one. Up to half of what is
-- wanted are due jobs, if there are ready ones. Of an ordered group comes one job at a time, for others wait for it. On the way
-- jobs that have expired, or whose position was not committed in time, are deleted, and those whose attempts are used up are parked.
CREATE FUNCTION ${schema}.mq_poll(
  channel_names text[], batch_size integer DEFAULT 1, max_retry_backoff interval DEFAULT NULL)
RETURNS TABLE (
  id uuid, is_committed boolean, name text, payload_json text, payload_bytes bytea, retry_backoff interval, wait_time interval)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_rest integer := greatest(batch_size, 0);
  v_place constant text[] := nullif(current_setting('sqlmq.poll_place', true), '')::text[];
  v_last text[] := v_place;
  v_wrapped boolean := v_place IS NULL;
  v_read constant bigint := ${schema}.mq_jobs_read();
  v_setting constant text := current_setting('sqlmq.poll_floors_' || '${schemaText}.mq_msgs'::regclass::oid::text, true);
  v_floors ${schema}.mq_poll_floors;
  v_paused text[];
  v_names text[] := channel_names;    -- in their order; null: all
  v_waiting text[];
  v_due text[];
  v_since timestamptz[];
  v_till timestamptz[];
  v_due_groups text[];
  v_groups_since timestamptz[];
  v_groups_till timestamptz[];
  v_ready integer := CASE WHEN random() < 0.5 THEN batch_size / 2 ELSE (batch_size + 1) / 2 END;  -- kept for ready jobs
  v_name text;
  v_arg text;
  v_slot integer;
  v_lanes text[];
  v_args text[];
  v_slots integer[];
  v_seen_lanes text[];
  v_seen_args text[];
  v_seen_slots integer[];
  v_more boolean;
  v_groups uuid[];
  v_group_channels text[];
  v_row record;
  v_busy boolean;               -- something is there, in other hands
  v_tids tid[];
  v_failed uuid[];
  v_over uuid[];
  v_over_channels text[];
  v_reasons text[];
BEGIN
  IF v_setting <> '' THEN
    v_floors := v_setting;
    IF v_floors.channels IS DISTINCT FROM channel_names OR v_floors.until < clock_timestamp() THEN
      v_floors := NULL;
    END IF;
  END IF;
  v_paused := ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p);
  IF channel_names IS NULL THEN
    v_waiting := ARRAY(
      SELECT c FROM (VALUES (false), (true)) AS g (grouped), LATERAL (
          SELECT ${schema}.mq_waiting_job_channels(g.grouped, coalesce(v_floors.since, '1970-01-01 00:00+00'), 'infinity')
          UNION ALL SELECT ${schema}.mq_waiting_job_channels(g.grouped, '1970-01-01 00:00+00', '1970-01-02 00:00+00')
           WHERE v_floors.since IS NOT NULL) AS w (c)
       WHERE c <> ALL (v_paused) GROUP BY c ORDER BY random());
  ELSIF cardinality(channel_names) > 1 OR v_paused <> '{}' THEN
    v_names := ARRAY(SELECT DISTINCT c COLLATE "C" FROM unnest(channel_names) AS c WHERE c <> ALL (v_paused) ORDER BY 1);
    v_waiting := ARRAY(SELECT c FROM unnest(v_names) AS c ORDER BY random());
  ELSE
    v_waiting := v_names;
  END IF;
  -- What was given back at once comes first; then there may be much that is gone.
  SELECT array_agg(c.name) FILTER (WHERE c.due), array_agg(c.since) FILTER (WHERE c.due), array_agg(c.till) FILTER (WHERE c.due),
         array_agg(c.name) FILTER (WHERE c.due_group), array_agg(c.since) FILTER (WHERE c.due_group),
         array_agg(c.till) FILTER (WHERE c.due_group)
    INTO v_due, v_since, v_till, v_due_groups, v_groups_since, v_groups_till
    FROM (SELECT w.name, s.since, s.till,
                 (SELECT true FROM ${schema}.mq_msgs m
                   WHERE m.channel_name = w.name AND m.attempt_at >= s.since AND m.attempt_at <= s.till
                     AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                   ORDER BY m.attempt_at LIMIT 1) AS due,
                 (SELECT true FROM ${schema}.mq_msgs m
                   WHERE m.channel_name = w.name AND m.attempt_at >= s.since AND m.attempt_at <= s.till AND m.slot IS NOT NULL
                   ORDER BY m.attempt_at LIMIT 1) AS due_group
            FROM unnest(v_waiting) AS w (name), (
              SELECT '1970-01-01 00:00+00'::timestamptz AS since,
                     CASE WHEN v_floors.since IS NULL THEN statement_timestamp() ELSE '1970-01-02 00:00+00' END AS till
              UNION ALL SELECT v_floors.since, statement_timestamp() WHERE v_floors.since IS NOT NULL) s) c;
  v_busy := v_due IS NOT NULL;
  FOR v_pass IN 1..2 LOOP
    -- What is due, but for groups.
    WHILE v_rest > v_ready AND v_due IS NOT NULL LOOP
      SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
             array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
             array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
        INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
        FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                     CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                          WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                          THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                       WHEN r.row_xmax = '0'::xid THEN false
                                       ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                        FROM unnest(v_due, v_since, v_till) AS c (name, since, till), LATERAL (
                          SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                 m.failure_count, m.max_deliveries, m.redelivery_policy
                            FROM ${schema}.mq_msgs m
                           WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.attempt_at >= c.since AND m.attempt_at <= c.till AND m.slot IS NULL ORDER BY m.attempt_at, m.prio_rank, m.seq
                           LIMIT (v_rest - v_ready + cardinality(v_due) - 1) / cardinality(v_due) FOR UPDATE SKIP LOCKED) r
                       LIMIT v_rest - v_ready) f) l;
      FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
        IF v_reasons[i] = '' THEN
          DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
        ELSE
          PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
        END IF;
      END LOOP;
      IF v_tids IS NOT NULL THEN
        v_rest := v_rest - cardinality(v_tids);
        RETURN QUERY
          UPDATE ${schema}.mq_msgs m
             SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                   coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                   max_retry_backoff),
                 delivery_count = least(m.delivery_count + 1, 1000000000),
                 failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                 lease_owner = -1, lease_token = -pg_backend_pid()
           WHERE m.channel_name = ANY (v_due COLLATE "POSIX") AND m.ctid = ANY (v_tids)
          RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                    ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                    interval '0';
      END IF;
      IF coalesce(v_failed, v_over) IS NOT NULL THEN
        PERFORM ${schema}.mq_note_attempts(
                  array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                  array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                  'its lease ran out, or its transaction was rolled back')
           FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
      END IF;
      EXIT WHEN v_tids IS NULL AND v_over IS NULL;
    END LOOP;
    EXIT WHEN v_pass = 2 OR v_rest = 0;
    v_ready := 0;

    -- Groups of which something is due; again, where what was first had to go.
    WHILE v_rest > 0 AND v_due_groups IS NOT NULL LOOP
      v_groups := '{}';
      v_group_channels := '{}';
      FOR v_row IN
        SELECT m.* FROM unnest(v_due_groups, v_groups_since, v_groups_till) AS c (name, since, till), LATERAL (
          SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq, m.lease_owner IS NOT NULL AS leased
            FROM ${schema}.mq_msgs m
           WHERE m.channel_name = c.name AND m.slot IS NOT NULL
             AND m.attempt_at >= c.since AND m.attempt_at <= c.till
             AND m.name IS NOT NULL AND m.dead_origin IS NULL
           ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT v_rest + 100) m
      LOOP
        EXIT WHEN cardinality(v_groups) >= v_rest;
        CONTINUE WHEN ${schema}.mq_group_waits(
          v_row.channel_name, v_row.grp, v_row.prio_rank, v_row.seq, true, v_row.leased, '{}', '{}', false, NULL);
        IF ${schema}.mq_hold_slot(v_row.channel_name, v_row.slot) THEN
          v_groups := v_groups || v_row.id;
          v_group_channels := v_group_channels || v_row.channel_name::text;
        ELSE
          v_busy := true;
        END IF;
      END LOOP;
      v_over := NULL;
      IF v_groups <> '{}' THEN
        SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
               array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
               array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
          INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
          FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                       CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                            WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                            THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                  FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                         WHEN r.row_xmax = '0'::xid THEN false
                                         ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                          FROM unnest(v_groups, v_group_channels) AS c (id, name), LATERAL (
                            SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                   m.failure_count, m.max_deliveries, m.redelivery_policy
                              FROM ${schema}.mq_msgs m
                             WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.id = c.id AND (m.attempt_at IS NULL OR m.attempt_at <= statement_timestamp()) AND NOT ${schema}.mq_group_waits(m.channel_name, m.grp, m.prio_rank, m.seq, true, m.lease_owner IS NOT NULL, '{}', '{}', false, NULL)
                             LIMIT 1 FOR UPDATE SKIP LOCKED) r
                         LIMIT v_rest) f) l;
        FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
          IF v_reasons[i] = '' THEN
            DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
          ELSE
            PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
          END IF;
        END LOOP;
        IF v_tids IS NOT NULL THEN
          v_rest := v_rest - cardinality(v_tids);
          RETURN QUERY
            UPDATE ${schema}.mq_msgs m
               SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                     coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     max_retry_backoff),
                   delivery_count = least(m.delivery_count + 1, 1000000000),
                   failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                   lease_owner = -1, lease_token = -pg_backend_pid()
             WHERE m.channel_name = ANY (v_group_channels COLLATE "POSIX") AND m.ctid = ANY (v_tids)
            RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                      ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                      interval '0';
        END IF;
        IF coalesce(v_failed, v_over) IS NOT NULL THEN
          PERFORM ${schema}.mq_note_attempts(
                    array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                    array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                    'its lease ran out, or its transaction was rolled back')
             FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
        END IF;
      END IF;
      EXIT WHEN v_over IS NULL;
    END LOOP;

    -- What is ready, lane by lane.
    LOOP
      v_name := coalesce(v_last[1], '');
      v_arg := coalesce(v_last[2], '');
      v_slot := coalesce(v_last[3]::integer + 1, 0);
      IF v_floors.lanes IS NOT NULL THEN
        IF v_names IS NULL THEN
          WITH RECURSIVE l (name, args, slot) AS (
            SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                  SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                   WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) LIMIT 1) k ON true, LATERAL (
                  (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
                     FROM ${schema}.mq_msgs m
                    WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
                      AND (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                            < (coalesce(k.name, repeat(chr(1114111), 64)), coalesce(k.args, ''), coalesce(k.slot, 0))
                      AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                    ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)
                  UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n
            UNION ALL
            SELECT n.* FROM l, LATERAL (
              SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                     CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                           SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                            WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) LIMIT 1) k ON true, LATERAL (
                           (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
                              FROM ${schema}.mq_msgs m
                             WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
                               AND (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                     < (coalesce(k.name, repeat(chr(1114111), 64)), coalesce(k.args, ''), coalesce(k.slot, 0))
                               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                             ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)
                           UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n)
          SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
            FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
           WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
        ELSE
          WITH RECURSIVE l (name, args, slot) AS (
            SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                  SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                   WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) AND o.name = ANY (v_names) LIMIT 1) k ON true,
                LATERAL (
                  (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
                     SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
                      WHERE m.channel_name = c.name
                        AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                              >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                        AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                              < (CASE WHEN c.name = k.name THEN k.args ELSE repeat(chr(1114111), 600) END, CASE WHEN c.name = k.name THEN k.slot ELSE 0 END)
                        AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                      ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
                    WHERE c.name >= f.name AND (k.name IS NULL OR c.name <= k.name COLLATE "C") LIMIT 1)
                  UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n
            UNION ALL
            SELECT n.* FROM l, LATERAL (
              SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                     CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
                           SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
                            WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) AND o.name = ANY (v_names) LIMIT 1) k ON true,
                         LATERAL (
                           (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
                              SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name
                                 AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                       >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                                 AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                       < (CASE WHEN c.name = k.name THEN k.args ELSE repeat(chr(1114111), 600) END, CASE WHEN c.name = k.name THEN k.slot ELSE 0 END)
                                 AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                               ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
                             WHERE c.name >= f.name AND (k.name IS NULL OR c.name <= k.name COLLATE "C") LIMIT 1)
                           UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1) n)
          SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
            FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
           WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
        END IF;
      ELSIF v_names IS NULL THEN
        WITH RECURSIVE l (name, args, slot) AS (
          SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
              FROM ${schema}.mq_msgs m
             WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) n
          UNION ALL
          SELECT n.* FROM l, LATERAL (
            SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                   CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
                       FROM ${schema}.mq_msgs m
                      WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
                        AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                      ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) n)
        SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
          FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
         WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
      ELSE
        WITH RECURSIVE l (name, args, slot) AS (
          SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
              SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
               WHERE m.channel_name = c.name AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                       >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                 AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
               ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
             WHERE c.name >= f.name LIMIT 1) n
          UNION ALL
          SELECT n.* FROM l, LATERAL (
            SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
                   CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
                       SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
                        WHERE m.channel_name = c.name AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                                >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
                          AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
                        ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
                      WHERE c.name >= f.name LIMIT 1) n)
        SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
          FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
         WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
      END IF;
      v_more := cardinality(v_lanes) > v_rest;
      IF v_more THEN
        v_lanes := v_lanes[:v_rest];
        v_args := v_args[:v_rest];
        v_slots := v_slots[:v_rest];
      END IF;
      v_seen_lanes := v_seen_lanes || v_lanes;
      v_seen_args := v_seen_args || v_args;
      v_seen_slots := v_seen_slots || v_slots;
      IF 1024 > ANY (v_slots) THEN
        v_groups := '{}';
        v_group_channels := '{}';
        FOR v_row IN
          SELECT DISTINCT ON (c.name, c.args, c.slot) m.* FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
            LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
            LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
                     UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p, LATERAL (
            SELECT m.id, m.channel_name, m.grp, m.slot, m.prio_rank, m.seq FROM ${schema}.mq_msgs m
             WHERE c.slot < 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
               AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND (m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq LIMIT 1) m
           ORDER BY c.name, c.args, c.slot, m.prio_rank, m.seq
        LOOP
          EXIT WHEN cardinality(v_groups) >= v_rest;
          CONTINUE WHEN ${schema}.mq_group_waits(
            v_row.channel_name, v_row.grp, v_row.prio_rank, v_row.seq, true, false, '{}', '{}', false, NULL);
          IF ${schema}.mq_hold_slot(v_row.channel_name, v_row.slot) THEN
            v_groups := v_groups || v_row.id;
            v_group_channels := v_group_channels || v_row.channel_name::text;
          ELSE
            v_busy := true;
          END IF;
        END LOOP;
        v_over := NULL;
        IF v_groups <> '{}' THEN
          SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
                 array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
                 array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
            INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
            FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                         CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                              WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                              THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                    FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                           WHEN r.row_xmax = '0'::xid THEN false
                                           ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                            FROM unnest(v_groups, v_group_channels) AS c (id, name), LATERAL (
                              SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                     m.failure_count, m.max_deliveries, m.redelivery_policy
                                FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND m.id = c.id AND (m.attempt_at IS NULL OR m.attempt_at <= statement_timestamp()) AND NOT ${schema}.mq_group_waits(m.channel_name, m.grp, m.prio_rank, m.seq, true, m.lease_owner IS NOT NULL, '{}', '{}', false, NULL)
                               LIMIT 1 FOR UPDATE SKIP LOCKED) r
                           LIMIT v_rest) f) l;
          FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
            IF v_reasons[i] = '' THEN
              DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
            ELSE
              PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
            END IF;
          END LOOP;
          IF v_tids IS NOT NULL THEN
            v_rest := v_rest - cardinality(v_tids);
            RETURN QUERY
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_group_channels COLLATE "POSIX") AND m.ctid = ANY (v_tids)
              RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                        ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                        interval '0';
          END IF;
          IF coalesce(v_failed, v_over) IS NOT NULL THEN
            PERFORM ${schema}.mq_note_attempts(
                      array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                      array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                      'its lease ran out, or its transaction was rolled back')
               FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
          END IF;
        END IF;
        CONTINUE WHEN v_over IS NOT NULL;
      END IF;
      WHILE v_rest > 0 AND 1024 = ANY (v_slots) LOOP
        IF v_floors.lanes IS NULL THEN
          SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
                 array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
                 array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
            INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
            FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                         CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                              WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                              THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                    FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                           WHEN r.row_xmax = '0'::xid THEN false
                                           ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                            FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot), LATERAL (
                              SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                     m.failure_count, m.max_deliveries, m.redelivery_policy
                                FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND c.slot = 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
                                   AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL ORDER BY m.prio_rank, m.seq
                               LIMIT (v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes) FOR UPDATE SKIP LOCKED) r
                           LIMIT v_rest) f) l;
          FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
            IF v_reasons[i] = '' THEN
              DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
            ELSE
              PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
            END IF;
          END LOOP;
          IF v_tids IS NOT NULL THEN
            v_rest := v_rest - cardinality(v_tids);
            RETURN QUERY
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_lanes COLLATE "POSIX") AND m.ctid = ANY (v_tids)
              RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                        ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                        interval '0';
          END IF;
          IF coalesce(v_failed, v_over) IS NOT NULL THEN
            PERFORM ${schema}.mq_note_attempts(
                      array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                      array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                      'its lease ran out, or its transaction was rolled back')
               FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
          END IF;
        ELSE
          SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
                 array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
                 array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
            INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
            FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
                         CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                              WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                              THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
                    FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                           WHEN r.row_xmax = '0'::xid THEN false
                                           ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                            FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
                                LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
                                LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
                                         UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p, LATERAL (
                              SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                                     m.failure_count, m.max_deliveries, m.redelivery_policy
                                FROM ${schema}.mq_msgs m
                               WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND c.slot = 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
                                              AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND (m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq
                               LIMIT (v_rest + cardinality(v_lanes) - 1) / cardinality(v_lanes) FOR UPDATE SKIP LOCKED) r
                           LIMIT v_rest) f) l;
          FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
            IF v_reasons[i] = '' THEN
              DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
            ELSE
              PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
            END IF;
          END LOOP;
          IF v_tids IS NOT NULL THEN
            v_rest := v_rest - cardinality(v_tids);
            RETURN QUERY
              UPDATE ${schema}.mq_msgs m
                 SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
                       coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                       max_retry_backoff),
                     delivery_count = least(m.delivery_count + 1, 1000000000),
                     failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
                     lease_owner = -1, lease_token = -pg_backend_pid()
               WHERE m.channel_name = ANY (v_lanes COLLATE "POSIX") AND m.ctid = ANY (v_tids)
              RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
                        ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
                        interval '0';
          END IF;
          IF coalesce(v_failed, v_over) IS NOT NULL THEN
            PERFORM ${schema}.mq_note_attempts(
                      array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
                      array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
                      'its lease ran out, or its transaction was rolled back')
               FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
          END IF;
        END IF;
        EXIT WHEN v_tids IS NULL AND v_over IS NULL;
      END LOOP;
      IF v_rest = batch_size THEN
        v_busy := v_busy OR EXISTS (
          SELECT FROM unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
            LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
            LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
                     UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p, LATERAL (
            SELECT FROM ${schema}.mq_msgs m WHERE c.slot = 1024 AND m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
              AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL AND (m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq LIMIT 1) m);
      END IF;
      IF v_more THEN
        v_last := ARRAY[v_lanes[cardinality(v_lanes)], v_args[cardinality(v_lanes)], v_slots[cardinality(v_lanes)]::text];
      ELSIF v_wrapped THEN
        EXIT;
      ELSE
        v_wrapped := true;
        v_last := NULL;
      END IF;
      EXIT WHEN v_rest = 0;
    END LOOP;
  END LOOP;
  IF v_last IS DISTINCT FROM v_place THEN
    PERFORM set_config('sqlmq.poll_place', v_last::text, false);
  END IF;
  IF ${schema}.mq_jobs_read() - v_read >= 1000 + 10 * batch_size THEN
    PERFORM ${schema}.mq_raise_poll_floors(v_floors, channel_names, v_waiting, v_seen_lanes, v_seen_args, v_seen_slots);
  END IF;

  IF v_rest = greatest(batch_size, 0) THEN
    RETURN QUERY
      SELECT NULL::uuid, NULL::boolean, NULL::text, NULL::text, NULL::bytea, NULL::interval,
             least(min(w.attempt_at) - statement_timestamp(), CASE WHEN v_busy THEN interval '1 s' END)
        FROM (
          SELECT m.attempt_at FROM unnest(v_waiting) AS c (name), LATERAL (
            SELECT m.attempt_at FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
               AND m.slot IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1) m
          UNION ALL
          SELECT m.attempt_at FROM unnest(v_waiting) AS c (name), LATERAL (
            SELECT m.attempt_at FROM ${schema}.mq_msgs m
             WHERE m.channel_name = c.name AND m.attempt_at > statement_timestamp() AND m.attempt_at < 'infinity'
               AND m.slot IS NOT NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
             ORDER BY m.attempt_at LIMIT 1) m) w;
  END IF;
END
$body${tag}$;

-- What is done to jobs by their ids. Nothing here waits for a window of a consumer, which has locked a job that was ready or due;
-- a job that somebody has polled is in no window, and is waited for, so that what its worker does at the same time on another
-- connection is not overtaken.

-- Deletes jobs: done, or not wanted any more. Left is what a consumer holds, by its lock or its lease.
CREATE FUNCTION ${schema}.mq_delete(msg_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count bigint;
  v_channels text[];
  v_more text[] := '{}';
BEGIN
  WITH gone AS (
    DELETE FROM ${schema}.mq_msgs m
     WHERE m.id = ANY (msg_ids) AND m.lease_owner = -1 AND m.attempt_at > statement_timestamp()
    RETURNING m.channel_name::text AS name, m.slot)
  SELECT count(*), array_agg(DISTINCT g.name) FILTER (WHERE g.slot IS NOT NULL) INTO v_count, v_channels FROM gone g;
  IF v_count < cardinality(msg_ids) THEN
    WITH gone AS (
      DELETE FROM ${schema}.mq_msgs m USING (
        SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
         WHERE s.id = ANY (msg_ids) AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
         FOR UPDATE SKIP LOCKED) l
       WHERE m.id = l.id AND m.channel_name = l.channel_name
      RETURNING m.channel_name::text AS name, m.slot)
    SELECT array_agg(DISTINCT g.name) FILTER (WHERE g.slot IS NOT NULL) INTO v_more FROM gone g;
  END IF;
  -- The next of their groups.
  PERFORM ${schema}.mq_notify_jobs(ARRAY(SELECT DISTINCT c FROM unnest(v_channels || v_more) AS c), 0);
END
$body${tag}$;

-- Commits positions that were reserved with a commit interval which is not over yet: the jobs are due when their delay is over. Time to
-- live counts from here on.
CREATE FUNCTION ${schema}.mq_commit(msg_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_channels text[];
BEGIN
  WITH committed AS (
    UPDATE ${schema}.mq_msgs m
       SET attempt_at = greatest(m.attempt_at - m.commit_interval, clock_timestamp()), commit_interval = NULL,
           expires_at = clock_timestamp() + (m.expiration - m.sent_at) * interval '1 millisecond'
      FROM (SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
             WHERE s.id = ANY (msg_ids) AND s.commit_interval IS NOT NULL AND s.attempt_at > statement_timestamp()
             ORDER BY s.id FOR UPDATE) l
     WHERE m.id = l.id AND m.channel_name = l.channel_name
    RETURNING m.channel_name::text AS name)
  SELECT array_agg(DISTINCT c.name) INTO v_channels FROM committed c;
  PERFORM ${schema}.mq_notify_jobs(v_channels, -1);
END
$body${tag}$;

-- For jobs that are worked on, and reserved positions: they have so much time at least from now on.
CREATE FUNCTION ${schema}.mq_keep_alive(msg_ids uuid[], duration interval) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = clock_timestamp() + duration,
         commit_interval = m.commit_interval + (clock_timestamp() + duration - m.attempt_at),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at ELSE clock_timestamp() + duration END
    FROM (SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
           WHERE s.id = ANY (msg_ids) AND (s.lease_owner = -1 OR s.commit_interval IS NOT NULL)
             AND s.attempt_at < clock_timestamp() + duration
           ORDER BY s.id FOR UPDATE SKIP LOCKED) l
   WHERE m.id = l.id AND m.channel_name = l.channel_name;
END
$body${tag}$;

-- For a job that is worked on: what it will be given at its next attempt, and how many attempts more it may have; null changes
-- nothing. As mq_keep_alive besides.
CREATE FUNCTION ${schema}.mq_checkpoint(
  msg_id uuid, duration interval, new_payload_json text, new_payload_bytes bytea, extra_retries integer)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  PERFORM FROM ${schema}.mq_msgs m
    WHERE m.id = msg_id AND m.lease_owner = -1 AND m.attempt_at > statement_timestamp() FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM FROM ${schema}.mq_msgs m
      WHERE m.id = msg_id AND m.name IS NOT NULL AND (m.lease_owner IS NULL OR m.lease_owner = -1) FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN;
    END IF;
  END IF;
  UPDATE ${schema}.mq_msgs m
     SET attempt_at = greatest(m.attempt_at, clock_timestamp() + duration),
         expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at
                           ELSE greatest(m.attempt_at, clock_timestamp() + duration) END,
         payload_json = coalesce(new_payload_json::jsonb, m.payload_json),
         payload_text = CASE WHEN new_payload_json IS NULL THEN m.payload_text END,
         payload_bytes = coalesce(new_payload_bytes, m.payload_bytes),
         max_deliveries = CASE WHEN coalesce(extra_retries, 0) = 0 THEN m.max_deliveries
           ELSE greatest(1, ${schema}.mq_job_deliveries(m.max_deliveries, m.redelivery_policy) + extra_retries) END
   WHERE m.id = msg_id;
END
$body${tag}$;

-- Deletes the jobs of these channels, also those that are polled; null: none. Messages that are no jobs stay, and so do dead letters and
-- what a consumer holds.
CREATE FUNCTION ${schema}.mq_clear(channel_names text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  DELETE FROM ${schema}.mq_msgs m USING (
    SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
     WHERE s.channel_name = ANY (channel_names) AND s.name IS NOT NULL AND s.dead_origin IS NULL
       AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
     FOR UPDATE SKIP LOCKED) l
   WHERE m.id = l.id AND m.channel_name = l.channel_name;
END
$body${tag}$;

-- The same for all channels.
CREATE FUNCTION ${schema}.mq_clear_all() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  DELETE FROM ${schema}.mq_msgs m USING (
    SELECT s.id, s.channel_name FROM ${schema}.mq_msgs s
     WHERE s.name IS NOT NULL AND s.dead_origin IS NULL
       AND (s.lease_owner IS NULL OR s.lease_owner = -1 OR s.attempt_at <= statement_timestamp())
     FOR UPDATE SKIP LOCKED) l
   WHERE m.id = l.id AND m.channel_name = l.channel_name;
END
$body${tag}$;

-- Stops deliveries from a queue, to consumers, to jobs, and to those who poll; messages can be sent all the same. What is being
-- worked on goes on. When this is committed each process is told: it has the names of paused queues in memory, so that a claim need not
-- ask for them. Returns whether it was not paused yet.
CREATE FUNCTION ${schema}.mq_pause(p_channel text, p_reason text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_new boolean;
BEGIN
  INSERT INTO ${schema}.mq_paused (channel_name, reason) VALUES (p_channel, p_reason) ON CONFLICT DO NOTHING;
  v_new := FOUND;
  IF NOT v_new AND p_reason IS NOT NULL THEN
    UPDATE ${schema}.mq_paused p SET reason = p_reason WHERE p.channel_name = p_channel;
  END IF;
  PERFORM pg_notify('sqlmq:' || md5('${schemaText}'), '0 sqlmq-pauses');
  RETURN v_new;
END
$body${tag}$;

-- Lets it go on, and wakes who waits; returns whether it was paused.
CREATE FUNCTION ${schema}.mq_resume(p_channel text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_paused boolean;
BEGIN
  DELETE FROM ${schema}.mq_paused p WHERE p.channel_name = p_channel;
  v_paused := FOUND;
  IF v_paused THEN
    PERFORM pg_notify('sqlmq:' || md5('${schemaText}'), '0 sqlmq-pauses'), ${schema}.mq_notify_jobs(ARRAY[p_channel], 0);
  END IF;
  RETURN v_paused;
END
$body${tag}$;

-- What an operator does to one message that waits, by its id (without ID:) and, where several queues have it, the name of the queue. These
-- tell: 'done'; 'being worked on': somebody has it, and nothing was done; 'set aside': see mq_retry_set_aside; 'not there'.

-- Locks it for that; a message whose lease is over is free only for p_leased, since its delivery is still to be counted.
CREATE FUNCTION ${schema}.mq_lock_waiting(
  p_id uuid, p_queue text, p_leased boolean, OUT channel text, OUT unlogged boolean, OUT result text)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  -- Before the clock is read, see mq_first_waiting; and the lease may have been taken just now.
  LOCK TABLE ${schema}.mq_msgs, ${schema}.mq_msgs_unlogged IN ROW EXCLUSIVE MODE;
  unlogged := false;
  SELECT s.channel_name, CASE WHEN s.set_aside IS NOT NULL THEN 'set aside' ELSE 'done' END INTO channel, result
    FROM ${schema}.mq_msgs s
   WHERE s.id = p_id AND (p_queue IS NULL OR s.channel_name = p_queue)
     AND (s.lease_owner IS NULL OR (p_leased AND s.attempt_at <= clock_timestamp()))
   LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF channel IS NULL THEN
    unlogged := true;
    SELECT s.channel_name, CASE WHEN s.set_aside IS NOT NULL THEN 'set aside' ELSE 'done' END INTO channel, result
      FROM ${schema}.mq_msgs_unlogged s
     WHERE s.id = p_id AND (p_queue IS NULL OR s.channel_name = p_queue)
       AND (s.lease_owner IS NULL OR (p_leased AND s.attempt_at <= clock_timestamp()))
     LIMIT 1 FOR UPDATE SKIP LOCKED;
  END IF;
  IF channel IS NULL THEN
    result := CASE
      WHEN EXISTS (SELECT FROM ${schema}.mq_msgs s WHERE s.id = p_id AND (p_queue IS NULL OR s.channel_name = p_queue))
        OR EXISTS (SELECT FROM ${schema}.mq_msgs_unlogged s WHERE s.id = p_id AND (p_queue IS NULL OR s.channel_name = p_queue))
      THEN 'being worked on' ELSE 'not there' END;
  END IF;
END
$body${tag}$;

-- Deletes it, also what is set aside.
CREATE FUNCTION ${schema}.mq_cancel(p_id uuid, p_queue text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_found record;
BEGIN
  SELECT w.* INTO v_found FROM ${schema}.mq_lock_waiting(p_id, p_queue, true) w;
  IF v_found.channel IS NULL THEN
    RETURN v_found.result;
  END IF;
  IF v_found.unlogged THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id AND m.channel_name = v_found.channel;
  ELSE
    DELETE FROM ${schema}.mq_msgs m WHERE m.id = p_id AND m.channel_name = v_found.channel;
    PERFORM ${schema}.mq_notify_jobs(ARRAY[v_found.channel], -1);  -- for the next of its group
  END IF;
  RETURN 'done';
END
$body${tag}$;

-- Has it delivered at p_at, or now if that is past or null. An ordered job goes on to hold up those behind it; other messages of groups
-- that were not delivered before do so no more while they wait. A position that is not committed yet lapses as much later or earlier.
CREATE FUNCTION ${schema}.mq_reschedule(p_id uuid, p_at timestamptz, p_queue text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_found record;
  v_at timestamptz;
BEGIN
  IF p_at > clock_timestamp() + interval '100 years' THEN
    RAISE EXCEPTION 'messages can wait for 100 years, not until %', p_at USING ERRCODE = '22023';
  END IF;
  SELECT w.* INTO v_found FROM ${schema}.mq_lock_waiting(p_id, p_queue, false) w;
  IF v_found.channel IS NULL OR v_found.result <> 'done' THEN
    RETURN v_found.result;
  END IF;
  v_at := greatest(p_at, clock_timestamp());
  IF v_found.unlogged THEN
    UPDATE ${schema}.mq_msgs_unlogged m
       SET attempt_at = v_at,
           delivery_time = CASE WHEN m.delivery_count > 0 THEN m.delivery_time ELSE (extract(epoch FROM v_at) * 1000)::bigint END
     WHERE m.id = p_id AND m.channel_name = v_found.channel;
  ELSE
    UPDATE ${schema}.mq_msgs m
       SET attempt_at = v_at + coalesce(m.commit_interval, interval '0'),
           expires_at = CASE WHEN m.commit_interval IS NULL THEN m.expires_at ELSE v_at + m.commit_interval END,
           delivery_time = CASE WHEN m.delivery_count > 0 OR (m.slot IS NOT NULL AND m.name IS NOT NULL) THEN m.delivery_time
                                ELSE (extract(epoch FROM v_at) * 1000)::bigint END
     WHERE m.id = p_id AND m.channel_name = v_found.channel;
  END IF;
  PERFORM ${schema}.mq_notify_jobs(ARRAY[v_found.channel], -1);
  RETURN 'done';
END
$body${tag}$;

-- Gives it another JMSPriority; what is ready goes behind all others of that priority.
CREATE FUNCTION ${schema}.mq_reprioritize(p_id uuid, p_priority integer, p_queue text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_found record;
BEGIN
  IF p_priority IS NULL OR p_priority NOT BETWEEN 0 AND 9 THEN
    RAISE EXCEPTION 'priorities are 0 to 9, not %', p_priority USING ERRCODE = '22023';
  END IF;
  SELECT w.* INTO v_found FROM ${schema}.mq_lock_waiting(p_id, p_queue, false) w;
  IF v_found.channel IS NULL OR v_found.result <> 'done' THEN
    RETURN v_found.result;
  END IF;
  IF v_found.unlogged THEN
    UPDATE ${schema}.mq_msgs_unlogged m
       SET prio_rank = 9 - p_priority, seq = CASE WHEN m.attempt_at IS NULL THEN nextval('${schemaText}.mq_seq') ELSE m.seq END
     WHERE m.id = p_id AND m.channel_name = v_found.channel;
  ELSE
    UPDATE ${schema}.mq_msgs m
       SET prio_rank = 9 - p_priority, seq = CASE WHEN m.attempt_at IS NULL THEN nextval('${schemaText}.mq_seq') ELSE m.seq END
     WHERE m.id = p_id AND m.channel_name = v_found.channel;
  END IF;
  PERFORM ${schema}.mq_notify_jobs(ARRAY[v_found.channel], 0);
  RETURN 'done';
END
$body${tag}$;

-- Why a message is not delivered, in words; null if there is no such message (it was received, has expired or is not committed).
-- Whoever asks needs the right to read the tables.
CREATE FUNCTION ${schema}.mq_why(p_id uuid) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs;
  v_by text;
  v_other uuid;
  v_dead text := '';
  v_unlogged boolean := false;
  v_xmax xid;
BEGIN
  SELECT m.* INTO v_row FROM ${schema}.mq_msgs m WHERE m.id = p_id;
  IF v_row.id IS NULL THEN
    v_unlogged := true;
    SELECT m.* INTO v_row FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id;
  END IF;
  IF v_row.id IS NULL THEN
    RETURN NULL;
  END IF;
  v_xmax := CASE WHEN v_unlogged THEN (SELECT m.xmax FROM ${schema}.mq_msgs_unlogged m WHERE m.id = p_id)
                 ELSE (SELECT m.xmax FROM ${schema}.mq_msgs m WHERE m.id = p_id) END;
  IF v_row.dead_origin IS NOT NULL THEN
    v_dead := format('dead letter of %L (%s), in %L: ', v_row.dead_origin, v_row.dead_reason, v_row.channel_name);
  END IF;
  IF v_row.set_aside IS NOT NULL THEN
    RETURN v_dead || 'set aside: ' || v_row.set_aside;
  ELSIF v_row.commit_interval IS NOT NULL THEN
    RETURN v_dead || CASE WHEN v_row.attempt_at > statement_timestamp()
      THEN format('reserved until %s, and not committed yet', v_row.attempt_at)
      ELSE format('reserved until %s, and not committed: about to be deleted', v_row.attempt_at) END;
  ELSIF v_row.lease_owner IS NOT NULL AND v_row.attempt_at > statement_timestamp() THEN
    v_by := CASE WHEN v_row.lease_owner = -1
      THEN 'mq_poll in the session ' || -v_row.lease_token
             || coalesce((SELECT ' (' || nullif(a.application_name, '') || ')' FROM pg_stat_activity a WHERE a.pid = -v_row.lease_token), '')
      ELSE coalesce((SELECT o.description FROM ${schema}.mq_owners o WHERE o.owner = v_row.lease_owner), 'a process that is gone') END;
    RETURN v_dead || format('leased by %s until %s', v_by, v_row.attempt_at);
  ELSIF v_row.expires_at <= statement_timestamp() THEN
    RETURN v_dead || format('expired at %s', v_row.expires_at);
  ELSIF pg_xact_status(${schema}.mq_locker(v_xmax)) = 'in progress' THEN
    RETURN v_dead || coalesce((
      SELECT format('locked by a transaction of the session %s (%s)', l.pid, a.application_name)
        FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'transactionid' AND l.transactionid = v_xmax AND l.granted LIMIT 1), 'locked by a transaction');
  ELSIF v_row.attempt_at > statement_timestamp() THEN
    RETURN v_dead || CASE WHEN v_row.delivery_count > 0
      THEN format('backing off until %s, after %s failed deliveries%s', v_row.attempt_at, v_row.failure_count,
                  coalesce(': ' || left(v_row.last_error, 500), ''))
      ELSE format('delayed until %s', v_row.attempt_at) END;
  END IF;
  SELECT format('the queue is paused since %s by %s%s', p.paused_at, p.paused_by, ': ' || p.reason) INTO v_by
    FROM ${schema}.mq_paused p WHERE p.channel_name = v_row.channel_name;
  IF v_by IS NOT NULL THEN
    RETURN v_dead || v_by;
  END IF;
  IF v_row.slot IS NOT NULL THEN
    SELECT b.id INTO v_other FROM ${schema}.mq_msgs b
     WHERE b.channel_name = v_row.channel_name AND b.slot = v_row.slot AND b.grp = v_row.grp AND b.id <> p_id AND b.set_aside IS NULL
       AND (b.lease_owner IS NOT NULL
            OR ((b.prio_rank, b.seq) < (v_row.prio_rank, v_row.seq)
                AND (b.delivery_time IS NULL OR b.delivery_count > 0 OR b.attempt_at <= statement_timestamp())))
     ORDER BY b.lease_owner IS NULL, b.prio_rank, b.seq LIMIT 1;
    IF v_other IS NOT NULL THEN
      RETURN v_dead || format('behind %s of its group %L, which is %s', v_other, v_row.grp, ${schema}.mq_why(v_other));
    END IF;
  END IF;
  RETURN v_dead || CASE
    WHEN EXISTS (SELECT FROM ${schema}.mq_waiters w WHERE w.channel_name = v_row.channel_name)
    THEN format('ready; consumers wait on %L, and it is on its way, or none of their selectors takes it', v_row.channel_name)
    ELSE format('ready; no consumer waits on %L', v_row.channel_name)
         || CASE WHEN v_row.name IS NOT NULL AND v_row.dead_origin IS NULL THEN ', and nobody has polled it' ELSE '' END END;
END
$body${tag}$;

-- For operators: what is in each queue or channel, and which dead letters came from it. in_flight: leased, or locked by a transaction that
-- runs. The columns stay as they are; others may be added behind them.
CREATE VIEW ${schema}.mq_channels AS
  SELECT c.channel, count(*) FILTER (WHERE c.state NOT IN ('dead', 'paused')) AS depth, count(*) FILTER (WHERE c.state = 'ready') AS ready,
         count(*) FILTER (WHERE c.state = 'in flight') AS in_flight, count(*) FILTER (WHERE c.state = 'delayed') AS delayed,
         count(*) FILTER (WHERE c.state = 'backing off') AS backing_off, count(*) FILTER (WHERE c.state = 'set aside') AS set_aside,
         count(*) FILTER (WHERE c.state = 'dead') AS dead, now() - min(c.sent_at) AS oldest_age,
         bool_or(c.state = 'paused') AS paused
    FROM (
      SELECT m.channel_name::text AS channel,
             CASE WHEN m.set_aside IS NOT NULL THEN 'set aside'
                  WHEN m.lease_owner IS NOT NULL AND m.attempt_at > now() THEN 'in flight'
                  WHEN m.xmax <> '0'::xid AND pg_xact_status(${schema}.mq_locker(m.xmax)) = 'in progress' THEN 'in flight'
                  WHEN m.attempt_at IS NULL OR m.attempt_at <= now() THEN 'ready'
                  WHEN m.delivery_count > 0 THEN 'backing off'
                  ELSE 'delayed' END AS state,
             CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END AS sent_at
        FROM ${schema}.mq_msgs m
      UNION ALL
      SELECT m.channel_name::text,
             CASE WHEN m.set_aside IS NOT NULL THEN 'set aside'
                  WHEN m.lease_owner IS NOT NULL AND m.attempt_at > now() THEN 'in flight'
                  WHEN m.xmax <> '0'::xid AND pg_xact_status(${schema}.mq_locker(m.xmax)) = 'in progress' THEN 'in flight'
                  WHEN m.attempt_at IS NULL OR m.attempt_at <= now() THEN 'ready'
                  WHEN m.delivery_count > 0 THEN 'backing off'
                  ELSE 'delayed' END,
             CASE WHEN m.sent_at BETWEEN 0 AND 253402300799999 THEN to_timestamp(m.sent_at / 1000.0) END
        FROM ${schema}.mq_msgs_unlogged m
      UNION ALL
      SELECT m.dead_origin, 'dead', NULL FROM ${schema}.mq_msgs m WHERE m.dead_origin IS NOT NULL
      UNION ALL
      SELECT p.channel_name, 'paused', NULL FROM ${schema}.mq_paused p) c
   GROUP BY c.channel;

-- For operators: who holds what for longer. owner is null for what was polled; holder is then the process of the session.
CREATE VIEW ${schema}.mq_leases AS
  SELECT l.channel_name::text AS channel, l.id, nullif(l.lease_owner, -1) AS owner,
         CASE WHEN l.lease_owner = -1 THEN 'mq_poll in the session ' || (-l.lease_token)::text ELSE o.description END AS holder,
         l.attempt_at AS until, l.delivery_count, l.name
    FROM (SELECT m.channel_name, m.id, m.lease_owner, m.lease_token, m.attempt_at, m.delivery_count, m.name FROM ${schema}.mq_msgs m
           WHERE m.lease_owner IS NOT NULL AND m.attempt_at > now()
          UNION ALL
          SELECT m.channel_name, m.id, m.lease_owner, m.lease_token, m.attempt_at, m.delivery_count, m.name
            FROM ${schema}.mq_msgs_unlogged m WHERE m.lease_owner IS NOT NULL AND m.attempt_at > now()) l
    LEFT JOIN ${schema}.mq_owners o ON o.owner = l.lease_owner;

-- What a role needs, in words of SQL after GRANT: docs/operating.md says what each kind may do.
CREATE OR REPLACE FUNCTION ${schema}.mq_rights(p_what text) RETURNS SETOF text
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
        || ' mq_dedup, mq_exclusives, mq_completed',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_schema_history']
    WHEN p_what = 'queues' THEN ARRAY[
      'SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged, mq_payloads, mq_payloads_unlogged, mq_owners, mq_waiters,'
        || ' mq_signatures, mq_failures, mq_clients, mq_gone_channels, mq_schedules, mq_dedup, mq_exclusives, mq_completed',
      'SELECT, UPDATE, DELETE ON mq_topics, mq_subscriptions, mq_subscribers',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_schema_history']
    WHEN p_what = 'receive' THEN ARRAY[
      'SELECT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged',
      'SELECT, DELETE ON mq_payloads, mq_payloads_unlogged',
      'SELECT, UPDATE, DELETE ON mq_schedules, mq_dedup',
      'SELECT, INSERT, UPDATE, DELETE ON mq_owners, mq_waiters, mq_signatures, mq_failures, mq_topics, mq_subscriptions,'
        || ' mq_subscribers, mq_clients, mq_gone_channels, mq_exclusives, mq_completed',
      'SELECT ON SEQUENCE mq_seq',
      'USAGE, SELECT ON SEQUENCE mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_schema_history']
    WHEN p_what = 'send' THEN ARRAY[
      -- To count what is in a queue, for maxDepth, too.
      'INSERT, SELECT (id, xmin, channel_name, attempt_at, slot) ON mq_msgs, mq_msgs_unlogged',
      'INSERT, SELECT (id, xmin) ON mq_schedules',
      'INSERT ON mq_payloads, mq_payloads_unlogged',
      'SELECT, INSERT, UPDATE ON mq_dedup',
      'USAGE ON SEQUENCE mq_seq',
      'SELECT ON mq_waiters, mq_topics, mq_subscriptions, mq_destinations, mq_schema_history']
    WHEN p_what = 'send by SQL' THEN ARRAY[
      'INSERT ON mq_msgs', 'SELECT, INSERT, UPDATE ON mq_dedup', 'USAGE ON SEQUENCE mq_seq', 'SELECT ON mq_waiters']
    WHEN p_what = 'watch' THEN ARRAY['SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_leases, mq_topic_subscribers']
    ELSE ARRAY['SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_leases, mq_topic_subscribers, mq_messages, mq_messages_logged, mq_set_aside,'
                 || ' mq_dead_letters, mq_scheduled, mq_attempts, mq_completed']
    END
  LOOP
    RETURN NEXT replace(v_name, 'mq_', '${schemaText}.mq_');
  END LOOP;
  IF p_what = 'administer' THEN
    RETURN NEXT 'INSERT, DELETE ON ${schemaText}.mq_destinations';
    RETURN NEXT 'INSERT, UPDATE, DELETE ON ${schemaText}.mq_paused';
    RETURN NEXT 'SELECT ON ${schemaText}.mq_queues, ${schemaText}.mq_queues_logged, ${schemaText}.mq_channels, ${schemaText}.mq_leases, '
      || '${schemaText}.mq_topic_subscribers, '
      || '${schemaText}.mq_messages, ${schemaText}.mq_messages_logged, ${schemaText}.mq_set_aside, '
      || '${schemaText}.mq_dead_letters, ${schemaText}.mq_scheduled';
  END IF;
  RETURN NEXT 'USAGE ON SCHEMA ${schemaText}';
  -- Also where a database's default privileges take it from everybody.
  RETURN NEXT 'EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schemaText}';
END
$body${tag}$;

-- Deletes rows that the calling transaction has locked; MQ001 when one is not there any more (the application rolled
-- back to a savepoint from before the claim). p_relaxed: this commit need not wait for the disk.
-- Rows are fetched by their place, and their channel is only compared: by another collation than that of the index, in which
-- the planner would rather read all of a channel if the statistics are of an empty table.
CREATE OR REPLACE FUNCTION ${schema}.mq_ack(p_channel text, p_tids tid[], p_unlogged_tids tid[], p_relaxed boolean) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_count integer := 0;
  v_unlogged_count integer := 0;
BEGIN
  IF p_tids <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (p_tids);
    GET DIAGNOSTICS v_count = ROW_COUNT;
  END IF;
  IF p_unlogged_tids <> '{}' THEN
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (p_unlogged_tids);
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
CREATE OR REPLACE FUNCTION ${schema}.mq_ack_ids(p_channels text[], p_ids uuid[], p_owner integer, p_tokens bigint[])
RETURNS TABLE (id uuid, busy boolean)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  FOR i IN 1..cardinality(p_ids) LOOP
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = p_channels[i] COLLATE "POSIX" AND m.ctid = (
      SELECT s.ctid FROM ${schema}.mq_msgs s WHERE s.id = p_ids[i] AND s.channel_name = p_channels[i]
         AND (p_tokens[i] IS NULL OR (s.lease_owner = p_owner AND s.lease_token = p_tokens[i]))
       FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = p_channels[i] COLLATE "POSIX" AND m.ctid = (
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
CREATE OR REPLACE FUNCTION ${schema}.mq_lease(
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
     WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (p_tids);
    GET DIAGNOSTICS v_count = ROW_COUNT;
  END IF;
  IF p_unlogged_tids <> '{}' THEN
    UPDATE ${schema}.mq_msgs_unlogged m SET attempt_at = v_end, lease_owner = p_owner, lease_token = p_token,
           delivery_count = least(m.delivery_count + 1, 1000000000)
     WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = ANY (p_unlogged_tids);
    GET DIAGNOSTICS v_unlogged_count = ROW_COUNT;
  END IF;
  RETURN v_count + v_unlogged_count;
END
$body${tag}$;

-- Deletes rows of subscriptions that are gone, a bounded number; what is locked or leased is somebody's work still. A
-- channel is forgotten when no transaction runs that could still write to it. Returns the number of rows deleted.
CREATE OR REPLACE FUNCTION ${schema}.mq_sweep_gone(p_limit integer) RETURNS integer
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
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL AND s.slot IS NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NOT NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NOT NULL AND s.slot IS NOT NULL
         AND (s.lease_owner IS NULL OR s.attempt_at < statement_timestamp())
       LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
      SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
       WHERE s.channel_name = v_gone.channel AND s.attempt_at IS NULL AND s.slot IS NULL
       ORDER BY s.prio_rank, s.seq LIMIT v_left FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_left := v_left - v_count;
    DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = v_gone.channel COLLATE "POSIX" AND m.ctid = ANY (ARRAY(
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

-- Takes one message within the caller's transaction: claimed and deleted in one go. MQ002: the message at the head is a
-- suspect, whose failed delivery has to be counted and committed first, or its shared body is missing, so that it has to
-- be parked first, or it is too large, so that it has to be set aside first. What has expired is parked in p_expired_to, or
-- deleted. p_most: see mq_claimed.
CREATE OR REPLACE FUNCTION ${schema}.mq_take(
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
      DELETE FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = v_row.row_tid;
    ELSE
      DELETE FROM ${schema}.mq_msgs m WHERE m.channel_name = p_channel COLLATE "POSIX" AND m.ctid = v_row.row_tid;
    END IF;
    IF NOT v_row.expired THEN
      RETURN NEXT v_row;
      EXIT;
    END IF;
  END LOOP;
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
CREATE OR REPLACE FUNCTION ${schema}.mq_give_back(
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
       WHERE m.channel_name = p_channels[i] COLLATE "POSIX" AND m.ctid = (SELECT s.ctid FROM ${schema}.mq_msgs_unlogged s
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
       WHERE m.channel_name = p_channels[i] COLLATE "POSIX" AND m.ctid = (SELECT s.ctid FROM ${schema}.mq_msgs s
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

-- One look at many channels: is something ready or due (0), and in how many milliseconds is the next one due that is not
-- due yet? rank ranges as in mq_claim, with their channel.
CREATE OR REPLACE FUNCTION ${schema}.mq_look(
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
     WHERE coalesce((
             SELECT true FROM ${schema}.mq_msgs m
              WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NULL
                AND (m.prio_rank, m.seq) >= (l.lo, l.floor) AND m.prio_rank <= l.hi
              ORDER BY m.prio_rank, m.seq LIMIT 1), (
             SELECT true FROM ${schema}.mq_msgs m
              WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NOT NULL
                AND (m.prio_rank, m.seq) >= (l.lo, l.grouped_floor) AND m.prio_rank <= l.hi
              ORDER BY m.prio_rank, m.seq LIMIT 1), (
             SELECT true FROM ${schema}.mq_msgs_unlogged m
              WHERE m.channel_name = l.name AND m.attempt_at IS NULL AND m.slot IS NULL
                AND (m.prio_rank, m.seq) >= (l.lo, l.unlogged_floor) AND m.prio_rank <= l.hi
              ORDER BY m.prio_rank, m.seq LIMIT 1));
END
$body${tag}$;

-- Is a message of the channel waiting for its redelivery? As everywhere, asked for in the order of an index: see mq_group_waits.
CREATE OR REPLACE FUNCTION ${schema}.mq_backs_off(p_channel text) RETURNS boolean
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
