-- Groups (JMSXGroupID): the messages of a group are worked on in order and by one transaction at a time. How and why:
-- docs/design/groups.md. A row with a slot is grouped; only mq_msgs has such rows.
--
-- The rule that everything here keeps: who claims, leases or gives back rows of a group holds the lock of its slot from
-- before the snapshot in which it sees the group until its transaction ends. So the states of a group that another
-- transaction can see are those between the transactions that work on it.

-- The slot of a group. Stored in rows: must never change.
CREATE FUNCTION ${schema}.mq_slot(p_group text) RETURNS smallint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body${tag}$
DECLARE
  v_digest constant bytea := pg_catalog.sha256(pg_catalog.convert_to(p_group, 'UTF8'));
BEGIN
  RETURN ((pg_catalog.get_byte(v_digest, 0) & 3) << 8) | pg_catalog.get_byte(v_digest, 1);
END
$body${tag}$;

-- The group of a message with these properties. Names are in an index, whose entries are bounded; of longer ones their
-- digest is.
CREATE FUNCTION ${schema}.mq_group(p_properties jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body${tag}$
DECLARE
  v_group constant text := CASE WHEN pg_catalog.jsonb_typeof(p_properties -> 'JMSXGroupID'::text) = 'string'
                                THEN nullif(p_properties ->> 'JMSXGroupID'::text, '') END;
BEGIN
  RETURN CASE WHEN pg_catalog.octet_length(v_group) > 512
              THEN 'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(v_group, 'UTF8')), 'hex')
              ELSE v_group END;
END
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
-- rows that back off (positions that are not committed yet are waited for); and those that are set aside. p_since as in
-- mq_claim. Where there is one is asked for in the order of an index, since EXISTS would be planned with the primary key
-- while the table is empty.
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
