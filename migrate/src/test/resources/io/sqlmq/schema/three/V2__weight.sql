ALTER TABLE ${schema}.mq_parcels ADD COLUMN weight integer;
