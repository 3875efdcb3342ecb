-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: function 'init_session': deny at logon: nobody is exempt, so superusers, logical replication and pg_dump can be refused too [XT218]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- « preflight-usual: 'init_session' | to_regprocedure('public.init_session()') | ('public', 'user_login_log')
        ('public', 'user_login_log', 'user', 'text', '', true),
        ('public', 'user_login_log', 'session_start', 'timestamptz', '', true)
    -- « preflight-columns-compared
        ('public', 'user_login_log', ARRAY['user', 'session_start'])
    -- « preflight-columns-gone
    -- « preflight-roles: 'night_worker', 'day_worker'
    -- « preflight-timeouts
    -- « preflight-trust: ('public', 'init_session'), ('public', 'user_login_log') | 'public' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('public', 'user_login_log') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
END
$xtrig$;

-- Table public.user_login_log
CREATE TABLE IF NOT EXISTS public.user_login_log (
    "user" text,
    session_start timestamptz
);

-- « table-completed: public.user_login_log | 'user', 'session_start' | 2
            ADD COLUMN IF NOT EXISTS "user" text,
            ADD COLUMN IF NOT EXISTS session_start timestamptz;
-- « end-if

COMMENT ON TABLE public.user_login_log IS 'xtrig:1:a5db110f5646e87d:public';

-- « definer: public.init_session
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    -- on_error: deny. An error below refuses the login.
    IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer between 2 and 4 THEN
        RAISE EXCEPTION USING
            MESSAGE = 'Login forbidden',
            ERRCODE = 'insufficient_privilege';
    END IF;
    -- standby: skip. A write on a standby or in a read-only session would refuse the login.
    IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
        -- « log-line: not written | public.init_session | logon
            'public.user_login_log', json_build_object(
                'user', session_user,
                'session_start', clock_timestamp()
            )
        );
    ELSE
        IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer between 8 and 20 THEN
            IF EXISTS (
                SELECT FROM pg_auth_members AS m
                JOIN pg_roles AS granted ON granted.oid = m.roleid
                JOIN pg_roles AS member ON member.oid = m.member
                WHERE granted.rolname = 'night_worker' AND member.rolname = session_user
            ) THEN
                EXECUTE format('REVOKE %I FROM %I', 'night_worker', session_user);
            END IF;
            -- « grant-role: day_worker | session_user
        ELSE
            IF EXISTS (
                SELECT FROM pg_auth_members AS m
                JOIN pg_roles AS granted ON granted.oid = m.roleid
                JOIN pg_roles AS member ON member.oid = m.member
                WHERE granted.rolname = 'day_worker' AND member.rolname = session_user
            ) THEN
                EXECUTE format('REVOKE %I FROM %I', 'day_worker', session_user);
            END IF;
            -- « grant-role: night_worker | session_user
        END IF;
        CREATE TEMPORARY TABLE IF NOT EXISTS session_storage (x float, y integer);
        EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO %I', 'session_storage', session_user);
        INSERT INTO public.user_login_log ("user", session_start)
        VALUES (session_user, clock_timestamp());
    END IF;
-- « end-of-function: public.init_session | xtrig:1:99caa3047d2b07e7:public

-- « preflight-again

-- « trigger: init_session | logon | always. It fires whatever session_replication_role is. | login | public.init_session() | A | ENABLE ALWAYS | xtrig:1:6c0465d822fd5316:public

COMMIT;
