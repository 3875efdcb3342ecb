-- « script: PostgreSQL 18
-- « preflight: 'maintenance' | to_regprocedure('public.maintenance()')
    -- « preflight-timeouts
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['dba', 'o''brien']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
-- « preflight-done: ('public', 'maintenance') | 'public' | privilege_type = 'TRIGGER'

-- « definer: public.maintenance
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba', 'o''brien') THEN
        -- « log-line-alone: exempt | public.maintenance | logon
        RETURN;
    END IF;
    -- on_error: deny. An error below refuses the login.
    IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer < 6 THEN
        RAISE EXCEPTION USING
            MESSAGE = format('closed for %s until 6:00 (100%%)', session_user),
            ERRCODE = 'insufficient_privilege';
    END IF;
-- « end-of-function: public.maintenance | xtrig:1:b7159adbc8b2b035:public

-- « preflight-again

-- « trigger: maintenance | logon | origin. It fires unless session_replication_role is replica. | login | public.maintenance() | O | ENABLE | xtrig:1:a6fc4d067612050d:public

COMMIT;
