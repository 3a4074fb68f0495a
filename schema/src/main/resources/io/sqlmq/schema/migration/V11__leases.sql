-- Less work for each lease --------------------------------------------------------------------------------------------------

-- The same condition as before. A lease is looked at without a function, which costs as much as all the rest of it. What is there
-- already is looked at by the next migration, which locks nobody out.
ALTER TABLE ${schema}.mq_msgs
  DROP CONSTRAINT mq_msgs_check,
  ADD CONSTRAINT mq_msgs_check CHECK (
    CASE WHEN num_nonnulls(slot, set_aside) = 0
         THEN coalesce(attempt_at < 'infinity' AND (lease_owner IS NULL OR lease_token IS NOT NULL), lease_owner IS NULL)
         ELSE ${schema}.mq_row_fits(slot, grp, attempt_at, lease_owner, lease_token, set_aside) END) NOT VALID;
ALTER TABLE ${schema}.mq_msgs_unlogged
  DROP CONSTRAINT mq_msgs_check,
  ADD CONSTRAINT mq_msgs_check CHECK (
    CASE WHEN num_nonnulls(slot, set_aside) = 0
         THEN coalesce(attempt_at < 'infinity' AND (lease_owner IS NULL OR lease_token IS NOT NULL), lease_owner IS NULL)
         ELSE ${schema}.mq_row_fits(slot, grp, attempt_at, lease_owner, lease_token, set_aside) END) NOT VALID;
