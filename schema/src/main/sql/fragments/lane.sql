m.channel_name = c.name AND coalesce(m.channel_args, '') = c.args AND coalesce(m.slot::integer, 1024) = c.slot
AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
