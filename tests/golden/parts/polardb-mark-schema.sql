DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('«schema»')::oid, 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('«schema»')::oid)
    THEN
        COMMENT ON SCHEMA «schema» IS '«mark»';
    END IF;
END
$xtrig$;

