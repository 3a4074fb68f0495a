(SELECT c.n, h.locked, h.is_dead,
                   least(h.sent_at, CASE WHEN c.n > h.n THEN {{oldest-of}} END) AS oldest
              FROM (SELECT count(*) AS n FROM (
                      SELECT FROM ${schema}.{{table}} m WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS {{slot}}
                       ORDER BY m.prio_rank, m.seq LIMIT b.most) x) c,
                   (SELECT count(*) AS n, max(x.prio_rank) AS rank, min(x.sent_at) AS sent_at, bool_or(x.dead_origin IS NOT NULL) AS is_dead,
                           count(CASE WHEN x.xmax <> '0'::xid AND pg_xact_status(${schema}.mq_locker(x.xmax)) = 'in progress' THEN 1 END)
                             AS locked
                      FROM (SELECT m.xmax, m.prio_rank, m.sent_at, m.dead_origin FROM ${schema}.{{table}} m
                             WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS {{slot}}
                             ORDER BY m.prio_rank, m.seq LIMIT b.head) x) h
             WHERE n.{{name}})
