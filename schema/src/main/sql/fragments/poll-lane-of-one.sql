SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
 WHERE m.channel_name = v_names[1] {{behind}}
   AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
 ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1
