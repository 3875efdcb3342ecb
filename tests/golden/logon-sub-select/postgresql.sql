-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'allow_list': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- « preflight-usual: 'allow_list' | to_regprocedure('sec.allow_list()') | ('sec', 'allowed'), ('sec', 'logins')
        ('sec', 'allowed', 'who', 'varchar(128)', '', true),
        ('sec', 'allowed', 'program', 'varchar(64)', '', true),
        ('sec', 'allowed', 'until', 'timestamptz', '', true),
        ('sec', 'logins', 'at', 'timestamptz', '', true),
        ('sec', 'logins', 'who', 'varchar(128)', '', true),
        ('sec', 'logins', 'place', 'text', '', true)
    -- « preflight-columns-compared
        ('sec', 'allowed', ARRAY['who', 'program', 'until']),
        ('sec', 'logins', ARRAY['at', 'who', 'place'])
    -- « preflight-columns-gone
    -- « preflight-timeouts
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['dba']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
    -- « preflight-trust: ('sec', 'allow_list'), ('sec', 'allowed'), ('sec', 'logins') | 'sec' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('sec', 'allowed'), ('sec', 'logins') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
END
$xtrig$;

-- « new-schema: sec | sec
-- Table sec.allowed
CREATE TABLE IF NOT EXISTS sec.allowed (
    who varchar(128),
    program varchar(64),
    until timestamptz
);

-- « table-completed: sec.allowed | 'who', 'program', 'until' | 3
            ADD COLUMN IF NOT EXISTS who varchar(128),
            ADD COLUMN IF NOT EXISTS program varchar(64),
            ADD COLUMN IF NOT EXISTS until timestamptz;
-- « end-if

COMMENT ON TABLE sec.allowed IS 'xtrig:1:e26d91ce9508b407:sec';

-- Table sec.logins
CREATE TABLE IF NOT EXISTS sec.logins (
    at timestamptz,
    who varchar(128),
    place text
);

-- « table-completed: sec.logins | 'at', 'who', 'place' | 3
            ADD COLUMN IF NOT EXISTS at timestamptz,
            ADD COLUMN IF NOT EXISTS who varchar(128),
            ADD COLUMN IF NOT EXISTS place text;
-- « end-if

COMMENT ON TABLE sec.logins IS 'xtrig:1:bc69428055494cac:sec';

-- « definer: sec.allow_list
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
DECLARE
    denial text;
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | sec.allow_list | logon
        RETURN;
    END IF;
    <<guarded>>
    BEGIN
        -- An error here must not keep the denials below from being asked.
        BEGIN
            -- standby: skip. A write on a standby or in a read-only session would refuse the login.
            IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
                -- « log-line: not written | sec.allow_list | logon
                    'sec.logins', json_build_object(
                        'at', clock_timestamp(),
                        'who', session_user,
                        'place', current_setting('application_name') || ' at ' || coalesce(host(inet_client_addr()), 'here')
                    )
                );
            ELSE
                INSERT INTO sec.logins (at, who, place)
                VALUES (
                    clock_timestamp(),
                    session_user,
                    current_setting('application_name') || ' at ' || coalesce(host(inet_client_addr()), 'here')
                );
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
        EXCEPTION WHEN OTHERS OR assert_failure THEN
            -- « log-line: error | sec.allow_list | logon
                'sqlstate', SQLSTATE,
                'error', SQLERRM
            );
        END;
        IF NOT EXISTS (SELECT 1 FROM sec.allowed WHERE allowed.who = lower(session_user) AND (allowed.program IS NULL OR current_setting('application_name') LIKE allowed.program) AND allowed.until > clock_timestamp()) THEN
            denial := format('%s may not use %s', session_user, current_setting('application_name'));
            EXIT guarded;
        END IF;
        IF session_user = 'reports' OR session_user LIKE 'app\_%' THEN
            PERFORM set_config('application_name', CAST('xtrig' AS text), false);
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        -- « log-line: error | sec.allow_list | logon
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
    END IF;
-- « end-of-function: sec.allow_list | xtrig:1:09e0f9229e8f8c5f:sec

-- « preflight-again

-- « trigger: allow_list | logon | origin. It fires unless session_replication_role is replica. | login | sec.allow_list() | O | ENABLE | xtrig:1:de10ae37edd8f2ef:sec

COMMIT;
