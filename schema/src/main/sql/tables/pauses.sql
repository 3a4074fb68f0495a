-- Queues whose messages wait until an operator lets them go on: consumers get none of them. See mq_pause.
CREATE TABLE ${schema}.mq_paused (
  channel_name text COLLATE "C" PRIMARY KEY CHECK (octet_length(channel_name) <= 255),
  paused_at    timestamptz NOT NULL DEFAULT statement_timestamp(),
  paused_by    text NOT NULL DEFAULT session_user,
  reason       text
);
