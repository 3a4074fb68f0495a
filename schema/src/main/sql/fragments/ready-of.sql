(SELECT count(*) FROM (SELECT FROM ${schema}.{{table}} m
                WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS {{slot}}
                ORDER BY m.prio_rank, m.seq LIMIT b.most) x)
