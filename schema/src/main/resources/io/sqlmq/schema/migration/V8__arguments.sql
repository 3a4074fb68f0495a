-- What is wrong with an argument ---------------------------------------------------------------------------------------------

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
CREATE OR REPLACE FUNCTION ${schema}.mq_send_many(
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
  v_dedup text;
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
    FOR i IN 1..coalesce(cardinality(v_ids), 0) LOOP
      IF jsonb_typeof(p_properties[i]) <> 'object' THEN
        PERFORM ${schema}.mq_refuse('p_properties', p_properties[i]::text, 'JSON objects, or null');
      END IF;
      v_dedup := coalesce(p_properties[i] ->> 'JMS_SQLMQ_DeduplicationId', p_properties[i] ->> '_AMQ_DUPL_ID');
      IF octet_length(v_dedup) NOT BETWEEN 1 AND 2000 THEN
        PERFORM ${schema}.mq_refuse('the identifier for duplicates in p_properties', v_dedup, 'of 1 to 2000 bytes');
      ELSIF v_dedup IS NOT NULL THEN
        v_first[i] := ${schema}.mq_reserve_id(p_queue, v_dedup, v_ids[i], interval '10 min');
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
CREATE OR REPLACE FUNCTION ${schema}.mq_send(
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

-- Puts a row back that was taken out of mq_msgs or its unlogged table, say into a table of an operator's: SELECT mq_restore(to_jsonb(b))
-- FROM backup b ORDER BY seq. Never insert the old number again: consumers that run do not look where they have taken
-- everything. It comes at the end of its queue, ready unless it was delayed, in mq_msgs. Returns its id; null if a message with
-- that id is there.
CREATE OR REPLACE FUNCTION ${schema}.mq_restore(p_row jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_row ${schema}.mq_msgs;
BEGIN
  IF num_nonnulls(p_row ->> 'id', p_row ->> 'channel_name') < 2 THEN
    PERFORM ${schema}.mq_refuse('p_row', p_row::text, 'a row of mq_msgs as JSON, with its id and channel_name');
  END IF;
  v_row := jsonb_populate_record(NULL::${schema}.mq_msgs, p_row);
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

-- Refuses what is no job. What is null is refused by the code that sqlxmq's tables have for it. sqlxmq has a row of its own where the id is
-- nil. Arguments are in an index, whose entries are bounded.
CREATE FUNCTION ${schema}.mq_refuse_job(p_job ${schema}.mq_new_t) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_missing constant text := CASE WHEN p_job.id IS NULL THEN 'id' WHEN p_job.channel_name IS NULL THEN 'channel_name'
                                  WHEN p_job.name IS NULL THEN 'name' END;
BEGIN
  IF v_missing IS NOT NULL THEN
    RAISE not_null_violation USING MESSAGE = format('a job has no %s: %s', v_missing, coalesce(p_job.id::text, p_job.name, 'null')), COLUMN = v_missing;
  ELSIF p_job.id = '00000000-0000-0000-0000-000000000000' THEN
    RAISE unique_violation USING MESSAGE = 'the nil id is no id of a job', COLUMN = 'id';
  ELSIF octet_length(p_job.channel_name) > 255 THEN
    PERFORM ${schema}.mq_refuse(format('the channel_name of job %s', p_job.id), p_job.channel_name, '255 bytes long at most');
  ELSIF octet_length(p_job.channel_args) > 2000 THEN
    PERFORM ${schema}.mq_refuse(format('the channel_args of job %s', p_job.id), p_job.channel_args, '2000 bytes long at most');
  END IF;
END
$body${tag}$;

-- Adds jobs; they are part of the caller's transaction, and so are the notifications. Null is what sqlxmq's builder has: no
-- delay, 4 retries, 1 s, no arguments, no commit interval, not ordered. Negative retries never end, as in sqlxmq, whose builder makes -1
-- of the greatest number that it takes. Ordered jobs of a channel with the same arguments are a group, in which one that is delayed or not
-- committed yet holds up those behind it: for them delivery_time is null.
CREATE OR REPLACE FUNCTION ${schema}.mq_insert(new_messages ${schema}.mq_new_t[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_now timestamptz;
  v_sent_at bigint;
  v_channels text[];
  v_due bigint;
  v_wrong boolean;
BEGIN
  SELECT array_agg(DISTINCT n.channel_name),
         CASE WHEN bool_or(n.commit_interval IS NOT NULL OR n.delay > interval '0') THEN -1 ELSE 0 END,
         bool_or((n.name IS NOT NULL AND octet_length(n.channel_name) <= 255 AND n.id <> '00000000-0000-0000-0000-000000000000'
                  AND octet_length(coalesce(n.channel_args, '')) <= 2000) IS NOT TRUE)
    INTO v_channels, v_due, v_wrong FROM unnest(new_messages) n;
  IF v_wrong THEN
    PERFORM ${schema}.mq_refuse_job(n::${schema}.mq_new_t) FROM unnest(new_messages) n;
  END IF;
  LOCK TABLE ${schema}.mq_msgs IN ROW EXCLUSIVE MODE;  -- before the clock is read
  v_now := clock_timestamp();
  v_sent_at := extract(epoch FROM v_now) * 1000;
  INSERT INTO ${schema}.mq_msgs (
    id, channel_name, sent_at, attempt_at, expires_at, delivery_time, grp, slot, properties, name, channel_args, commit_interval,
    retry_backoff, max_deliveries, payload_json, payload_bytes)
  SELECT n.id, n.channel_name, v_sent_at,
         CASE WHEN t.commit_interval IS NOT NULL OR t.delay > interval '0'
              THEN v_now + t.delay + coalesce(t.commit_interval, interval '0') END,
         v_now + t.delay + t.commit_interval,
         CASE WHEN t.delay > interval '0' AND n.ordered IS NOT TRUE
              THEN v_sent_at + (extract(epoch FROM t.delay) * 1000)::bigint END,
         CASE WHEN n.ordered THEN ${schema}.mq_job_group(coalesce(n.channel_args, '')) END,
         CASE WHEN n.ordered THEN ${schema}.mq_slot(${schema}.mq_job_group(coalesce(n.channel_args, ''))) END,
         CASE WHEN n.channel_args = '' THEN NULL
              WHEN n.ordered THEN jsonb_build_object('JMS_SQLMQ_ChannelArgs', n.channel_args, 'JMSXGroupID', n.channel_args)
              WHEN n.channel_args IS NOT NULL THEN jsonb_build_object('JMS_SQLMQ_ChannelArgs', n.channel_args) END,
         n.name, coalesce(n.channel_args, ''), t.commit_interval,
         greatest(coalesce(n.retry_backoff, interval '1 s'), interval '0'),
         CASE WHEN n.retries < 0 THEN 2147483647 ELSE least(coalesce(n.retries, 4), 2147483646) + 1 END,
         n.payload_json::jsonb, n.payload_bytes
    FROM unnest(new_messages) n, LATERAL (
      SELECT least(greatest(n.delay, interval '0'), interval '100 years') AS delay,
             CASE WHEN n.commit_interval IS NOT NULL
                  THEN least(greatest(n.commit_interval, interval '0'), interval '100 years') END AS commit_interval) t;
  PERFORM ${schema}.mq_notify_jobs(v_channels, v_due);
END
$body${tag}$;

-- The same for one message; returns the message that has the identifier.
CREATE OR REPLACE FUNCTION ${schema}.mq_reserve_id(p_channel text, p_dedup_id text, p_message uuid, p_window interval) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_window constant bigint := extract(epoch FROM least(p_window, interval '100 years')) * 1000;
  v_message uuid;
BEGIN
  IF p_channel IS NULL THEN
    PERFORM ${schema}.mq_refuse('p_channel', p_channel, 'the name of a channel');
  ELSIF p_dedup_id IS NULL OR octet_length(p_dedup_id) NOT BETWEEN 1 AND 2000 THEN
    PERFORM ${schema}.mq_refuse('p_dedup_id', p_dedup_id, 'a key of 1 to 2000 bytes');
  ELSIF p_message IS NULL THEN
    PERFORM ${schema}.mq_refuse('p_message', NULL, 'the id of the message or job that is to have the key');
  ELSIF p_window IS NULL OR p_window <= interval '0' THEN
    PERFORM ${schema}.mq_refuse('p_window', p_window::text, 'more than nothing: how long the key is kept');
  END IF;
  LOOP
    PERFORM ${schema}.mq_reserve_ids(ARRAY[p_channel], ARRAY[p_dedup_id], ARRAY[p_message], ARRAY[v_window]);
    SELECT d.message_id INTO v_message FROM ${schema}.mq_dedup d
     WHERE d.channel_name = p_channel AND d.dedup_id = p_dedup_id;
    IF FOUND THEN
      RETURN v_message;
    END IF;  -- its time was over, and it was swept just now
  END LOOP;
END
$body${tag}$;

-- Stops deliveries from a queue, to consumers, to jobs, and to those who poll; messages can be sent all the same. What is being
-- worked on goes on. When this is committed each process is told: it has the names of paused queues in memory, so that a claim need not
-- ask for them. Returns whether it was not paused yet.
CREATE OR REPLACE FUNCTION ${schema}.mq_pause(p_channel text, p_reason text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_new boolean;
BEGIN
  PERFORM ${schema}.mq_refuse_queue('p_channel', p_channel);
  INSERT INTO ${schema}.mq_paused (channel_name, reason) VALUES (p_channel, p_reason) ON CONFLICT DO NOTHING;
  v_new := FOUND;
  IF NOT v_new AND p_reason IS NOT NULL THEN
    UPDATE ${schema}.mq_paused p SET reason = p_reason WHERE p.channel_name = p_channel;
  END IF;
  PERFORM pg_notify('sqlmq:' || md5('${schemaText}'), '0 sqlmq-pauses');
  RETURN v_new;
END
$body${tag}$;

-- Limits what is delivered from a channel, to consumers, to jobs, and to those who poll, over all processes: to p_running at the same
-- time, and to p_starts in any p_period; null: not limited in that way. Takes the place of limits before it. A message that is
-- delivered again counts again. What is leased already counts as running, what a transaction has received already does not. Of
-- more than 1,000 starts at most 1,000 begin at once: of 60,000 in a minute as many in each second.
CREATE OR REPLACE FUNCTION ${schema}.mq_limit(
  p_channel text, p_running integer DEFAULT NULL, p_starts integer DEFAULT NULL, p_period interval DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  PERFORM ${schema}.mq_refuse_queue('p_channel', p_channel);
  IF num_nonnulls(p_running, p_starts) = 0 OR num_nonnulls(p_starts, p_period) = 1 OR p_running NOT BETWEEN 1 AND 1000
     OR p_starts NOT BETWEEN 1 AND 1000000 OR p_period NOT BETWEEN interval '1 ms' AND interval '31 days' THEN
    RAISE EXCEPTION 'a limit is of 1 to 1000 messages at the same time, of 1 to 1000000 starts within a period of 1 ms to 31 days, or of both, not p_running %, p_starts % and p_period %',
      coalesce(p_running::text, 'null'), coalesce(p_starts::text, 'null'), coalesce(p_period::text, 'null') USING ERRCODE = '22023';
  END IF;
  INSERT INTO ${schema}.mq_limits AS l (channel_name, running, starts, period)
  VALUES (p_channel, p_running, p_starts, p_period)
  ON CONFLICT (channel_name) DO UPDATE
     SET running = excluded.running, starts = excluded.starts, period = excluded.period, limited_at = excluded.limited_at,
         limited_by = excluded.limited_by;
  -- What is leased without a slot gets one, if there are more of them then than may run: mq_hold_slots deletes them as they get free.
  INSERT INTO ${schema}.mq_limit_slots (channel_name, starts, number, message_id)
  SELECT p_channel, false, coalesce(max.number, 0) + row_number() OVER (), m.id
    FROM (SELECT max(s.number) AS number FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND NOT s.starts) max,
         (SELECT m.id FROM ${schema}.mq_msgs m
           WHERE m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()
          UNION ALL
          SELECT m.id FROM ${schema}.mq_msgs_unlogged m
           WHERE m.channel_name = p_channel AND m.lease_owner IS NOT NULL AND m.attempt_at > statement_timestamp()) m
   WHERE p_running IS NOT NULL
     AND NOT EXISTS (SELECT FROM ${schema}.mq_limit_slots s WHERE s.channel_name = p_channel AND NOT s.starts AND s.message_id = m.id);
  INSERT INTO ${schema}.mq_limit_slots (channel_name, starts, number)
  SELECT p_channel, k.starts, coalesce(k.last, 0) + n
    FROM (SELECT w.starts, w.wanted, count(s.number)::integer AS there, max(s.number) AS last
            FROM (SELECT false AS starts, l.running AS wanted FROM ${schema}.mq_limits l WHERE l.channel_name = p_channel
                  UNION ALL SELECT true, l.starts / ((l.starts + 999) / 1000) FROM ${schema}.mq_limits l WHERE l.channel_name = p_channel) w
            LEFT JOIN ${schema}.mq_limit_slots s ON s.channel_name = p_channel AND s.starts = w.starts
           GROUP BY w.starts, w.wanted) k,
         generate_series(1, k.wanted - k.there) AS n;
  PERFORM pg_notify('sqlmq:' || md5('${schemaText}'), '0 sqlmq-pauses'), ${schema}.mq_notify_jobs(ARRAY[p_channel], 0);
END
$body${tag}$;

-- The first p_queues queues by name, how many messages each has, as far as p_limit, and for how many seconds the first of those that can
-- be received has been there; null where none can. Temporary queues and subscriptions are left out. Its work is bounded, for those who
-- ask again and again.
CREATE OR REPLACE FUNCTION ${schema}.mq_queue_sizes(p_queues integer, p_limit bigint)
RETURNS TABLE (queue text, messages bigint, oldest_age double precision)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_sent bigint;
BEGIN
  IF least(p_queues, p_limit) < 0 THEN
    PERFORM ${schema}.mq_refuse(CASE WHEN p_queues < 0 THEN 'p_queues' ELSE 'p_limit' END, least(p_queues, p_limit)::text, '0 or more, or null: all');
  END IF;
  FOR queue IN SELECT n FROM ${schema}.mq_queue_names('') n LIMIT p_queues LOOP
    messages := ${schema}.mq_depth(queue, p_limit);
    v_sent := least(
      (SELECT m.sent_at FROM ${schema}.mq_msgs m
        WHERE m.channel_name = queue AND m.attempt_at IS NULL AND m.slot IS NULL ORDER BY m.prio_rank, m.seq LIMIT 1),
      (SELECT m.sent_at FROM ${schema}.mq_msgs m
        WHERE m.channel_name = queue AND m.attempt_at IS NULL AND m.slot IS NOT NULL ORDER BY m.prio_rank, m.seq LIMIT 1),
      (SELECT m.sent_at FROM ${schema}.mq_msgs_unlogged m
        WHERE m.channel_name = queue AND m.attempt_at IS NULL AND m.slot IS NULL ORDER BY m.prio_rank, m.seq LIMIT 1));
    oldest_age := CASE WHEN v_sent > 0 THEN greatest(0, extract(epoch FROM statement_timestamp()) - v_sent / 1000.0) END;
    RETURN NEXT;
  END LOOP;
END
$body${tag}$;

-- What a role needs, in words of SQL after GRANT: docs/operating.md says what each kind may do.
CREATE OR REPLACE FUNCTION ${schema}.mq_rights(p_what text) RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_name text;
BEGIN
  IF (p_what IN ('all', 'queues', 'send', 'send by SQL', 'receive', 'watch', 'watch headers', 'watch bodies', 'administer')) IS NOT TRUE THEN
    RAISE EXCEPTION 'no right is called "%": all, queues, send, send by SQL, receive, watch, watch headers, watch bodies, administer', p_what
      USING ERRCODE = '22023';
  END IF;
  FOREACH v_name IN ARRAY CASE
    WHEN p_what IN ('all', 'administer') THEN ARRAY[
      'SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged, mq_payloads, mq_payloads_unlogged, mq_owners, mq_waiters,'
        || ' mq_signatures, mq_failures, mq_topics, mq_subscriptions, mq_subscribers, mq_clients, mq_gone_channels, mq_schedules,'
        || ' mq_dedup, mq_exclusives, mq_completed, mq_limit_slots, mq_traffic',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_limits, mq_schema_history']
    WHEN p_what = 'queues' THEN ARRAY[
      'SELECT, INSERT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged, mq_payloads, mq_payloads_unlogged, mq_owners, mq_waiters,'
        || ' mq_signatures, mq_failures, mq_clients, mq_gone_channels, mq_schedules, mq_dedup, mq_exclusives, mq_completed, mq_limit_slots, mq_traffic',
      'SELECT, UPDATE, DELETE ON mq_topics, mq_subscriptions, mq_subscribers',
      'USAGE, SELECT ON SEQUENCE mq_seq, mq_round, mq_owner_seq, mq_signature_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_limits, mq_schema_history']
    WHEN p_what = 'receive' THEN ARRAY[
      'SELECT, UPDATE, DELETE ON mq_msgs, mq_msgs_unlogged',
      'SELECT, DELETE ON mq_payloads, mq_payloads_unlogged',
      'SELECT, UPDATE, DELETE ON mq_schedules, mq_dedup',
      'SELECT, INSERT, UPDATE, DELETE ON mq_owners, mq_waiters, mq_signatures, mq_failures, mq_topics, mq_subscriptions,'
        || ' mq_subscribers, mq_clients, mq_gone_channels, mq_exclusives, mq_completed, mq_limit_slots, mq_traffic',
      'SELECT ON SEQUENCE mq_seq',
      'USAGE, SELECT ON SEQUENCE mq_round, mq_owner_seq, mq_signature_seq, mq_topic_version, mq_subscription_seq',
      'SELECT ON mq_attempts, mq_destinations, mq_paused, mq_limits, mq_schema_history']
    WHEN p_what = 'send' THEN ARRAY[
      -- To count what is in a queue, for maxDepth, too.
      'INSERT, SELECT (id, xmin, channel_name, attempt_at, slot) ON mq_msgs, mq_msgs_unlogged',
      'INSERT, SELECT (id, xmin) ON mq_schedules',
      'INSERT ON mq_payloads, mq_payloads_unlogged',
      'SELECT, INSERT, UPDATE ON mq_dedup',
      'SELECT, INSERT, UPDATE, DELETE ON mq_traffic',
      'USAGE ON SEQUENCE mq_seq',
      'SELECT ON mq_waiters, mq_topics, mq_subscriptions, mq_destinations, mq_schema_history']
    WHEN p_what = 'send by SQL' THEN ARRAY[
      'INSERT ON mq_msgs', 'SELECT, INSERT, UPDATE ON mq_dedup', 'USAGE ON SEQUENCE mq_seq', 'SELECT ON mq_waiters']
    WHEN p_what = 'watch' THEN ARRAY[
      'SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_overview, mq_consumers, mq_leases, mq_topic_subscribers, mq_rates,'
        || ' mq_traffic']
    WHEN p_what = 'watch headers' THEN ARRAY[
      'SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_overview, mq_consumers, mq_leases, mq_topic_subscribers, mq_attempts,'
        || ' mq_set_aside, mq_rates, mq_traffic',
      'SELECT (tableoid, channel_name, id, seq, sent_at, prio_rank, slot, delivery_count, failure_count, attempt_at, expires_at, lease_owner,'
        || ' message_id, destination, reply_to, correlation_id, jms_type, delivery_time, expiration, grp, properties, property_types,'
        || ' redelivery_policy, delivery_mode, last_error, set_aside, dead_origin, dead_reason, dead_attempts, dead_at, name,'
        || ' channel_args, body_type, payload_id, locked) ON mq_rows']
    ELSE ARRAY['SELECT ON mq_queues, mq_queues_logged, mq_channels, mq_overview, mq_consumers, mq_leases, mq_topic_subscribers, mq_messages,'
                 || ' mq_messages_logged, mq_rows, mq_set_aside, mq_dead_letters, mq_scheduled, mq_attempts, mq_completed, mq_rates, mq_traffic']
    END
  LOOP
    RETURN NEXT replace(v_name, 'mq_', '${schemaText}.mq_');
  END LOOP;
  IF p_what = 'administer' THEN
    RETURN NEXT 'INSERT, DELETE ON ${schemaText}.mq_destinations';
    RETURN NEXT 'INSERT, UPDATE, DELETE ON ${schemaText}.mq_paused, ${schemaText}.mq_limits';
    RETURN NEXT 'SELECT ON ${schemaText}.mq_queues, ${schemaText}.mq_queues_logged, ${schemaText}.mq_channels, ${schemaText}.mq_leases, '
      || '${schemaText}.mq_topic_subscribers, ${schemaText}.mq_overview, ${schemaText}.mq_consumers, ${schemaText}.mq_rows, '
      || '${schemaText}.mq_messages, ${schemaText}.mq_messages_logged, ${schemaText}.mq_set_aside, '
      || '${schemaText}.mq_dead_letters, ${schemaText}.mq_scheduled, ${schemaText}.mq_rates';
  END IF;
  RETURN NEXT 'USAGE ON SCHEMA ${schemaText}';
  -- Also where a database's default privileges take it from everybody.
  RETURN NEXT 'EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schemaText}';
END
$body${tag}$;

-- Gives a role what it needs for what it is to do. To be called by the owner of the tables; may be called again, also for more.
CREATE OR REPLACE FUNCTION ${schema}.mq_grant(p_role text, p_what text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_right text;
BEGIN
  IF p_role IS NULL THEN
    PERFORM ${schema}.mq_refuse('p_role', p_role, 'the name of a role');
  END IF;
  FOR v_right IN SELECT ${schema}.mq_rights(p_what) LOOP
    EXECUTE 'GRANT ' || v_right || format(' TO %I', p_role);
  END LOOP;
END
$body${tag}$;

-- Takes from a role whatever it was given on the schema.
CREATE OR REPLACE FUNCTION ${schema}.mq_revoke(p_role text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_schema constant regnamespace := (SELECT c.relnamespace::regnamespace FROM pg_class c WHERE c.oid = '${schemaText}.mq_msgs'::regclass::oid);
  v_what text;
BEGIN
  IF p_role IS NULL THEN
    PERFORM ${schema}.mq_refuse('p_role', p_role, 'the name of a role');
  END IF;
  FOREACH v_what IN ARRAY '{TABLES,SEQUENCES,FUNCTIONS}'::text[] LOOP
    EXECUTE format('REVOKE ALL ON ALL %s IN SCHEMA %s FROM %I', v_what, v_schema, p_role);
  END LOOP;
  EXECUTE format('REVOKE ALL ON SCHEMA %s FROM %I', v_schema, p_role);
END
$body${tag}$;

-- Schedules have names --------------------------------------------------------------------------------------------------------

-- Those that are there get theirs when they are stored again.
ALTER TABLE ${schema}.mq_schedules ADD COLUMN name text;

-- For operators: what will be sent, where and when.
CREATE OR REPLACE VIEW ${schema}.mq_scheduled AS
  SELECT s.id, s.parent_id, CASE WHEN s.topic THEN 'topic://' ELSE 'queue://' END || s.channel_name AS destination,
         nullif(s.next_at, 'infinity') AS next_at, s.cron, s.zone, s.delay * interval '1 millisecond' AS delay,
         s.period * interval '1 millisecond' AS period, nullif(s.repeats, -1) AS repeats, s.created_at, s.last_error,
         s.properties, coalesce(s.body_type, 'text') AS body_type, s.payload_text AS body, s.jms_type, s.name
    FROM ${schema}.mq_schedules s;

-- What was granted before -------------------------------------------------------------------------------------------------

-- Roles go on with what mq_grant gave them: whoever was granted that function by name gets the new one, unless somebody has granted it
-- already.
DO $body${tag}$
DECLARE
  v_grant text;
BEGIN
  FOR v_grant IN
    SELECT format('GRANT EXECUTE ON FUNCTION %s TO %s', n.oid::regprocedure, a.grantee::regrole)
      FROM pg_catalog.pg_proc o
      CROSS JOIN LATERAL pg_catalog.aclexplode(o.proacl) AS a
      JOIN pg_catalog.pg_proc n ON n.pronamespace = o.pronamespace
     WHERE o.oid = '${schemaText}.mq_grant(text, text)'::regprocedure::oid AND a.grantee NOT IN (0, o.proowner)
       AND NOT EXISTS (SELECT true FROM pg_catalog.aclexplode(n.proacl) AS b WHERE b.grantee NOT IN (0, n.proowner))
  LOOP
    EXECUTE v_grant;
  END LOOP;
END
$body${tag}$;
