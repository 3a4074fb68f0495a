-- A table with a non-ASCII comment: Größe.
CREATE TABLE ${schema}.mq_parcels (
  id bigint PRIMARY KEY,
  size text NOT NULL
);
CREATE FUNCTION ${schema}.mq_count() RETURNS bigint LANGUAGE sql SET search_path = ${schema}
  AS $$ SELECT count(*) FROM mq_parcels $$;
