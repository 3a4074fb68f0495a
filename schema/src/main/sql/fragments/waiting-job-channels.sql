LOOP
  v_from := (SELECT m.channel_name FROM ${schema}.mq_msgs m
              WHERE m.channel_name >= v_from COLLATE "C" AND m.attempt_at >= p_from AND m.attempt_at < p_to AND {{rows}}
              ORDER BY m.channel_name LIMIT 1);
  EXIT WHEN v_from IS NULL;
  RETURN NEXT v_from;
  v_from := v_from || chr(1);
END LOOP;
