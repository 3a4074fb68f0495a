-- A claimed row as consumers read it; what its columns are is said in ClaimedColumn. The length of a text or bytea is known
-- without reading it; of JSON, which is stored compressed, it is only asked where that may matter.
CREATE TYPE ${schema}.mq_claimed AS (
  {{claimed-type}});

-- How many bytes of a message count: what travels to who receives it, but what the provider adds. The names that it
-- gives count from 256 bytes on, what parking adds to a dead letter not at all. Written so that it is expanded where it is used.
CREATE FUNCTION ${schema}.mq_octets(
  p_destination text, p_reply_to text, p_correlation_id text, p_jms_type text, p_redelivery_policy text, p_dead_origin text,
  p_dead_reason text, p_body_type text, p_text text, p_bytes bytea, p_properties text, p_property_types text)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $body${tag}$
  SELECT coalesce(pg_catalog.octet_length(p_text), 0)::bigint + coalesce(pg_catalog.octet_length(p_bytes), 0)
       + coalesce(pg_catalog.octet_length(p_properties), 0) + coalesce(pg_catalog.octet_length(p_property_types), 0)
       + coalesce(pg_catalog.octet_length(p_reply_to), 0) + coalesce(pg_catalog.octet_length(p_correlation_id), 0)
       + coalesce(pg_catalog.octet_length(p_jms_type), 0) + coalesce(pg_catalog.octet_length(p_redelivery_policy), 0)
       + greatest(0, coalesce(pg_catalog.octet_length(p_body_type), 0) - 256)
       + greatest(0, coalesce(pg_catalog.octet_length(p_destination), 0) - 256)
       + coalesce(pg_catalog.octet_length(p_dead_reason), 0)
       + CASE WHEN p_dead_origin IS NULL THEN 0 ELSE pg_catalog.octet_length(p_dead_origin) - 131072 END
$body${tag}$;

-- mq_claim locks p_limit due or ready rows of a channel (more when priorities want it) until the transaction ends and
-- returns them in no order. Range i covers the ranks p_lo[i] to p_hi[i], in p_lo[i] from sequence number p_floor[i] on. Left out
-- are rows that the caller holds already (p_held, by seq) or wrote in this transaction (p_own, by xmin). p_blocking: nothing
-- while a message of the channel backs off. p_most: bytes that a message may have, see mq_claimed. p_grouped: of grouped rows as many again, see mq_claim_grouped, to which the
-- parameters before it belong; otherwise only if the others are too few. p_me: the caller as an owner of leases, whose own are
-- its to renew also when they have run out. p_lapsed false: so are everybody's, but those that were ended (due since 1970).
-- p_since: where rows that wait begin, see mq_first_waiting; null: anywhere. What was given back at once is then claimed by
-- itself, with ready rows of a better rank.
CREATE FUNCTION ${schema}.mq_claim(
  p_channel text, p_limit integer, p_lo smallint[], p_hi smallint[], p_floor bigint[], p_unlogged_floor bigint[],
  p_unlogged_first boolean, p_held bigint[], p_own xid[], p_blocking boolean, p_grouped_floor bigint[] DEFAULT '{0}',
  p_in_order boolean DEFAULT true, p_tokens bigint[] DEFAULT '{}', p_overtake boolean DEFAULT false,
  p_grouped boolean DEFAULT true, p_me integer DEFAULT 0, p_lapsed boolean DEFAULT true,
  p_most bigint DEFAULT 1000000000, p_since bigint[] DEFAULT NULL)
RETURNS SETOF ${schema}.mq_claimed
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_sort = off SET jit = off
SET search_path = pg_catalog, pg_temp
AS $body${tag}$
DECLARE
  v_rest integer := p_limit;
  v_unlogged boolean := p_unlogged_first;
  v_found integer;
  v_any boolean;
  v_ready boolean;
BEGIN
  IF p_blocking AND ${schema}.mq_backs_off(p_channel) THEN
    RETURN;
  END IF;
  IF p_grouped THEN
    {{claim-groups}}
  END IF;
  FOR i IN 1..2 LOOP
    IF v_unlogged THEN
      {{claim-ungrouped table=mq_msgs_unlogged unlogged=true floor=p_unlogged_floor payloads=mq_payloads_unlogged place=7}}
    ELSE
      {{claim-ungrouped table=mq_msgs unlogged=false floor=p_floor payloads=mq_payloads place=1}}
    END IF;
    EXIT WHEN v_rest <= 0;
    v_unlogged := NOT v_unlogged;
  END LOOP;
  IF NOT p_grouped AND v_rest > 0 THEN
    {{claim-groups}}
  END IF;
END
$body${tag}$;
