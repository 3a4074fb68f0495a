-- Identifiers that senders gave to messages, so that another message with the same one is dropped.
CREATE TABLE ${schema}.mq_dedup (
  channel_name text COLLATE "C" NOT NULL,   -- the queue; topic:// and the name of a topic
  dedup_id     text COLLATE "C" NOT NULL,
  message_id   uuid NOT NULL,               -- the message that has it
  until        timestamptz NOT NULL,
  PRIMARY KEY (channel_name, dedup_id)
);
CREATE INDEX mq_dedup_until ON ${schema}.mq_dedup (until);
