-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: function 'init_session': deny at logon: nobody is exempt, so superusers, logical replication and pg_dump can be refused too [XT218]

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- Preflight: stop here, before any change, if something is missing or someone else's
DO $xtrig$
DECLARE
    problem text;
BEGIN
    SELECT format('event trigger %s exists and was not made by xtrig; rename one of the two', evtname)
    INTO problem
    FROM pg_event_trigger
    WHERE evtname IN ('init_session')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.init_session()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s exists and was not made by xtrig; say create: false, or rename one of the two', oid::regclass)
    INTO problem
    FROM pg_class
    WHERE oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('public', 'user_login_log')))
      AND coalesce(obj_description(oid, 'pg_class'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('role %I does not exist; create it first', wanted)
    INTO problem
    FROM unnest(ARRAY['night_worker', 'day_worker']) AS wanted
    WHERE to_regrole(quote_ident(wanted)) IS NULL;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- The functions write with their owner's rights: only where nobody else can put a trigger.
    SELECT format('schema %I belongs to %I, who could become superuser by it; use a schema of your own', nspname, owner.rolname)
    INTO problem
    FROM pg_namespace JOIN pg_roles AS owner
      ON owner.oid = CASE WHEN nspowner = to_regrole('pg_database_owner') THEN (SELECT datdba FROM pg_database WHERE datname = current_database()) ELSE nspowner END
    WHERE nspname IN ('public') AND NOT (owner.rolsuper OR owner.rolname = current_user);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s belongs to %I, who could become superuser by it; give it to a superuser', pg_class.oid::regclass, owner.rolname)
    INTO problem
    FROM pg_class JOIN pg_roles AS owner ON owner.oid = relowner
    WHERE pg_class.oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('public', 'user_login_log')))
      AND NOT (owner.rolsuper OR owner.rolname = current_user);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;

-- Table public.user_login_log
CREATE TABLE IF NOT EXISTS public.user_login_log (
    "user" text,
    session_start timestamptz
);

COMMENT ON TABLE public.user_login_log IS 'xtrig:1:a5db110f5646e87d:public';

-- Function public.init_session
CREATE OR REPLACE FUNCTION public.init_session()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
    -- timeout: a login is refused when it takes longer; statement_timeout does not bound it.
    SET transaction_timeout = '5s'
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
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'not written',
            'function', 'public.init_session',
            'event', 'logon',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
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
            IF NOT EXISTS (
                SELECT FROM pg_auth_members AS m
                JOIN pg_roles AS granted ON granted.oid = m.roleid
                JOIN pg_roles AS member ON member.oid = m.member
                WHERE granted.rolname = 'day_worker' AND member.rolname = session_user
            ) AND session_user <> 'day_worker' THEN
                EXECUTE format('GRANT %I TO %I', 'day_worker', session_user);
            END IF;
        ELSE
            IF EXISTS (
                SELECT FROM pg_auth_members AS m
                JOIN pg_roles AS granted ON granted.oid = m.roleid
                JOIN pg_roles AS member ON member.oid = m.member
                WHERE granted.rolname = 'day_worker' AND member.rolname = session_user
            ) THEN
                EXECUTE format('REVOKE %I FROM %I', 'day_worker', session_user);
            END IF;
            IF NOT EXISTS (
                SELECT FROM pg_auth_members AS m
                JOIN pg_roles AS granted ON granted.oid = m.roleid
                JOIN pg_roles AS member ON member.oid = m.member
                WHERE granted.rolname = 'night_worker' AND member.rolname = session_user
            ) AND session_user <> 'night_worker' THEN
                EXECUTE format('GRANT %I TO %I', 'night_worker', session_user);
            END IF;
        END IF;
        CREATE TEMPORARY TABLE IF NOT EXISTS session_storage (x float, y integer);
        EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO %I', 'session_storage', session_user);
        INSERT INTO public.user_login_log ("user", session_start)
        VALUES (session_user, clock_timestamp());
    END IF;
END
$xtrig$;

REVOKE ALL ON FUNCTION public.init_session() FROM PUBLIC;

COMMENT ON FUNCTION public.init_session() IS 'xtrig:1:a7af2ec4a4cc8e1b:public';

-- Trigger init_session: logon
DO $xtrig$
BEGIN
    -- enable: always. It fires whatever session_replication_role is.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'init_session' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('public.init_session()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS init_session;
        CREATE EVENT TRIGGER init_session ON login
            EXECUTE FUNCTION public.init_session();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'init_session') <> 'A' THEN
        ALTER EVENT TRIGGER init_session ENABLE ALWAYS;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER init_session IS 'xtrig:1:6c0465d822fd5316:public';

COMMIT;
