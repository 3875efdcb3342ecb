BEGIN
    IF EXISTS (
        SELECT FROM pg_namespace WHERE oid = to_regnamespace('«schema»')::oid
          AND pg_catalog.obj_description(oid, 'pg_namespace') LIKE 'xtrig:%'
    ) THEN
        DROP SCHEMA «schema»;
    END IF;
    EXCEPTION WHEN dependent_objects_still_exist THEN
        NULL;
END
$xtrig$;
