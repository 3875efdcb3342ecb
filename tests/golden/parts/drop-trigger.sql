-- Drop trigger «trigger»
DO $xtrig$
BEGIN
    IF EXISTS (
        SELECT FROM pg_event_trigger WHERE evtname = '«trigger»'
          AND obj_description(oid, 'pg_event_trigger') LIKE 'xtrig:%'
    ) THEN
        DROP EVENT TRIGGER «trigger»;
    END IF;
END
$xtrig$;
