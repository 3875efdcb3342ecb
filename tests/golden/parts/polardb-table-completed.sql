-- Table «table», if an earlier definition made it
DO LANGUAGE plpgsql $xtrig$
BEGIN
    IF pg_catalog.obj_description(pg_catalog.to_regclass('«table»')::oid, 'pg_class') LIKE 'xtrig:%' AND (
        (SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('«table»')::oid AND attname IN («columns»)) < «number»
    ) THEN
        ALTER TABLE «table»
