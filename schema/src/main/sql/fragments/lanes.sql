unnest(v_lanes, v_args, v_slots) AS c (name, args, slot)
LEFT JOIN unnest(v_floors.lanes) AS o ON o.name = c.name AND o.args = c.args AND o.slot = c.slot,
LATERAL (SELECT 0 AS lo, 9 AS hi, 0::bigint AS floor WHERE o.name IS NULL
         UNION ALL SELECT r - 1, r - 1, o.floors[r] FROM generate_series(1, cardinality(o.floors)) AS r) p
