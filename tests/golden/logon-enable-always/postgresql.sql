-- « script: PostgreSQL 18
-- « preflight-bare: 'greet', 'silent', 'replica_only' | to_regprocedure('public.greet()'), to_regprocedure('public.silent()'), to_regprocedure('public.replica_only()') | ('public', 'greet'), ('public', 'replica_only'), ('public', 'silent') | 'public'

-- « definer: public.greet
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.greeted', 'true', false);
    -- « error-is-logged: login | public.greet | logon
-- « end-of-function: public.greet | xtrig:1:8d688c0057f9cea9:public

-- « definer: public.silent
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.silent', 'true', false);
    -- « error-is-logged: login | public.silent | logon
-- « end-of-function: public.silent | xtrig:1:338fc9f31d62d8e4:public

-- « definer: public.replica_only
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.replica', 'true', false);
    -- « error-is-logged: login | public.replica_only | logon
-- « end-of-function: public.replica_only | xtrig:1:1995e98c6fdf8bcb:public

-- « trigger: greet | logon | always. It fires whatever session_replication_role is. | login | public.greet() | A | ENABLE ALWAYS | xtrig:1:70a8356d15cd1ab9:public

-- « trigger: silent | logon | disabled. It does not fire. | login | public.silent() | D | DISABLE | xtrig:1:c8462e32c4dbf7b8:public

-- « trigger: replica_only | logon | replica. It fires only where session_replication_role is replica. | login | public.replica_only() | R | ENABLE REPLICA | xtrig:1:5123ffeafbbbb5b0:public

-- « standby-flag

COMMIT;
