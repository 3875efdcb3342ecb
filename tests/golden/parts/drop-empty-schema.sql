BEGIN
    IF EXISTS (
        SELECT FROM pg_namespace WHERE oid = to_regnamespace('«schema»')
          AND obj_description(oid, 'pg_namespace') LIKE 'xtrig:%'
    ) THEN
        DROP SCHEMA «schema»;
    END IF;
    EXCEPTION WHEN dependent_objects_still_exist THEN
        NULL;
END
$xtrig$;
