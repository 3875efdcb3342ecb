-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text

-- Trigger no_drop_by_day rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS no_drop_by_day;

-- Trigger drops rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS drops;

-- « schema: guard
-- « polardb-mark-schema: guard | xtrig:1::guard
-- Table guard.refused
CREATE TABLE IF NOT EXISTS guard.refused (
    "at" timestamptz,
    who varchar(128),
    command varchar(100)
);

-- « polardb-table-completed: guard.refused | 'at', 'who', 'command' | 3
            ADD COLUMN IF NOT EXISTS "at" timestamptz,
            ADD COLUMN IF NOT EXISTS who varchar(128),
            ADD COLUMN IF NOT EXISTS command varchar(100);
-- « end-if

-- « polardb-mark-table: guard.refused | xtrig:1:f4cba380be2730d0:guard
-- « definer: guard.no_drop_by_day
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('release', 'Emergency') THEN
        -- « log-line-alone: exempt | guard.no_drop_by_day | ddl_command_start
        RETURN;
    END IF;
    -- on_error: deny. An error below stops the command.
    IF extract(hour FROM timezone('UTC', clock_timestamp()))::integer BETWEEN 8 AND 19 OR session_user LIKE 'app\_%' THEN
        RAISE EXCEPTION USING
            MESSAGE = format('%s by %s only at night', tg_tag, session_user),
            ERRCODE = 'insufficient_privilege';
-- « end-if

COMMENT ON FUNCTION guard.no_drop_by_day() IS 'xtrig:1:e115a41e2778ca49:guard';

-- « definer: guard.drops
    SET quote_all_identifiers = off
    -- A bound of the user's own would make an error here, and errors let the command through.
    SET lock_timeout = 0
AS $xtrig$
DECLARE
    dropped_object record;
BEGIN
    BEGIN
        FOR dropped_object IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
            IF dropped_object.schema_name NOT IN ('scratch', 'tmp') THEN
                INSERT INTO guard.refused ("at", who, command)
                VALUES (clock_timestamp(), session_user, tg_tag || ' ' || dropped_object.object_identity);
            END IF;
        END LOOP;
    -- on_error: allow. The command goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        -- « log-line: error | guard.drops | sql_drop
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
END
$xtrig$;

COMMENT ON FUNCTION guard.drops() IS 'xtrig:1:d780519d8aa30952:guard';

-- Trigger no_drop_by_day: ddl_command_start
CREATE EVENT TRIGGER no_drop_by_day ON ddl_command_start
    WHEN TAG IN ('DROP TABLE', 'ALTER TABLE', 'COMMENT')
    EXECUTE PROCEDURE guard.no_drop_by_day();

COMMENT ON EVENT TRIGGER no_drop_by_day IS 'xtrig:1:abe9a210d75d7968:guard';

-- Trigger drops: sql_drop
CREATE EVENT TRIGGER drops ON sql_drop
    EXECUTE PROCEDURE guard.drops();

COMMENT ON EVENT TRIGGER drops IS 'xtrig:1:a4cbb084d289342d:guard';
