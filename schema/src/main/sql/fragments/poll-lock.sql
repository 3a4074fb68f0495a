SELECT array_agg(l.row_tid) FILTER (WHERE l.over IS NULL), array_agg(l.id) FILTER (WHERE l.over IS NULL AND l.failed),
       array_agg(l.id) FILTER (WHERE l.over IS NOT NULL), array_agg(l.channel_name) FILTER (WHERE l.over IS NOT NULL),
       array_agg(l.over) FILTER (WHERE l.over IS NOT NULL)
  INTO v_tids, v_failed, v_over, v_over_channels, v_reasons
  FROM (SELECT f.row_tid, f.id, f.channel_name, f.failed,
               CASE WHEN f.expires_at <= statement_timestamp() THEN ''
                    WHEN f.failed AND f.failure_count + 1 >= ${schema}.mq_job_deliveries(f.max_deliveries, f.redelivery_policy)
                    THEN 'delivery failed ' || (f.failure_count + 1)::text || ' times' END AS over
          FROM (SELECT r.*, CASE WHEN r.lease_owner IS NOT NULL THEN true
                                 WHEN r.row_xmax = '0'::xid THEN false
                                 ELSE ${schema}.mq_suspect(r.row_xmax) END AS failed
                  FROM {{from}}, LATERAL (
                    SELECT m.ctid AS row_tid, m.xmax AS row_xmax, m.id, m.channel_name, m.lease_owner, m.expires_at,
                           m.failure_count, m.max_deliveries, m.redelivery_policy
                      FROM ${schema}.mq_msgs m
                     WHERE m.channel_name = c.name AND m.name IS NOT NULL AND m.dead_origin IS NULL AND {{rows}}
                     LIMIT {{quota}} FOR UPDATE SKIP LOCKED) r
                 LIMIT {{limit}}) f) l;
FOR i IN 1..coalesce(cardinality(v_over), 0) LOOP
  IF v_reasons[i] = '' THEN
    DELETE FROM ${schema}.mq_msgs m WHERE m.id = v_over[i] AND m.channel_name = v_over_channels[i];
  ELSE
    PERFORM ${schema}.mq_park(v_over[i], v_over_channels[i], false, ${schema}.mq_job_dead_letters(), v_reasons[i], NULL, NULL);
  END IF;
END LOOP;
IF v_tids IS NOT NULL THEN
  v_rest := v_rest - cardinality(v_tids);
  RETURN QUERY
    UPDATE ${schema}.mq_msgs m
       SET attempt_at = clock_timestamp() + ${schema}.mq_job_backoff(
             coalesce(m.retry_backoff, interval '1 s'), m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
             max_retry_backoff),
           delivery_count = least(m.delivery_count + 1, 1000000000),
           failure_count = m.failure_count + (m.id = ANY (v_failed) IS TRUE)::integer,
           lease_owner = -1, lease_token = -pg_backend_pid()
     WHERE m.channel_name = ANY ({{names}} COLLATE "POSIX") AND m.ctid = ANY (v_tids)
    RETURNING m.id, true, m.name, coalesce(m.payload_json::text, m.payload_text), m.payload_bytes,
              ${schema}.mq_job_backoff(coalesce(m.retry_backoff, interval '1 s'), m.failure_count, max_retry_backoff),
              interval '0';
END IF;
IF coalesce(v_failed, v_over) IS NOT NULL THEN
  PERFORM ${schema}.mq_note_attempts(
            array_agg(m.id), array_agg(coalesce(m.dead_origin, m.channel_name::text)),
            array_agg(coalesce(m.dead_attempts, m.delivery_count - 1)), array_agg(NULL::bigint),
            'its lease ran out, or its transaction was rolled back')
     FROM ${schema}.mq_msgs m WHERE m.id = ANY (v_failed || v_over);
END IF;
