-- Bodies shared by several rows of mq_msgs, and only those.
CREATE TABLE ${schema}.mq_payloads (
  id            uuid PRIMARY KEY,
  payload_json  ${schema}.mq_json,
  payload_text  text,
  payload_bytes bytea
) WITH (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = false
);

-- The same for rows of mq_msgs_unlogged.
CREATE UNLOGGED TABLE ${schema}.mq_payloads_unlogged (
  LIKE ${schema}.mq_payloads INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION,
  PRIMARY KEY (id)
) WITH (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = false
);
