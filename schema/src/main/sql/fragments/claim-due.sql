WITH due AS MATERIALIZED (
  SELECT {{claimed-row}} FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.{{table}} m
   WHERE m.channel_name = p_channel AND {{due-{{range}}}} AND m.slot IS NULL
     AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
     AND (m.lease_owner IS NULL
          OR (m.lease_owner <> p_me AND (p_lapsed OR m.attempt_at < '1970-01-02 00:00+00')))
   ORDER BY m.attempt_at, m.prio_rank, m.seq
   LIMIT v_rest FOR UPDATE SKIP LOCKED) m)
SELECT {{unlogged}}, d.* FROM due d
UNION ALL
(SELECT {{unlogged}}, r.*
   FROM (SELECT {{worst}} AS worst FROM due d) w,
        unnest(p_lo, p_hi, {{floor}}) AS ranks (lo, hi, floor),
        LATERAL (
          SELECT {{claimed-row}} FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.{{table}} m
           WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
             AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= least(ranks.hi, w.worst)
             AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
           ORDER BY m.prio_rank, m.seq
           LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
  LIMIT v_rest)
