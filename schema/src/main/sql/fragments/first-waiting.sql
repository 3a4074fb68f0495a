coalesce((SELECT ARRAY[(extract(epoch FROM m.attempt_at) * 1000000)::bigint, m.prio_rank, m.seq]
            FROM ${schema}.{{table}} m
           WHERE m.channel_name = p_channel AND m.slot IS {{slot}}
             AND (m.attempt_at, m.prio_rank, m.seq)
                 >= (${schema}.mq_time(p_from[{{place}}]), coalesce(p_from[{{place+1}}], 0)::smallint, coalesce(p_from[{{place+2}}], 0))
             AND m.attempt_at <= ${schema}.mq_time(p_to[{{place}}])
             AND (m.attempt_at, m.prio_rank, m.seq)
                 < (${schema}.mq_time(p_to[{{place}}]), p_to[{{place+1}}]::smallint, p_to[{{place+2}}])
           ORDER BY m.attempt_at, m.prio_rank, m.seq LIMIT 1), p_to[{{place}} : {{place+2}}])
