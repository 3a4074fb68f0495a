-- Channels of which only so much is delivered, over all processes. See mq_limit.
CREATE TABLE ${schema}.mq_limits (
  channel_name text COLLATE "C" PRIMARY KEY CHECK (octet_length(channel_name) <= 255),
  running      integer CHECK (running BETWEEN 1 AND 1000),      -- how many are worked on at the same time
  starts       integer CHECK (starts BETWEEN 1 AND 1000000),    -- how many deliveries may begin within any period
  period       interval CHECK (period BETWEEN interval '1 ms' AND interval '31 days'),
  limited_at   timestamptz NOT NULL DEFAULT statement_timestamp(),
  limited_by   text NOT NULL DEFAULT session_user,
  CHECK (num_nonnulls(starts, period) <> 1 AND num_nonnulls(running, starts) > 0)
);

-- Each delivery from a limited channel has one of these of each kind that is limited. It is taken while somebody has its row locked;
-- besides, one of what runs while its message is leased, and one of the starts until free_at.
CREATE TABLE ${schema}.mq_limit_slots (
  channel_name text COLLATE "C" NOT NULL,
  starts       boolean NOT NULL,
  number       integer NOT NULL,
  message_id   uuid,
  taker        xid8,                                            -- the transaction that took it
  free_at      timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (channel_name, starts, number)
) WITH (fillfactor = 50);
