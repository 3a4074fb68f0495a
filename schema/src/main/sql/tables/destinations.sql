-- Queues and topics that are there by declaration: others cannot be used by factories with autoCreate=false.
CREATE TABLE ${schema}.mq_destinations (
  name       text COLLATE "C" NOT NULL CHECK (octet_length(name) <= 255),
  queue      boolean NOT NULL,               -- else it is a topic
  created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  PRIMARY KEY (name, queue)
);

-- Which process has the exclusive consumer of a queue; it lives as long as that (mq_owners).
CREATE TABLE ${schema}.mq_exclusives (
  channel_name text COLLATE "C" PRIMARY KEY CHECK (octet_length(channel_name) <= 255),
  owner        integer NOT NULL
);
