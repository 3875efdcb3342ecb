-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'replica_only': enable: replica: with no other login trigger, hot standbys refuse every login to this database [XT212]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

SET LOCAL lock_timeout = '1s';

-- « preflight-bare: 'replica_only' | to_regprocedure('public.replica_only()') | ('public', 'replica_only') | 'public' | privilege_type = 'TRIGGER'

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

-- « trigger: replica_only | logon | replica. It fires only where session_replication_role is replica. | login | public.replica_only() | R | ENABLE REPLICA | xtrig:1:5123ffeafbbbb5b0:public

COMMIT;
