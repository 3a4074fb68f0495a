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
      SELECT row(false, {{claimed-grouped-row}})::${schema}.mq_claimed
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
      SELECT false, {{claimed-grouped-row}}
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
      SELECT false, {{claimed-grouped-row}}
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
