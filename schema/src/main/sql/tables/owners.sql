-- Processes that consume. The number is also the key of the advisory lock that a listening process holds.
CREATE SEQUENCE ${schema}.mq_owner_seq AS integer CYCLE;
CREATE TABLE ${schema}.mq_owners (
  owner       integer PRIMARY KEY,
  description text NOT NULL,
  listening   boolean NOT NULL,      -- holds the advisory lock, so that its death is noticed at once
  alive_until timestamptz NOT NULL CHECK (isfinite(alive_until))
);

-- Which processes may be waiting on which channel: senders notify only when there is one.
CREATE TABLE ${schema}.mq_waiters (
  channel_name text COLLATE "C" NOT NULL CHECK (octet_length(channel_name) <= 255),
  owner        integer NOT NULL,
  -- For operators: the selectors of its consumers, if all have one; empty: some take any message; null: not told.
  selectors    text,
  PRIMARY KEY (channel_name, owner)
);
CREATE INDEX mq_waiters_owner ON ${schema}.mq_waiters (owner);

-- Client identifiers in use, each by one connection of a living process.
CREATE TABLE ${schema}.mq_clients (
  client_id text COLLATE "C" PRIMARY KEY,
  owner     integer NOT NULL,
  token     bigint NOT NULL
);
CREATE INDEX mq_clients_owner ON ${schema}.mq_clients (owner);
