-- « script: PostgreSQL 18
-- « preflight: 'firewall' | to_regprocedure('public.firewall()')
    -- « preflight-timeouts
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['dba']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
-- « preflight-done: ('public', 'firewall') | 'public' | privilege_type = 'TRIGGER'

-- « definer: public.firewall
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
DECLARE
    denial text;
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | public.firewall | logon
        RETURN;
    END IF;
    <<guarded>>
    BEGIN
        IF current_setting('application_name') = 'badapp' THEN
            denial := format('not from %s', host(inet_client_addr()));
            EXIT guarded;
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        -- « log-line: error | public.firewall | logon
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
    END IF;
-- « end-of-function: public.firewall | xtrig:1:deec5ad97e061532:public

-- « preflight-again

-- « trigger: firewall | logon | origin. It fires unless session_replication_role is replica. | login | public.firewall() | O | ENABLE | xtrig:1:564aa1c687abbdf9:public

COMMIT;
