EXIT WHEN cardinality(v_groups) >= v_rest;
CONTINUE WHEN ${schema}.mq_group_waits(
  v_row.channel_name, v_row.grp, v_row.prio_rank, v_row.seq, true, {{leased}}, '{}', '{}', false, NULL);
IF ${schema}.mq_hold_slot(v_row.channel_name, v_row.slot) THEN
  v_groups := v_groups || v_row.id;
  v_group_channels := v_group_channels || v_row.channel_name::text;
ELSE
  v_busy := true;
END IF;
