-- « script: PostgreSQL 18
-- « preflight: 'firewall' | to_regprocedure('public.firewall()')
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['dba']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
    -- « preflight-trust: ('public', 'firewall') | 'public'
END
$xtrig$;

-- « definer: public.firewall
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
    -- « error-is-logged: login | public.firewall | logon
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
    END IF;
-- « end-of-function: public.firewall | xtrig:1:41f498bb1fddf9c6:public

-- « trigger: firewall | logon | origin. It fires unless session_replication_role is replica. | login | public.firewall() | O | ENABLE | xtrig:1:564aa1c687abbdf9:public

COMMIT;
