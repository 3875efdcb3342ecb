-- « script: PostgreSQL 18
-- « preflight-bare: 'prepare' | to_regprocedure('public.prepare()') | ('public', 'prepare') | 'public' | privilege_type = 'TRIGGER'

-- « definer: public.prepare
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | public.prepare | logon
        ELSE
            CREATE TEMPORARY TABLE IF NOT EXISTS "Session data" (key text, value text NOT NULL, PRIMARY KEY (key));
            EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO %I', 'Session data', session_user);
        END IF;
    -- « error-is-logged: login | public.prepare | logon
-- « end-of-function: public.prepare | xtrig:1:422aaa2063913929:public

-- « preflight-again

-- « trigger: prepare | logon | origin. It fires unless session_replication_role is replica. | login | public.prepare() | O | ENABLE | xtrig:1:c41fed48e4336a19:public

COMMIT;
