(SELECT m.attempt_at, m.lease_owner, m.delivery_count, m.sent_at FROM ${schema}.{{table}} m
               WHERE n.{{name}} AND m.channel_name = n.channel AND m.attempt_at IS NOT NULL AND m.attempt_at < 'infinity' AND m.slot IS {{slot}}
               ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT b.most)
