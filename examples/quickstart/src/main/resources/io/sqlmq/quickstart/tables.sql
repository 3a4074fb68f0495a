-- The application's own tables. Those of sqlmq are created by the connection factory.

CREATE TABLE products (
  sku   text PRIMARY KEY,
  name  text NOT NULL,
  price numeric(10, 2) NOT NULL
);

-- Written by the producer, in the transaction that sends the message.
CREATE TABLE orders (
  order_no  integer PRIMARY KEY,
  phase     text NOT NULL,       -- 'rush' or 'calm': see QuickstartRun
  body      text NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Written by the consumers, in the transaction that receives the message. The key lets no order be processed twice.
CREATE TABLE order_results (
  order_no  integer PRIMARY KEY REFERENCES orders,
  reference text,
  total     numeric(12, 2) NOT NULL,
  consumer  text NOT NULL,
  done_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A log of all deliveries, written outside of those transactions so that it survives their rollback.
CREATE TABLE order_attempts (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_no   integer NOT NULL,
  delivery   integer NOT NULL,   -- JMSXDeliveryCount
  consumer   text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  error      text
);
CREATE INDEX ON order_attempts (order_no);
CREATE INDEX ON order_attempts (consumer);
