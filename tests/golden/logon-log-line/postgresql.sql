-- « script: PostgreSQL 18
-- « preflight-bare: 'greet' | to_regprocedure('public.greet()') | ('public', 'greet') | 'public'

-- « definer: public.greet
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        RAISE LOG '%', format('100%% of %s from %s', session_user, host(inet_client_addr()));
    -- « error-is-logged: login | public.greet | logon
-- « end-of-function: public.greet | xtrig:1:af0bc9fa587177bf:public

-- « trigger: greet | logon | origin. It fires unless session_replication_role is replica. | login | public.greet() | O | ENABLE | xtrig:1:3506a2a28aeb20f4:public

COMMIT;
