m.attempt_at <= statement_timestamp()
