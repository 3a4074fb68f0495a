(m.attempt_at, m.prio_rank, m.seq) >= (${schema}.mq_time(p_since[{{place}}]), p_since[{{place+1}}]::smallint, p_since[{{place+2}}])
  AND m.attempt_at < '1970-01-02 00:00+00'
