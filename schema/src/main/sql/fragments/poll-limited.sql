FOREACH v_name IN ARRAY ARRAY(
  SELECT l.channel_name FROM ${schema}.mq_limits l
   WHERE l.channel_name <> ALL (ARRAY(SELECT p.channel_name FROM ${schema}.mq_paused p))
     AND (channel_names IS NULL OR l.channel_name = ANY (channel_names)) ORDER BY random())
LOOP
  EXIT WHEN v_rest = 0;
  FOR v_row IN SELECT p.* FROM ${schema}.mq_poll_limited(v_name, {{most}}, max_retry_backoff) p LOOP
    IF v_row.id IS NULL THEN
      v_wait := least(v_wait, v_row.wait_time);
    ELSE
      v_rest := v_rest - 1;
      RETURN QUERY SELECT v_row.id, true, v_row.name, v_row.payload_json, v_row.payload_bytes, v_row.retry_backoff, interval '0';
    END IF;
  END LOOP;
END LOOP;
