SELECT format('table %s exists and was not made by xtrig; say create: false, or rename one of the two', oid::regclass)
INTO problem
FROM pg_class
WHERE oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN («tables»))
  AND coalesce(obj_description(oid, 'pg_class'), '') NOT LIKE 'xtrig:%';
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
