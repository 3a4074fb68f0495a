WITH RECURSIVE l (name, args, slot) AS (
  SELECT n.* FROM (VALUES (v_name COLLATE "C", v_arg COLLATE "C", v_slot)) AS f (name, args, slot), LATERAL ({{{{next}}}}) n
  UNION ALL
  SELECT n.* FROM l, LATERAL (
    SELECT CASE WHEN p THEN l.name || chr(1) ELSE l.name END AS name, CASE WHEN p THEN '' ELSE l.args END AS args,
           CASE WHEN p THEN 0 ELSE l.slot + 1 END AS slot FROM (SELECT l.name = ANY (v_paused)) AS a (p)) f, LATERAL ({{{{next}}}}) n)
SELECT array_agg(l.name), array_agg(l.args), array_agg(l.slot) INTO v_lanes, v_args, v_slots
  FROM (SELECT * FROM l WHERE l.name <> ALL (v_paused) LIMIT v_rest + 1) l
 WHERE NOT v_wrapped OR v_place IS NULL OR (l.name, l.args, l.slot) <= (v_place[1], v_place[2], v_place[3]::integer);
