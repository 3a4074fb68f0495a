-- A claim from a queue that is empty costs half.

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
