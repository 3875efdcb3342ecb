-- « script: PostgreSQL 18
-- « preflight-usual: 'no_drop_by_day', 'drops' | to_regprocedure('guard.no_drop_by_day()'), to_regprocedure('guard.drops()') | ('guard', 'refused')
        ('guard', 'refused', 'at', 'timestamptz', '', true),
        ('guard', 'refused', 'who', 'varchar(128)', '', true),
        ('guard', 'refused', 'command', 'varchar(100)', '', true)
    -- « preflight-columns-compared
        ('guard', 'refused', ARRAY['at', 'who', 'command'])
    -- « preflight-columns-gone
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['release', 'Emergency']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
    -- « preflight-trust: ('guard', 'drops'), ('guard', 'no_drop_by_day'), ('guard', 'refused') | 'guard' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('guard', 'refused') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
    -- no_drop_by_day would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'no_drop_by_day') THEN
        ALTER EVENT TRIGGER no_drop_by_day DISABLE;
    END IF;
    -- drops would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'drops') THEN
        ALTER EVENT TRIGGER drops DISABLE;
-- « end-if

-- « new-schema: guard | guard
-- Table guard.refused
CREATE TABLE IF NOT EXISTS guard.refused (
    at timestamptz,
    who varchar(128),
    command varchar(100)
);

-- « table-completed: guard.refused | 'at', 'who', 'command' | 3
            ADD COLUMN IF NOT EXISTS at timestamptz,
            ADD COLUMN IF NOT EXISTS who varchar(128),
            ADD COLUMN IF NOT EXISTS command varchar(100);
-- « end-if

COMMENT ON TABLE guard.refused IS 'xtrig:1:f4cba380be2730d0:guard';

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
    IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer BETWEEN 8 AND 19 OR session_user LIKE 'app\_%' THEN
        RAISE EXCEPTION USING
            MESSAGE = format('%s by %s only at night', tg_tag, session_user),
            ERRCODE = 'insufficient_privilege';
    END IF;
-- « end-of-function: guard.no_drop_by_day | xtrig:1:a6277e78e66a1efd:guard

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
                INSERT INTO guard.refused (at, who, command)
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
-- « end-of-function: guard.drops | xtrig:1:c9a277ac5db076d1:guard

-- « preflight-again

-- Trigger no_drop_by_day: ddl_command_start
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'no_drop_by_day' AND evtevent = 'ddl_command_start'
          AND evtfoid = to_regprocedure('guard.no_drop_by_day()') AND evttags = ARRAY['DROP TABLE', 'ALTER TABLE', 'COMMENT']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS no_drop_by_day;
        CREATE EVENT TRIGGER no_drop_by_day ON ddl_command_start
            WHEN TAG IN ('DROP TABLE', 'ALTER TABLE', 'COMMENT')
            EXECUTE FUNCTION guard.no_drop_by_day();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'no_drop_by_day') <> 'O' THEN
        ALTER EVENT TRIGGER no_drop_by_day ENABLE;
-- « end-if

COMMENT ON EVENT TRIGGER no_drop_by_day IS 'xtrig:1:e08ab6e25c0e07ee:guard';

-- « trigger: drops | sql_drop | origin. It fires unless session_replication_role is replica. | sql_drop | guard.drops() | O | ENABLE | xtrig:1:ff926edf79ff42b0:guard

COMMIT;
