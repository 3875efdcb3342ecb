-- « script: PostgreSQL 18
-- « preflight-bare: 'greet', 'silent', 'replica_only' | to_regprocedure('public.greet()'), to_regprocedure('public.silent()'), to_regprocedure('public.replica_only()') | ('public', 'greet'), ('public', 'replica_only'), ('public', 'silent') | 'public' | privilege_type = 'TRIGGER'

-- « definer: public.greet
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.greeted', 'true', false);
    -- « error-is-logged: login | public.greet | logon
-- « end-of-function: public.greet | xtrig:1:1114d0d2163ff0de:public

-- « definer: public.silent
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.silent', 'true', false);
    -- « error-is-logged: login | public.silent | logon
-- « end-of-function: public.silent | xtrig:1:d0f66f10ea4b1929:public

-- « definer: public.replica_only
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.replica', 'true', false);
    -- « error-is-logged: login | public.replica_only | logon
-- « end-of-function: public.replica_only | xtrig:1:a27c239ef8952724:public

-- « preflight-again

-- « trigger: greet | logon | always. It fires whatever session_replication_role is. | login | public.greet() | A | ENABLE ALWAYS | xtrig:1:70a8356d15cd1ab9:public

-- « trigger: silent | logon | disabled. It does not fire. | login | public.silent() | D | DISABLE | xtrig:1:c8462e32c4dbf7b8:public

-- « trigger: replica_only | logon | replica. It fires only where session_replication_role is replica. | login | public.replica_only() | R | ENABLE REPLICA | xtrig:1:5123ffeafbbbb5b0:public

-- « standby-flag

COMMIT;
