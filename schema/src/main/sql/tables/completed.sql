-- Jobs that runners have completed, where they were asked to keep them: see mq_keep_completed.
CREATE TABLE ${schema}.mq_completed (
  job_id       uuid NOT NULL,
  channel_name text COLLATE "C" NOT NULL,
  name         text,
  channel_args text,
  payload_json jsonb,
  spawned_at   timestamptz,
  completed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts     integer NOT NULL,           -- with the one that succeeded
  duration     interval,                   -- of that
  keep_until   timestamptz NOT NULL
);
CREATE INDEX mq_completed_job ON ${schema}.mq_completed (job_id);
CREATE INDEX mq_completed_until ON ${schema}.mq_completed (keep_until);
-- It has no key, and a database may publish all its tables.
ALTER TABLE ${schema}.mq_completed REPLICA IDENTITY FULL;
