-- Functions ----------------------------------------------------------------------------------------------------------
-- Functions on the hot path set planner switches while they run. A plan is made once (otherwise each call on an analyzed
-- table plans anew, which costs several times the claim), and with these switches it is right whatever the tables held
-- when it was made; the penalties of switched-off nodes would start the JIT compiler. The switches never reach the
-- session: the application may be using the same connection.
--
-- All set search_path. A body is read when it is called, with the search_path of its caller, and where no operator fits its
-- operands exactly (bigint || text) one in a schema that others may write would be taken, and run with the caller's
-- rights. Those that are to be inlined, or are called for each row, do not: they qualify what they call and use operators
-- that fit exactly.

-- The transaction that left this xmax behind; null: none. It may be younger than the snapshot of the statement that asks: the
-- number is the one of those with these last 32 bits that is nearest to the snapshot.
CREATE FUNCTION ${schema}.mq_locker(p_xmax xid) RETURNS xid8
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_next bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
  v_full bigint := (v_next & ~4294967295::bigint) | p_xmax::text::bigint;
BEGIN
  IF v_full - v_next > 2147483648 THEN
    v_full := v_full - 4294967296;
  ELSIF v_next - v_full > 2147483648 THEN
    v_full := v_full + 4294967296;
  END IF;
  RETURN CASE WHEN v_full > 2 THEN v_full::text::xid8 END;
END
$body${tag}$;

-- Whether a transaction that runs has this row locked. Stable, unlike what it asks, so that a view with it can be read by an index.
CREATE FUNCTION ${schema}.mq_is_locked(p_xmax xid) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RETURN pg_xact_status(${schema}.mq_locker(p_xmax)) IS NOT DISTINCT FROM 'in progress';
END
$body${tag}$;

-- Did this transaction sign, and was it rolled back (or killed)? Volatile, so that it sees what was signed and noted after the
-- snapshot of the claim that asks.
CREATE FUNCTION ${schema}.mq_failed(p_xid xid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET enable_bitmapscan = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_xact constant xid8 := ${schema}.mq_locker(p_xid);
BEGIN
  IF pg_xact_status(v_xact) = 'aborted' THEN
    RETURN EXISTS (SELECT FROM ${schema}.mq_failures f WHERE f.xact = v_xact)
        OR EXISTS (SELECT FROM ${schema}.mq_signatures s WHERE s.xmax = p_xid);
  END IF;
  RETURN false;
END
$body${tag}$;

-- Did a delivery end with the transaction that left this xmax on a message? Where several subtransactions locked the message,
-- it is the number of a multixact, which looks like that of a transaction: it is read as both.
CREATE FUNCTION ${schema}.mq_suspect(p_xmax xid) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF ${schema}.mq_failed(p_xmax) THEN
    RETURN true;
  END IF;
  IF mxid_age(p_xmax) > 0 THEN
    RETURN mxid_age(p_xmax) <= (SELECT mxid_age(d.datminmxid) FROM pg_catalog.pg_database d
                                 WHERE d.datname = current_database())
       AND EXISTS (SELECT FROM pg_get_multixact_members(p_xmax) m WHERE ${schema}.mq_failed(m.xid));
  END IF;
  RETURN false;
END
$body${tag}$;

-- Notes which of the transactions that have signed so were rolled back. Returns the signatures that are not those of running
-- transactions; they may be used again as soon as this is committed.
CREATE FUNCTION ${schema}.mq_settle_signatures(p_ids bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql VOLATILE
SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  -- First: what ends after this is for the next time.
  v_ended constant bigint[] := ARRAY(
    SELECT s.id FROM ${schema}.mq_signatures s
     WHERE s.id = ANY (p_ids)
       AND pg_xact_status(${schema}.mq_locker(s.xmax)) IS DISTINCT FROM 'in progress');
BEGIN
  INSERT INTO ${schema}.mq_failures (xact)
  SELECT l.xact FROM ${schema}.mq_signatures s, ${schema}.mq_locker(s.xmax) AS l (xact)
   WHERE s.id = ANY (v_ended) AND pg_xact_status(l.xact) = 'aborted'
  ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT unnest(v_ended);
END
$body${tag}$;

-- Deletes the signatures of processes that are gone, and of p_owner; first, a sweep before, it notes what they tell. What
-- has failed is remembered for a day.
CREATE FUNCTION ${schema}.mq_sweep_signatures(p_owner integer) RETURNS void
LANGUAGE plpgsql VOLATILE
SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids bigint[] := ARRAY(SELECT s.id FROM ${schema}.mq_signatures s
                           WHERE s.owner = p_owner
                              OR NOT EXISTS (SELECT FROM ${schema}.mq_owners o WHERE o.owner = s.owner));
BEGIN
  IF v_ids <> '{}' THEN
    DELETE FROM ${schema}.mq_signatures s
     WHERE s.id = ANY (v_ids)
       AND (coalesce(pg_xact_status(${schema}.mq_locker(s.xmax)), 'committed') = 'committed'
         OR EXISTS (SELECT FROM ${schema}.mq_failures f WHERE f.xact = ${schema}.mq_locker(s.xmax)));
    PERFORM ${schema}.mq_settle_signatures(v_ids);
  END IF;
  DELETE FROM ${schema}.mq_failures f WHERE f.failed_at < statement_timestamp() - interval '1 day';
END
$body${tag}$;
