-- « script: PostgreSQL 18
-- « preflight-bare: 'greet' | to_regprocedure('public.greet()') | ('public', 'greet') | 'public' | privilege_type = 'TRIGGER'

-- « definer: public.greet
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        RAISE LOG '%', format('100%% of %s from %s', session_user, host(inet_client_addr()));
    -- « error-is-logged: login | public.greet | logon
-- « end-of-function: public.greet | xtrig:1:f89eec2ed4414d80:public

-- « preflight-again

-- « trigger: greet | logon | origin. It fires unless session_replication_role is replica. | login | public.greet() | O | ENABLE | xtrig:1:3506a2a28aeb20f4:public

COMMIT;
