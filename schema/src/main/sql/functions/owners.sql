-- Whether the process holds its advisory lock, of the class p_locks.
CREATE FUNCTION ${schema}.mq_holds_lock(p_owner bigint, p_locks bigint) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l
                  WHERE l.locktype = 'advisory' AND l.classid::bigint = p_locks AND l.objid::bigint = p_owner
                    AND l.objsubid = 2
                    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
$body${tag}$;

-- Which of these processes are gone: their heartbeat is over (certain), or they promised to hold an advisory lock of
-- the class p_locks and do not (certain if that lasts: they may be about to come back). One that holds it, and of which
-- somebody has deleted the row, lives, and puts it back.
CREATE FUNCTION ${schema}.mq_missing_owners(p_owners integer[], p_locks bigint)
RETURNS TABLE (owner integer, certain boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT p.owner, o.owner IS NULL OR o.alive_until < statement_timestamp()
    FROM unnest(p_owners) AS p (owner) LEFT JOIN ${schema}.mq_owners o ON o.owner = p.owner
   WHERE o.alive_until < statement_timestamp()
      OR ((o.owner IS NULL
           OR o.listening AND pg_postmaster_start_time() < statement_timestamp() - interval '15 s')
          AND NOT ${schema}.mq_holds_lock(p.owner, p_locks))
$body${tag}$;

-- Takes a client identifier; returns null, or the process that has it.
CREATE FUNCTION ${schema}.mq_take_client(p_client_id text, p_owner integer, p_token bigint) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_holder integer;
BEGIN
  LOOP
    INSERT INTO ${schema}.mq_clients (client_id, owner, token) VALUES (p_client_id, p_owner, p_token)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
      RETURN NULL;
    END IF;
    SELECT c.owner INTO v_holder FROM ${schema}.mq_clients c WHERE c.client_id = p_client_id;
    IF FOUND THEN
      RETURN v_holder;
    END IF;
  END LOOP;
END
$body${tag}$;

-- Takes a queue for a process if no other has it; returns the process that has it.
CREATE FUNCTION ${schema}.mq_take_exclusive(p_channel text, p_owner integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_holder integer;
BEGIN
  LOOP
    SELECT e.owner INTO v_holder FROM ${schema}.mq_exclusives e WHERE e.channel_name = p_channel;
    IF FOUND THEN
      RETURN v_holder;
    END IF;
    INSERT INTO ${schema}.mq_exclusives (channel_name, owner) VALUES (p_channel, p_owner)
    ON CONFLICT DO NOTHING;
  END LOOP;
END
$body${tag}$;
