-- The version changes with every change of the topic's subscriptions, in the same transaction, and never comes again:
-- who publishes by a list of subscriptions that it has in memory writes only if the version is still that of the list.
-- A topic without subscriptions has no row. The row without a name is of the subscriptions to topics by a pattern.
CREATE SEQUENCE ${schema}.mq_topic_version AS bigint;
CREATE TABLE ${schema}.mq_topics (
  topic   text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL CHECK (version > 0)
);

-- channel is new for every incarnation, so that rows which are committed after an unsubscribe are never inherited.
CREATE SEQUENCE ${schema}.mq_subscription_seq AS bigint;
CREATE TABLE ${schema}.mq_subscriptions (
  channel    text COLLATE "C" PRIMARY KEY CHECK (octet_length(channel) <= 255),
  topic      text COLLATE "C" NOT NULL,
  name       text COLLATE "C",               -- null: of one non-durable consumer
  client_id  text COLLATE "C" NOT NULL,      -- '' where there is none
  shared     boolean NOT NULL,
  durable    boolean NOT NULL,
  selector   text,
  no_local   text,                           -- whose messages are left out
  pattern    text COLLATE "C",               -- topic is '': of all topics that match one of these, separated by commas
  to_queue   boolean NOT NULL DEFAULT false, -- channel is the queue of that name (a virtual topic's), nobody subscribes
  created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  CHECK (to_queue OR channel ~ '^s:[0-9]+$')
);
CREATE INDEX mq_subscriptions_topic ON ${schema}.mq_subscriptions (topic);
CREATE UNIQUE INDEX mq_subscriptions_name ON ${schema}.mq_subscriptions (client_id, name, durable)
  WHERE name IS NOT NULL;

-- The consumers of subscriptions: they live as long as their process (mq_owners).
CREATE TABLE ${schema}.mq_subscribers (
  channel  text COLLATE "C" NOT NULL,
  owner    integer NOT NULL,
  consumer bigint NOT NULL,
  PRIMARY KEY (channel, owner, consumer)
);
CREATE INDEX mq_subscribers_owner ON ${schema}.mq_subscribers (owner);

-- Channels of subscriptions that are gone, until nothing can be written to them any more and their rows are deleted.
CREATE TABLE ${schema}.mq_gone_channels (
  channel text COLLATE "C" PRIMARY KEY CHECK (channel ~ '^s:[0-9]+$'),
  gone_at timestamptz NOT NULL DEFAULT statement_timestamp() CHECK (isfinite(gone_at)),
  xact    xid8 NOT NULL DEFAULT pg_current_xact_id()
);
