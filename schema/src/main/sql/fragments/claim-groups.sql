v_any := (SELECT true FROM ${schema}.mq_msgs m
           WHERE m.channel_name = p_channel AND m.attempt_at IS NULL AND m.slot IS NOT NULL
             AND (m.prio_rank, m.seq) >= (p_lo[1], p_grouped_floor[1])
           ORDER BY m.prio_rank, m.seq LIMIT 1);
IF v_any THEN
  NULL;
ELSIF p_since IS NULL THEN
  v_any := {{any-due table=mq_msgs range=anywhere slot="NOT NULL"}};
ELSE
  v_any := coalesce({{any-due table=mq_msgs range=back place=13 slot="NOT NULL"}},
                    {{any-due table=mq_msgs range=late place=16 slot="NOT NULL"}});
END IF;
IF v_any THEN
  RETURN QUERY SELECT g.* FROM ${schema}.mq_claim_grouped(
    p_channel, p_limit, p_lo, p_hi, p_grouped_floor, p_in_order, p_held, p_own, p_tokens, p_overtake, p_me, p_lapsed,
    p_most, p_since) g;
END IF;
