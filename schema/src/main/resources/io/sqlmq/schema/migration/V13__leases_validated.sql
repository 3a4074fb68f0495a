-- Rows of before are valid, as they were for the same condition.
ALTER TABLE ${schema}.mq_msgs VALIDATE CONSTRAINT mq_msgs_check;
ALTER TABLE ${schema}.mq_msgs_unlogged VALIDATE CONSTRAINT mq_msgs_check;
