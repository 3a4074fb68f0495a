SELECT n.* FROM (SELECT 1) AS one LEFT JOIN (
    SELECT o.name, o.args, o.slot FROM unnest(v_floors.lanes) o
     WHERE (o.name COLLATE "C", o.args COLLATE "C", o.slot) >= (f.name, f.args, f.slot) LIMIT 1) k ON true, LATERAL (
    (SELECT m.channel_name::text AS name, coalesce(m.channel_args, '') AS args, coalesce(m.slot::integer, 1024) AS slot
       FROM ${schema}.mq_msgs m
      WHERE (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024)) >= (f.name, f.args, f.slot)
        AND (m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024))
              < (coalesce(k.name, repeat(chr(1114111), 64)), coalesce(k.args, ''), coalesce(k.slot, 0))
        AND m.attempt_at IS NULL AND m.name IS NOT NULL AND m.dead_origin IS NULL
      ORDER BY m.channel_name, coalesce(m.channel_args, ''), coalesce(m.slot::integer, 1024) LIMIT 1)
    UNION ALL SELECT k.name, k.args, k.slot WHERE k.name IS NOT NULL) n LIMIT 1
