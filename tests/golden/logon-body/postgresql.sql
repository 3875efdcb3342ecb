-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- Preflight: stop here, before any change, if something is missing or someone else's
DO $xtrig$
DECLARE
    problem text;
BEGIN
    SELECT format('event trigger %s exists and was not made by xtrig; rename one of the two', evtname)
    INTO problem
    FROM pg_event_trigger
    WHERE evtname IN ('hand')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('audit.hand_written()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

-- Function audit.hand_written
CREATE OR REPLACE FUNCTION audit.hand_written()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
    -- timeout: a login is refused when it takes longer; statement_timeout does not bound it.
    SET transaction_timeout = '5s'
AS $xtrig1$begin
  raise log '$$ % $xtrig$', session_user;
end
$xtrig1$;

REVOKE ALL ON FUNCTION audit.hand_written() FROM PUBLIC;

COMMENT ON FUNCTION audit.hand_written() IS 'xtrig:1:4da8d4f7359fb195:audit';

-- Trigger hand: logon
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'hand' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('audit.hand_written()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS hand;
        CREATE EVENT TRIGGER hand ON login
            EXECUTE FUNCTION audit.hand_written();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'hand') <> 'O' THEN
        ALTER EVENT TRIGGER hand ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER hand IS 'xtrig:1:8f4232093e7f38e7:audit';

COMMIT;
