(m.prio_rank, m.seq) >= (p.lo, p.floor) AND m.prio_rank <= p.hi ORDER BY m.prio_rank, m.seq
