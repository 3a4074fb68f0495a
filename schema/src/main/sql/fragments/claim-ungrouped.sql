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
      GET DIAGNOSTICS v_found = ROW_COUNT;
      v_ready := false;
    END IF;
  END IF;
ELSIF {{any-due range=anywhere slot=NULL}} THEN
  RETURN QUERY {{claim-due range=anywhere worst="CASE WHEN count(*) < v_rest THEN 9 ELSE max(d.prio_rank) - 1 END"}};
  GET DIAGNOSTICS v_found = ROW_COUNT;
  v_ready := false;
END IF;
IF NOT v_ready THEN
  v_rest := v_rest - v_found;
ELSE
  -- To look first is cheap; to begin to claim is not, with all the columns that are to be returned.
  FOR n IN 1..cardinality(p_lo) LOOP
    IF (SELECT true FROM ${schema}.{{table}} m
         WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
           AND (m.prio_rank, m.seq) >= (p_lo[n], ({{floor}})[n]) AND m.prio_rank <= p_hi[n]
         ORDER BY m.prio_rank, m.seq LIMIT 1) THEN
      RETURN QUERY
        SELECT {{unlogged}}, {{claimed-row}} FROM (SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.* FROM ${schema}.{{table}} m
         WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NULL
           AND (m.prio_rank, m.seq) >= (p_lo[n], ({{floor}})[n]) AND m.prio_rank <= p_hi[n]
           AND m.seq NOT IN (SELECT unnest(p_held)) AND m.xmin <> ALL (p_own)
         ORDER BY m.prio_rank, m.seq
         LIMIT v_rest FOR UPDATE SKIP LOCKED) m;
      GET DIAGNOSTICS v_found = ROW_COUNT;
      v_rest := v_rest - v_found;
      EXIT WHEN v_rest <= 0;
    END IF;
  END LOOP;
END IF;
