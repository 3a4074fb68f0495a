v_ready := true;
IF p_since IS NOT NULL THEN
  IF {{any-due range=back slot=NULL}} THEN
    RETURN QUERY {{claim-due range=back worst="coalesce(max(d.prio_rank) - 1, -1)"}};
    GET DIAGNOSTICS v_found = ROW_COUNT;
    v_ready := v_found = 0;
  END IF;
  IF v_ready THEN
    IF {{any-due range=late place={{place+3}} slot=NULL}} THEN
      RETURN QUERY {{claim-due range=late place={{place+3}} worst="CASE WHEN count(*) < v_rest THEN 9 ELSE max(d.prio_rank) - 1 END"}};
      v_ready := false;
    END IF;
  END IF;
ELSIF {{any-due range=anywhere slot=NULL}} THEN
  RETURN QUERY {{claim-due range=anywhere worst="CASE WHEN count(*) < v_rest THEN 9 ELSE max(d.prio_rank) - 1 END"}};
  v_ready := false;
END IF;
IF NOT v_ready THEN
  NULL;
ELSIF cardinality(p_lo) = 1 THEN
  RETURN QUERY
    SELECT {{unlogged}}, {{claimed-row}} FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.{{table}} m
     WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
       AND (m.prio_rank, m.seq) >= (p_lo[1], ({{floor}})[1]) AND m.prio_rank <= p_hi[1]
       AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
     ORDER BY m.prio_rank, m.seq
     LIMIT v_rest FOR UPDATE SKIP LOCKED) m;
ELSE
  RETURN QUERY
    SELECT {{unlogged}}, r.* FROM unnest(p_lo, p_hi, {{floor}}) AS ranks (lo, hi, floor), LATERAL (
      SELECT {{claimed-row}} FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.{{table}} m
       WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
         AND (m.prio_rank, m.seq) >= (ranks.lo, ranks.floor) AND m.prio_rank <= ranks.hi
         AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
       ORDER BY m.prio_rank, m.seq
       LIMIT v_rest FOR UPDATE SKIP LOCKED) m) r
     LIMIT v_rest;
END IF;
