-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('audit'), 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('audit'))
    THEN
        COMMENT ON SCHEMA audit IS 'xtrig:1::audit';
    END IF;
END
$xtrig$;

-- Function audit.hand_written
CREATE OR REPLACE FUNCTION audit.hand_written RETURN event_trigger IS
BEGIN
  audit.count(polar_login_user);
END;

COMMENT ON FUNCTION audit.hand_written() IS 'xtrig:1:b71b0c70f5dd7053:audit';

DROP EVENT TRIGGER IF EXISTS hand;

-- Trigger hand: logon
CREATE EVENT TRIGGER hand ON after_user_logon
    EXECUTE PROCEDURE audit.hand_written();

COMMENT ON EVENT TRIGGER hand IS 'xtrig:1:fabe6d4cc2729574:audit';
