-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'off': logoff on postgresql 18: PostgreSQL has no logoff event; it is left out, as if_unsupported: skip says [XT201]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- « preflight-usual: 'on', 'firewall' | to_regprocedure('audit.note()'), to_regprocedure('audit.firewall()') | ('audit', 'log')
        ('audit', 'log', 'who', 'text', '', true),
        ('audit', 'log', 'at', 'timestamptz', '', true),
        ('audit', 'log', 'event', 'text', '', true)
    -- « preflight-columns-compared
        ('audit', 'log', ARRAY['who', 'at', 'event'])
    -- « preflight-columns-gone
    -- « preflight-timeouts
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['dba']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
    -- « preflight-trust: ('app', 'count'), ('app', 'tidy'), ('audit', 'firewall'), ('audit', 'log'), ('audit', 'note') | 'app', 'audit' | privilege_type = 'TRIGGER' OR (privilege_type = 'CREATE' AND is_named AND name IN ('app'))
    -- « preflight-default-privileges: ('audit', 'log') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | 'app'
    -- « preflight-end
END
$xtrig$;

-- « new-schema: audit | audit
-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    who text,
    at timestamptz,
    event text
);

-- « table-completed: audit.log | 'who', 'at', 'event' | 3
            ADD COLUMN IF NOT EXISTS who text,
            ADD COLUMN IF NOT EXISTS at timestamptz,
            ADD COLUMN IF NOT EXISTS event text;
-- « end-if

COMMENT ON TABLE audit.log IS 'xtrig:1:2d8e644070b46985:audit';

-- « definer: audit.note
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | audit.note | logon
        RETURN;
    END IF;
    -- durability: relaxed. The login does not wait for the disk or for a synchronous standby.
    PERFORM set_config('synchronous_commit', 'off', true);
    BEGIN
        IF 1 = 1 THEN
            PERFORM set_config('app.user', CAST(session_user AS text), true);
        END IF;
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | audit.note | logon
        ELSE
            IF 'logon' = 'logon' THEN
                INSERT INTO audit.log (who, at, event)
                VALUES (session_user, clock_timestamp(), 'logon');
            END IF;
            PERFORM app.count(host(inet_client_addr()), extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer, true);
            CALL app.tidy();
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | audit.note | logon
-- « end-of-function: audit.note | xtrig:1:db6ab3e562c5951c:audit

-- « definer: audit.firewall
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- A bound of the user's own would make an error here, and errors let the command through.
    SET lock_timeout = 0
    -- timeout: a login is refused when it takes longer; statement_timeout does not bound it.
    SET transaction_timeout = '5s'
AS $xtrig$
DECLARE
    denial text;
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | audit.firewall | logon
        RETURN;
    END IF;
    <<guarded>>
    BEGIN
        IF current_setting('application_name') = 'badapp' THEN
            denial := 'not you';
            EXIT guarded;
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        -- « log-line: error | audit.firewall | logon
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
    END IF;
-- « end-of-function: audit.firewall | xtrig:1:88420188814f85a9:audit

-- « preflight-again

-- Trigger on: logon
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'on' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('audit.note()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS "on";
        CREATE EVENT TRIGGER "on" ON login
            EXECUTE FUNCTION audit.note();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'on') <> 'O' THEN
        ALTER EVENT TRIGGER "on" ENABLE;
-- « end-if

COMMENT ON EVENT TRIGGER "on" IS 'xtrig:1:a2686f33c4bea8b7:audit';

-- « trigger: firewall | logon | origin. It fires unless session_replication_role is replica. | login | audit.firewall() | O | ENABLE | xtrig:1:9ab7cca61c57d951:audit

COMMIT;
