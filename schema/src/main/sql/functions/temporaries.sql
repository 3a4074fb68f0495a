-- The first temporary channel with messages or schedules from this name on: one step in each index.
CREATE FUNCTION ${schema}.mq_next_temporary(p_from text) RETURNS text
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT least(
    (SELECT m.channel_name FROM ${schema}.mq_msgs m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NULL AND m.slot IS NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NOT NULL AND m.slot IS NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NULL AND m.slot IS NOT NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NOT NULL AND m.slot IS NOT NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs_unlogged m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NULL AND m.slot IS NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_msgs_unlogged m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.attempt_at IS NOT NULL AND m.slot IS NULL
      ORDER BY m.channel_name LIMIT 1),
    (SELECT m.channel_name FROM ${schema}.mq_schedules m
      WHERE m.channel_name >= p_from AND m.channel_name < 'sqlmq-temp;' AND m.channel_name >= 'sqlmq-temp:'
      ORDER BY m.channel_name LIMIT 1))
$body${tag}$;

-- All of them with names from p_first to before p_end.
CREATE FUNCTION ${schema}.mq_temporary_names(p_first text, p_end text) RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_name text := ${schema}.mq_next_temporary(p_first);
BEGIN
  WHILE v_name < p_end COLLATE "C" LOOP
    RETURN NEXT v_name;
    v_name := ${schema}.mq_next_temporary(v_name || chr(1));
  END LOOP;
END
$body${tag}$;

-- The processes of temporary channels with messages or schedules that are gone: without a row, and without the advisory
-- lock of the class p_locks.
CREATE FUNCTION ${schema}.mq_gone_temporary_owners(p_locks bigint) RETURNS SETOF integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_name text := ${schema}.mq_next_temporary('sqlmq-temp:');
  v_owner text;
BEGIN
  WHILE v_name IS NOT NULL LOOP
    v_owner := substring(v_name FROM '^sqlmq-temp:([1-9][0-9]{0,9}):');
    IF v_owner IS NULL OR v_owner::bigint > 2147483647 THEN  -- not ours
      v_name := ${schema}.mq_next_temporary(v_name || chr(1));
      CONTINUE;
    END IF;
    IF NOT EXISTS (SELECT FROM ${schema}.mq_owners o
                    WHERE o.owner = v_owner::bigint AND o.alive_until > statement_timestamp() - interval '60 s')
       AND (EXISTS (SELECT FROM ${schema}.mq_owners o WHERE o.owner = v_owner::bigint)
         OR NOT ${schema}.mq_holds_lock(v_owner::bigint, p_locks)) THEN
      RETURN NEXT v_owner::bigint;
    END IF;
    v_name := ${schema}.mq_next_temporary('sqlmq-temp:' || v_owner || ';');
  END LOOP;
END
$body${tag}$;

-- Deletes what is in the temporary channels of these processes. What somebody holds is left to the next sweep.
CREATE FUNCTION ${schema}.mq_sweep_temporaries(p_owners integer[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_owner integer;
  v_first text;
  v_end text;
BEGIN
  FOREACH v_owner IN ARRAY p_owners LOOP
    v_first := 'sqlmq-temp:' || v_owner || ':';
    v_end := 'sqlmq-temp:' || v_owner || ';';
    DELETE FROM ${schema}.mq_msgs WHERE ctid = ANY (ARRAY(
      SELECT m.ctid FROM ${schema}.mq_msgs m
       WHERE m.channel_name >= v_first AND m.channel_name < v_end FOR UPDATE SKIP LOCKED));
    DELETE FROM ${schema}.mq_msgs_unlogged WHERE ctid = ANY (ARRAY(
      SELECT m.ctid FROM ${schema}.mq_msgs_unlogged m
       WHERE m.channel_name >= v_first AND m.channel_name < v_end FOR UPDATE SKIP LOCKED));
    DELETE FROM ${schema}.mq_schedules WHERE ctid = ANY (ARRAY(
      SELECT m.ctid FROM ${schema}.mq_schedules m
       WHERE m.channel_name >= v_first AND m.channel_name < v_end
         AND m.channel_name >= 'sqlmq-temp:' AND m.channel_name < 'sqlmq-temp;' FOR UPDATE SKIP LOCKED));
  END LOOP;
END
$body${tag}$;
