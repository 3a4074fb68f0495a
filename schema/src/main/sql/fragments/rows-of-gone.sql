coalesce(
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NOT NULL AND m.slot IS NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs m WHERE m.channel_name = g.channel AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = g.channel AND m.attempt_at IS NULL AND m.slot IS NULL LIMIT 1),
       (SELECT true FROM ${schema}.mq_msgs_unlogged m WHERE m.channel_name = g.channel AND m.attempt_at IS NOT NULL LIMIT 1))
