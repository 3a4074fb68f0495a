(SELECT min(o.sent_at) FROM generate_series(h.rank + 1, 9) k,
                     LATERAL (SELECT m.sent_at FROM ${schema}.{{table}} m
                               WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS {{slot}}
                                 AND m.prio_rank = k::smallint ORDER BY m.seq LIMIT 1) o
                    WHERE EXISTS (SELECT FROM ${schema}.{{table}} m
                                   WHERE m.channel_name = n.channel AND m.attempt_at IS NULL AND m.slot IS {{slot}}
                                     AND m.prio_rank > h.rank))
