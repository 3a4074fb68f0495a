-- Rights -----------------------------------------------------------------------------------------------------------------

-- What a role needs, in words of SQL after GRANT: docs/operating.md says what each kind may do.
CREATE FUNCTION ${schema}.mq_rights(p_what text) RETURNS SETOF text
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
CREATE FUNCTION ${schema}.mq_grant(p_role text, p_what text) RETURNS void
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
CREATE FUNCTION ${schema}.mq_revoke(p_role text) RETURNS void
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
