-- How many messages were sent to each queue or channel and how many are done with, by minutes, for an hour: see mq_count_traffic. Not
-- logged, for after a crash of the server it may begin anew.
CREATE UNLOGGED TABLE ${schema}.mq_traffic (
  minute       timestamptz NOT NULL,
  channel_name text COLLATE "C" NOT NULL,
  sent         bigint NOT NULL,
  gone         bigint NOT NULL,
  PRIMARY KEY (minute, channel_name)
) WITH (fillfactor = 70);
