-- Drop function «function»
DO $xtrig$
BEGIN
    IF EXISTS (
        SELECT FROM pg_proc WHERE oid = to_regprocedure('«signature»')
          AND obj_description(oid, 'pg_proc') LIKE 'xtrig:%'
    ) THEN
        DROP FUNCTION «signature»;
    END IF;
END
$xtrig$;
