-- Deletes a subscription that the caller has locked.
CREATE FUNCTION ${schema}.mq_drop_subscription(p_channel text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_topic text;
BEGIN
  DELETE FROM ${schema}.mq_subscriptions s WHERE s.channel = p_channel RETURNING s.topic INTO v_topic;
  IF v_topic IS NOT NULL THEN
    DELETE FROM ${schema}.mq_subscribers s WHERE s.channel = p_channel;
    INSERT INTO ${schema}.mq_gone_channels (channel) VALUES (p_channel);
    PERFORM ${schema}.mq_topic_changed(v_topic);
  END IF;
END
$body${tag}$;

-- Adds a consumer to a subscription, which is created if need be. Returns its channel, or why not:
--   active   an unshared subscription has its consumer (holders: the processes that have it)
--   sharing  the name is that of a subscription of the other kind, shared or unshared
--   differs  the subscription is for another topic or selector and has consumers (holders)
CREATE FUNCTION ${schema}.mq_subscribe(
  p_topic text, p_pattern text, p_name text, p_client_id text, p_shared boolean, p_durable boolean, p_selector text, p_no_local text,
  p_owner integer, p_consumer bigint)
RETURNS TABLE (channel text, refusal text, holders integer[])
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_known ${schema}.mq_subscriptions;
  v_channel text;
  v_holders integer[];
BEGIN
  LOOP
    IF p_name IS NOT NULL THEN
      SELECT s.* INTO v_known FROM ${schema}.mq_subscriptions s
       WHERE s.client_id = p_client_id AND s.name = p_name AND s.durable = p_durable FOR UPDATE;
    END IF;
    IF v_known.channel IS NOT NULL THEN
      v_holders := ARRAY(SELECT DISTINCT s.owner FROM ${schema}.mq_subscribers s WHERE s.channel = v_known.channel);
      IF v_known.shared <> p_shared THEN
        RETURN QUERY SELECT NULL::text, 'sharing', v_holders;
        RETURN;
      ELSIF NOT p_shared AND v_holders <> '{}' THEN
        RETURN QUERY SELECT NULL::text, 'active', v_holders;
        RETURN;
      ELSIF v_known.topic = p_topic AND v_known.pattern IS NOT DISTINCT FROM p_pattern
            AND v_known.selector IS NOT DISTINCT FROM p_selector
            AND v_known.no_local IS NOT DISTINCT FROM p_no_local THEN
        v_channel := v_known.channel;
      ELSIF v_holders <> '{}' THEN
        RETURN QUERY SELECT NULL::text, 'differs', v_holders;
        RETURN;
      ELSE
        IF v_known.topic > p_topic THEN
          -- The order of locks; the version changes once more below.
          PERFORM ${schema}.mq_topic_changed(p_topic);
        END IF;
        PERFORM ${schema}.mq_drop_subscription(v_known.channel);
      END IF;
    END IF;
    IF v_channel IS NULL THEN
      INSERT INTO ${schema}.mq_subscriptions
        (channel, topic, name, client_id, shared, durable, selector, no_local, pattern)
      VALUES ('s:' || nextval('${schemaText}.mq_subscription_seq'), p_topic, p_name, p_client_id, p_shared, p_durable,
              p_selector, p_no_local, p_pattern)
      ON CONFLICT (client_id, name, durable) WHERE name IS NOT NULL DO NOTHING
      RETURNING mq_subscriptions.channel INTO v_channel;
      CONTINUE WHEN v_channel IS NULL;
      PERFORM ${schema}.mq_topic_changed(p_topic);
    END IF;
    INSERT INTO ${schema}.mq_subscribers (channel, owner, consumer) VALUES (v_channel, p_owner, p_consumer);
    RETURN QUERY SELECT v_channel, NULL::text, NULL::integer[];
    RETURN;
  END LOOP;
END
$body${tag}$;

-- Puts a consumer back that was taken off its subscription by others, who took its process for dead, or by hand. Returns
-- whether it could be: not when the subscription is gone, or unshared and in other hands.
CREATE FUNCTION ${schema}.mq_return_to_subscription(p_channel text, p_owner integer, p_consumer bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_shared boolean;
BEGIN
  SELECT s.shared INTO v_shared FROM ${schema}.mq_subscriptions s WHERE s.channel = p_channel FOR UPDATE;
  IF NOT FOUND OR NOT v_shared AND EXISTS (SELECT FROM ${schema}.mq_subscribers s WHERE s.channel = p_channel) THEN
    RETURN false;
  END IF;
  INSERT INTO ${schema}.mq_subscribers (channel, owner, consumer) VALUES (p_channel, p_owner, p_consumer)
  ON CONFLICT DO NOTHING;
  RETURN true;
END
$body${tag}$;

-- Takes consumers off a subscription; one that is not durable goes with its last consumer. p_consumer null: all of
-- the owner's.
CREATE FUNCTION ${schema}.mq_leave_subscription(p_channel text, p_owner integer, p_consumer bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_durable boolean;
BEGIN
  SELECT s.durable INTO v_durable FROM ${schema}.mq_subscriptions s WHERE s.channel = p_channel FOR UPDATE;
  DELETE FROM ${schema}.mq_subscribers s
   WHERE s.channel = p_channel AND s.owner = p_owner AND (p_consumer IS NULL OR s.consumer = p_consumer);
  IF NOT v_durable AND NOT EXISTS (SELECT FROM ${schema}.mq_subscribers s WHERE s.channel = p_channel) THEN
    PERFORM ${schema}.mq_drop_subscription(p_channel);
  END IF;
END
$body${tag}$;

-- Deletes a durable subscription. found: there is one; holders: not deleted, because these processes consume from it.
CREATE FUNCTION ${schema}.mq_unsubscribe(p_name text, p_client_id text)
RETURNS TABLE (found boolean, holders integer[])
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
#variable_conflict use_column
DECLARE
  v_channel text;
  v_holders integer[];
BEGIN
  SELECT s.channel INTO v_channel FROM ${schema}.mq_subscriptions s
   WHERE s.client_id = p_client_id AND s.name = p_name AND s.durable FOR UPDATE;
  v_holders := ARRAY(SELECT DISTINCT s.owner FROM ${schema}.mq_subscribers s WHERE s.channel = v_channel);
  IF v_channel IS NOT NULL AND v_holders = '{}' THEN
    PERFORM ${schema}.mq_drop_subscription(v_channel);
  END IF;
  RETURN QUERY SELECT v_channel IS NOT NULL, v_holders;
END
$body${tag}$;

-- From now on the queue gets what is published to the topic, or to those that match the pattern (then p_topic is '').
CREATE FUNCTION ${schema}.mq_bind_queue(p_queue text, p_topic text, p_pattern text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
BEGIN
  INSERT INTO ${schema}.mq_subscriptions (channel, topic, client_id, shared, durable, pattern, to_queue)
  VALUES (p_queue, p_topic, '', true, true, p_pattern, true)
  ON CONFLICT (channel) DO NOTHING;
  IF FOUND THEN
    PERFORM ${schema}.mq_topic_changed(p_topic);
  END IF;
END
$body${tag}$;

-- Ends that. What is in the queue stays. Returns whether there was anything to end.
CREATE FUNCTION ${schema}.mq_unbind_queue(p_queue text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_topic text;
BEGIN
  DELETE FROM ${schema}.mq_subscriptions s WHERE s.channel = p_queue AND s.to_queue RETURNING s.topic INTO v_topic;
  IF v_topic IS NULL THEN
    RETURN false;
  END IF;
  PERFORM ${schema}.mq_topic_changed(v_topic);
  RETURN true;
END
$body${tag}$;
