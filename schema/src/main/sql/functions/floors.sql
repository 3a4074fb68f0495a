-- The transactions that may still bring rows with old sequence numbers: whoever writes the tables holds this lock until
-- its rows are visible or gone.
CREATE FUNCTION ${schema}.mq_writers() RETURNS text[]
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT coalesce(array_agg(l.virtualtransaction), '{}') FROM pg_catalog.pg_locks l
   WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock'
     AND l.relation IN ('${schemaText}.mq_msgs'::regclass, '${schemaText}.mq_msgs_unlogged'::regclass)
     AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     AND l.pid IS DISTINCT FROM pg_backend_pid()
$body${tag}$;

-- What a floor can be raised to: the first visible sequence numbers of one rank, from the old floor on.
{{visible name=mq_visible table=mq_msgs slot=NULL}}

{{visible name=mq_visible_unlogged table=mq_msgs_unlogged slot=NULL}}

{{visible name=mq_visible_grouped table=mq_msgs slot="NOT NULL"}}

-- Where rows that wait begin: the places of the first visible ones that lie at or behind p_from (null: anywhere) and before p_to;
-- p_to where there are none. There are six places, of mq_msgs, of mq_msgs_unlogged and of groups, each the one for what was given
-- back at once and the one for the rest. A place is three numbers: attempt_at in microseconds since 1970, prio_rank and seq.
CREATE FUNCTION ${schema}.mq_first_waiting(p_channel text, p_from bigint[], p_to bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN
    {{first-waiting table=mq_msgs slot=NULL place=1}} ||
    {{first-waiting table=mq_msgs slot=NULL place=4}} ||
    {{first-waiting table=mq_msgs_unlogged slot=NULL place=7}} ||
    {{first-waiting table=mq_msgs_unlogged slot=NULL place=10}} ||
    {{first-waiting table=mq_msgs slot="NOT NULL" place=13}} ||
    {{first-waiting table=mq_msgs slot="NOT NULL" place=16}};
END
$body${tag}$;

-- How many entries the transaction has read from the indexes of rows that wait.
CREATE FUNCTION ${schema}.mq_waiting_read() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_wait'::regclass)
       + pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_unlogged_wait'::regclass)
       + pg_stat_get_xact_tuples_returned('${schemaText}.mq_msgs_grouped_wait'::regclass);
END
$body${tag}$;

-- Raises what mq_first_waiting has told before (p_since, or null). What is due before p_time, and of what was given back at once
-- all rounds before p_round, is complete: visible, or gone. since stays null where there is not much to pass; again: a new
-- round has begun because of what is gone of the last, so that it can be passed, too.
CREATE FUNCTION ${schema}.mq_pass_waiting(
  p_channel text, p_since bigint[], p_round bigint, p_time bigint, OUT since bigint[], OUT again boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_much constant integer := 1000;
  v_day constant bigint := 86400000000;
  v_to constant bigint[] := ARRAY[p_round,0,0,p_time,0,0, p_round,0,0,p_time,0,0, p_round,0,0,p_time,0,0];
  v_now constant bigint[] := ARRAY[v_day,0,0,p_time,0,0, v_day,0,0,p_time,0,0, v_day,0,0,p_time,0,0];
  v_read bigint := ${schema}.mq_waiting_read();
BEGIN
  -- The server may not be the one it was, or its clock was put back.
  since := CASE WHEN greatest(p_since[4], p_since[10], p_since[16]) <= p_time
                 AND greatest(p_since[1], p_since[7], p_since[13]) <= p_round THEN p_since END;
  since := ${schema}.mq_first_waiting(p_channel, since, v_to);
  IF p_since IS NULL AND ${schema}.mq_waiting_read() - v_read < v_much THEN
    since := NULL;
  END IF;
  v_read := ${schema}.mq_waiting_read();
  PERFORM ${schema}.mq_first_waiting(p_channel, v_to, v_now);
  again := ${schema}.mq_waiting_read() - v_read >= v_much;
  IF again THEN
    PERFORM nextval('${schemaText}.mq_round');
  END IF;
END
$body${tag}$;
