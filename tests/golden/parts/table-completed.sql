-- Table «table», if an earlier definition made it
DO $xtrig$
DECLARE
    problem text;
BEGIN
    IF pg_catalog.obj_description(pg_catalog.to_regclass('«table»'), 'pg_class') LIKE 'xtrig:%' AND (
        (SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('«table»') AND attname IN («columns»)) < «number»
    ) THEN
        EXECUTE current_setting('xtrig.untrusted') INTO problem;
        IF problem IS NOT NULL THEN
            RAISE EXCEPTION '%', problem;
        END IF;
        ALTER TABLE «table»
