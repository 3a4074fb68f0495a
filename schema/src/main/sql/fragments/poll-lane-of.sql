SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
  SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
   WHERE m.channel_name = c.name AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
           >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
     AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
   ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
 WHERE c.name >= f.name LIMIT 1
