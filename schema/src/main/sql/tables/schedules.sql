-- Messages that are delivered again and again (AMQ_SCHEDULED_PERIOD, _REPEAT, _CRON). Whoever finds one that is due locks
-- its row, and in one transaction sends a message as it says and sets the next time, or deletes it.
CREATE TABLE ${schema}.mq_schedules (
  id                uuid PRIMARY KEY,       -- JMSMessageID of the send that made it
  parent_id         uuid,                   -- the cron schedule that this series belongs to
  next_at           timestamptz NOT NULL,   -- infinity: it is set aside, since it cannot be sent; see last_error
  cron              text,
  zone              text,                   -- the time zone of cron: that of the sender
  delay             bigint NOT NULL         -- ms; with cron: how much later the first message of each series comes
                    CHECK (delay BETWEEN 0 AND 3155760000000),
  period            bigint NOT NULL         -- ms; 100 years at most
                    CHECK (period BETWEEN 0 AND 3155760000000),
  repeats           integer NOT NULL,       -- how many follow the next one, -1: no end; with cron: in each series
  created_at        timestamptz NOT NULL DEFAULT statement_timestamp(),
  last_error        text,
  -- What is sent: as in mq_msgs, but with times that run from each sending.
  channel_name      text COLLATE "C" NOT NULL  -- the queue or topic
                    CHECK (octet_length(channel_name) BETWEEN 1 AND 255),
  topic             boolean NOT NULL,
  senders           text[] NOT NULL,        -- what noLocal subscriptions call the sender
  persistent        boolean NOT NULL,
  prio_rank         smallint NOT NULL CHECK (prio_rank BETWEEN 0 AND 9),
  timestamped       boolean NOT NULL,
  time_to_live      bigint NOT NULL CHECK (time_to_live >= 0),  -- ms, 0: for ever
  message_id        uuid,
  destination       text,
  reply_to          text,
  correlation_id    text,
  jms_type          text,
  redelivery_policy text,
  delivery_mode     smallint NOT NULL,
  properties        jsonb CHECK (jsonb_typeof(properties) = 'object'),
  property_types    jsonb CHECK (jsonb_typeof(property_types) = 'object'),
  body_type         text,
  payload_text      text,
  payload_bytes     bytea,
  -- How whoever stored it calls it: a schedule of jobs.
  name              text,
  CHECK (next_at > '-infinity' AND (next_at < 'infinity' OR last_error IS NOT NULL)),
  CHECK (repeats = 0 OR period >= 10),
  CHECK (repeats >= CASE WHEN cron IS NULL THEN -1 ELSE 0 END)
);
CREATE INDEX mq_schedules_next ON ${schema}.mq_schedules (next_at);
CREATE INDEX mq_schedules_parent ON ${schema}.mq_schedules (parent_id) WHERE parent_id IS NOT NULL;

-- Temporary channels: what is left in them when they are no more.
CREATE INDEX mq_schedules_temporary ON ${schema}.mq_schedules (channel_name)
  WHERE channel_name >= 'sqlmq-temp:' AND channel_name < 'sqlmq-temp;';
