(SELECT count(*) FROM (SELECT FROM ${schema}.{{table}} m WHERE ({{where}}) AND m.channel_name = n.channel AND m.set_aside IS NOT NULL
                ORDER BY m.seq LIMIT b.most) x)
