(SELECT true FROM ${schema}.{{table}} m
  WHERE m.channel_name = p_channel AND {{due-{{range}}}} AND m.slot IS {{slot}}
  ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1)
