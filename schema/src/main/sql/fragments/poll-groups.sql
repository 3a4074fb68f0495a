v_over := NULL;
IF v_groups <> '{}' THEN
  {{poll-lock from="unnest(v_groups, v_group_channels) AS c (id, name)" names=v_group_channels limit=v_rest quota=1 rows="m.id = c.id AND (m.attempt_at IS NULL OR m.attempt_at <= statement_timestamp()) AND NOT ${schema}.mq_group_waits(m.channel_name, m.grp, m.prio_rank, m.seq, true, m.lease_owner IS NOT NULL, '{}', '{}', false, NULL)"}}
END IF;
