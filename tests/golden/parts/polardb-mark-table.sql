DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('«table»')::oid, 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM «table»)
    THEN
        COMMENT ON TABLE «table» IS '«mark»';
    END IF;
END
$xtrig$;

