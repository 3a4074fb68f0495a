-- For SQL programs -----------------------------------------------------------------------------------------------------

-- Says what is wrong with an argument, and what it may be.
CREATE FUNCTION ${schema}.mq_refuse(p_argument text, p_value text, p_allowed text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  RAISE EXCEPTION '% is %, but has to be %', p_argument,
    CASE WHEN octet_length(p_value) > 100 THEN format('%L… (%s bytes)', left(p_value, 50), octet_length(p_value))
         ELSE coalesce(quote_literal(p_value), 'null') END, p_allowed
    USING ERRCODE = CASE WHEN p_value IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END;
END
$body${tag}$;

-- Refuses what is no name of a queue. One without a name is that of sqlxmq's jobs that name no channel.
CREATE FUNCTION ${schema}.mq_refuse_queue(p_argument text, p_name text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  IF p_name IS NULL OR octet_length(p_name) > 255 OR p_name ~ '^(queue|topic|temp-queue|temp-topic)://' THEN
    PERFORM ${schema}.mq_refuse(p_argument, p_name, 'the name of a queue, of up to 255 bytes, without queue:// or the like in front');
  END IF;
END
$body${tag}$;

-- Sends text messages to a queue, in their order; part of the caller's transaction. Returns their JMSMessageIDs without the
-- ID: prefix. What is an array has an element for each message, or is null; the rest is for all. Time to live counts from now on;
-- p_reply_to is the name of a queue, or topic:// and that of a topic. A group is what JMSXGroupID among the properties says,
-- or p_groups. A delay is 100 years at most, and so is a time to live. If the property JMS_SQLMQ_DeduplicationId (or _AMQ_DUPL_ID) is that of an earlier message, nothing is sent, and
-- the id is that of the earlier message; identifiers given here hold for ten minutes.
CREATE FUNCTION ${schema}.mq_send_many(
  p_queue text, p_texts text[], p_properties jsonb[] DEFAULT NULL, p_priority integer DEFAULT 4,
  p_delay interval DEFAULT interval '0', p_time_to_live interval DEFAULT NULL, p_correlation_ids text[] DEFAULT NULL,
  p_reply_to text DEFAULT NULL, p_type text DEFAULT NULL, p_groups text[] DEFAULT NULL)
RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_ids uuid[] := ARRAY(SELECT gen_random_uuid() FROM unnest(p_texts));
  v_first uuid[] := v_ids;
  v_now constant bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  v_wait constant interval := least(greatest(p_delay, interval '0'), interval '100 years');
  v_delay constant bigint := extract(epoch FROM v_wait) * 1000;
  v_ttl constant bigint := CASE WHEN p_time_to_live > interval '0'
                                THEN ceil(extract(epoch FROM least(p_time_to_live, interval '100 years')) * 1000) END;
  v_each record;
BEGIN
  IF (octet_length(p_queue) <= 255 AND strpos(p_queue, '://') = 0) IS NOT TRUE THEN
    PERFORM ${schema}.mq_refuse_queue('p_queue', p_queue);
  END IF;
  IF p_queue = '' THEN
    PERFORM ${schema}.mq_refuse('p_queue', p_queue, 'the name of a queue');
  ELSIF p_priority NOT BETWEEN 0 AND 9 THEN
    PERFORM ${schema}.mq_refuse('p_priority', p_priority::text, '0 to 9');
  ELSIF p_time_to_live < interval '0' THEN
    PERFORM ${schema}.mq_refuse('p_time_to_live', p_time_to_live::text, 'more than nothing, or null: for ever');
  ELSIF p_reply_to ~ '^((queue|topic|temp-queue|temp-topic)://)?$' OR octet_length(p_reply_to) > 268 THEN
    PERFORM ${schema}.mq_refuse('p_reply_to', p_reply_to, 'the name of a queue, or topic:// and that of a topic, or null');
  ELSIF cardinality(p_properties) <> cardinality(v_ids) THEN
    PERFORM ${schema}.mq_refuse(
              'the number of elements in p_properties', cardinality(p_properties)::text, cardinality(v_ids) || ', as in p_texts');
  ELSIF cardinality(p_correlation_ids) <> cardinality(v_ids) THEN
    PERFORM ${schema}.mq_refuse(
              'the number of elements in p_correlation_ids', cardinality(p_correlation_ids)::text, cardinality(v_ids) || ', as in p_texts');
  ELSIF cardinality(p_groups) <> cardinality(v_ids) THEN
    PERFORM ${schema}.mq_refuse(
              'the number of elements in p_groups', cardinality(p_groups)::text, cardinality(v_ids) || ', as in p_texts');
  END IF;
  IF p_properties IS NOT NULL THEN
    -- In an order that all have, so that none waits for another in a circle.
    FOR v_each IN
      SELECT p.properties, p.at, coalesce(p.properties ->> 'JMS_SQLMQ_DeduplicationId', p.properties ->> '_AMQ_DUPL_ID') COLLATE "C" AS dedup
        FROM unnest(p_properties) WITH ORDINALITY AS p (properties, at) ORDER BY dedup, p.at
    LOOP
      IF jsonb_typeof(v_each.properties) <> 'object' THEN
        PERFORM ${schema}.mq_refuse('p_properties', v_each.properties::text, 'JSON objects, or null');
      ELSIF octet_length(v_each.dedup) NOT BETWEEN 1 AND 2000 THEN
        PERFORM ${schema}.mq_refuse('the identifier for duplicates in p_properties', v_each.dedup, 'of 1 to 2000 bytes');
      ELSIF v_each.dedup IS NOT NULL THEN
        v_first[v_each.at] := ${schema}.mq_reserve_id(p_queue, v_each.dedup, v_ids[v_each.at], interval '10 min');
      END IF;
    END LOOP;
  END IF;
  INSERT INTO ${schema}.mq_msgs (id, channel_name, sent_at, prio_rank, attempt_at, delivery_time, expires_at, expiration,
                                 correlation_id, reply_to, jms_type, properties, payload_text, grp, slot)
  SELECT m.id, p_queue, v_now, 9 - coalesce(p_priority, 4),
         CASE WHEN v_delay > 0 THEN clock_timestamp() + v_wait END, CASE WHEN v_delay > 0 THEN v_now + v_delay END,
         clock_timestamp() + v_ttl * interval '1 millisecond', v_now + v_ttl,
         m.correlation_id, CASE WHEN p_reply_to ~ '^(queue|topic|temp-queue|temp-topic)://' THEN p_reply_to ELSE 'queue://' || p_reply_to END,
         p_type, g.properties, m.body, ${schema}.mq_group(g.properties), ${schema}.mq_slot(${schema}.mq_group(g.properties))
    FROM unnest(v_ids, v_first, p_texts, p_properties, p_correlation_ids, p_groups)
           AS m (id, first, body, properties, correlation_id, grp),
         LATERAL (SELECT CASE WHEN m.grp IS NULL THEN m.properties
                              ELSE coalesce(m.properties, '{}') || jsonb_build_object('JMSXGroupID', m.grp) END AS properties) g
   WHERE m.id = m.first;
  PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[p_queue], ARRAY[CASE WHEN v_delay > 0 THEN -1 ELSE 0 END]);
  RETURN QUERY SELECT unnest(v_first);
END
$body${tag}$;

-- Sends one message; see mq_send_many.
CREATE FUNCTION ${schema}.mq_send(
  p_queue text, p_text text, p_properties jsonb DEFAULT NULL, p_priority integer DEFAULT 4,
  p_delay interval DEFAULT interval '0', p_time_to_live interval DEFAULT NULL, p_correlation_id text DEFAULT NULL,
  p_reply_to text DEFAULT NULL, p_type text DEFAULT NULL, p_group text DEFAULT NULL)
RETURNS uuid
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
  SELECT ${schema}.mq_send_many(p_queue, ARRAY[p_text], CASE WHEN p_properties IS NOT NULL THEN ARRAY[p_properties] END, p_priority, p_delay, p_time_to_live,
                                ARRAY[p_correlation_id], p_reply_to, p_type, ARRAY[p_group])
$body${tag}$;

-- Says which column of a row as JSON is one that mq_msgs cannot have.
CREATE FUNCTION ${schema}.mq_refuse_row(p_row jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_column record;
BEGIN
  FOR v_column IN
    SELECT a.attname AS name, p_row -> a.attname::text AS value, p_row ->> a.attname::text AS said,
           CASE WHEN a.attname = 'channel_name' THEN 'of up to 255 bytes'
                WHEN a.attname = 'grp' THEN 'of up to 512 bytes'
                WHEN a.attname = 'prio_rank' THEN '0 to 9'
                WHEN a.attname = 'seq' THEN 'a number greater than 0'
                WHEN a.attname IN ('delivery_count', 'failure_count') THEN '0 to 1000000000'
                WHEN a.attname = 'attempt_at' THEN 'a time, and not -infinity'
                WHEN a.attname IN ('properties', 'property_types') THEN 'a JSON object of up to 256 MB'
                WHEN a.attname = 'payload_json' THEN 'JSON of up to 256 MB'
                ELSE 'of the type ' || format_type(a.atttypid, NULL) END AS allowed
      FROM pg_attribute a
     WHERE a.attrelid = '${schemaText}.mq_msgs'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND p_row ? a.attname::text
     ORDER BY a.attnum
  LOOP
    BEGIN
      PERFORM jsonb_populate_record(NULL::${schema}.mq_msgs, jsonb_build_object(v_column.name, v_column.value));
    EXCEPTION WHEN data_exception OR check_violation THEN
      PERFORM ${schema}.mq_refuse(v_column.name || ' of p_row', v_column.said, v_column.allowed);
    END;
  END LOOP;
END
$body${tag}$;

-- Puts a row back that was taken out of mq_msgs or its unlogged table, say into a table of an operator's: SELECT mq_restore(to_jsonb(b))
-- FROM backup b ORDER BY seq. Never insert the old number again: consumers that run do not look where they have taken
-- everything. It comes at the end of its queue, ready unless it was delayed, in mq_msgs. Returns its id; null if a message with
-- that id is there.
CREATE FUNCTION ${schema}.mq_restore(p_row jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs;
BEGIN
  IF num_nonnulls(p_row ->> 'id', p_row ->> 'channel_name') < 2 THEN
    PERFORM ${schema}.mq_refuse('p_row', p_row::text, 'a row of mq_msgs as JSON, with its id and channel_name');
  END IF;
  BEGIN
    v_row := jsonb_populate_record(NULL::${schema}.mq_msgs, p_row);
  EXCEPTION WHEN data_exception OR check_violation THEN
    PERFORM ${schema}.mq_refuse_row(p_row);
    RAISE;
  END;
  IF v_row.payload_id IS NOT NULL THEN
    -- A body that was shared is the row's own from here on.
    SELECT p.payload_text, p.payload_bytes INTO v_row.payload_text, v_row.payload_bytes
      FROM (SELECT * FROM ${schema}.mq_payloads UNION ALL SELECT * FROM ${schema}.mq_payloads_unlogged) p
     WHERE p.id = v_row.payload_id LIMIT 1;
    IF FOUND THEN
      v_row.message_id := coalesce(v_row.message_id, v_row.payload_id);
      v_row.payload_id := NULL;
    END IF;
  END IF;
  LOCK TABLE ${schema}.mq_msgs IN ROW EXCLUSIVE MODE;  -- before the clock is read
  v_row.seq := nextval('${schemaText}.mq_seq');
  v_row.prio_rank := coalesce(v_row.prio_rank, 5);
  v_row.delivery_count := coalesce(v_row.delivery_count, 0);
  v_row.failure_count := coalesce(v_row.failure_count, 0);
  IF v_row.lease_owner IS NOT NULL OR v_row.attempt_at <= clock_timestamp() OR NOT isfinite(v_row.attempt_at) THEN
    v_row.attempt_at := NULL;
  END IF;
  v_row.lease_owner := NULL;
  v_row.lease_token := NULL;
  v_row.set_aside := NULL;
  v_row.slot := CASE WHEN v_row.dead_origin IS NULL THEN ${schema}.mq_slot(v_row.grp) END;
  INSERT INTO ${schema}.mq_msgs VALUES (v_row.*) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM ${schema}.mq_notify('sqlmq:' || md5('${schemaText}'), 0, ARRAY[v_row.channel_name::text],
                              ARRAY[CASE WHEN v_row.attempt_at IS NULL THEN 0 ELSE -1 END]::bigint[]);
  RETURN v_row.id;
END
$body${tag}$;
