-- Deliveries that failed, of messages that are there, dead letters included, and for a day after they are gone: the last 20 of each. What
-- succeeds at once is never here. See mq_note_attempts.
CREATE TABLE ${schema}.mq_attempts (
  message_id   uuid NOT NULL,
  channel_name text COLLATE "C" NOT NULL,  -- where it was
  attempt      integer NOT NULL,           -- its number, from 1; counted anew for dead letters that are retried
  failed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  duration     interval,                   -- how long it was worked on; null: nobody knows, since a process died, for example
  error        text                        -- null: the same
);
CREATE INDEX mq_attempts_message ON ${schema}.mq_attempts (message_id);
CREATE INDEX mq_attempts_failed ON ${schema}.mq_attempts (failed_at);
-- It has no key, and a database may publish all its tables.
ALTER TABLE ${schema}.mq_attempts REPLICA IDENTITY FULL;
