-- Signatures of consumers. A transaction that takes messages locks a row of its own here along with them. If it is rolled
-- back or its process dies, its locks stay readable in xmax, on the messages and here: that is how a failed delivery is
-- told from a rollback of anybody else.
CREATE SEQUENCE ${schema}.mq_signature_seq AS bigint;
CREATE TABLE ${schema}.mq_signatures (
  id    bigint PRIMARY KEY,
  owner integer NOT NULL
);

-- Transactions that have signed and were rolled back, so that their signatures can be used again.
CREATE TABLE ${schema}.mq_failures (
  xact      xid8 PRIMARY KEY,
  failed_at timestamptz NOT NULL DEFAULT statement_timestamp() CHECK (isfinite(failed_at))
);
