SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
    SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
     WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) AND o.name = ANY (v_names) LIMIT 1) k ON true,
  LATERAL (
    (SELECT c.name, r.args, r.slot FROM unnest(v_names) AS c (name), LATERAL (
       SELECT coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot FROM ${schema}.mq_msgs m
        WHERE m.channel_name = c.name
          AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                >= (CASE WHEN c.name = f.name THEN f.args ELSE '' END, CASE WHEN c.name = f.name THEN f.slot ELSE 0 END)
          AND (coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
                < (CASE WHEN c.name = k.name THEN k.args ELSE repeat(chr(1114111), 600) END, CASE WHEN c.name = k.name THEN k.slot ELSE 0 END)
          AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
        ORDER BY coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1) r
      WHERE c.name >= f.name AND (k.name IS NULL OR c.name <= k.name COLLATE "C") LIMIT 1)
    UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1
