-- Preflight: stop here, before any change, if something is missing or someone else's
DO $xtrig$
DECLARE
    problem text;
BEGIN
    SELECT format('event trigger %s exists and was not made by xtrig; rename one of the two', evtname)
    INTO problem
    FROM pg_event_trigger
    WHERE evtname IN («triggers»)
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN («functions»)
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
