(SELECT true FROM ${schema}.mq_msgs m
  WHERE m.id = s.message_id AND m.channel_name = {{channel}} AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
 UNION ALL
 SELECT true FROM ${schema}.mq_msgs_unlogged m
  WHERE m.id = s.message_id AND m.channel_name = {{channel}} AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
 LIMIT 1) IS NULL
