-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'everything': ${current_user}: under security: definer it is always the function's owner [XT113]

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
    WHERE evtname IN ('everything')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('public.everything()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
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
    WHERE pg_class.oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('public', 'facts')))
      AND NOT (owner.rolsuper OR owner.rolname = current_user);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;

-- Function public.everything
CREATE OR REPLACE FUNCTION public.everything()
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
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            RAISE LOG 'xtrig %', json_build_object(
                'outcome', 'not written',
                'function', 'public.everything',
                'event', 'logon',
                'login_user', session_user,
                'client_ip', host(inet_client_addr()),
                'backend_pid', pg_backend_pid(),
                'public.facts', json_build_object(
                    'login_user_', session_user,
                    'current_user_', current_user,
                    'database_', current_database(),
                    'client_ip_', host(inet_client_addr()),
                    'client_port_', inet_client_port(),
                    'client_host_', (SELECT client_hostname FROM pg_stat_get_activity(pg_backend_pid())),
                    'application_', current_setting('application_name'),
                    'backend_pid_', pg_backend_pid(),
                    'session_id_', (SELECT format('%s.%s', to_hex(trunc(extract(epoch FROM backend_start))::bigint), to_hex(pid)) FROM pg_stat_get_activity(pg_backend_pid())),
                    'instance_', 1,
                    'server_version_', current_setting('server_version'),
                    'ssl_', (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid())),
                    'event_', 'logon',
                    'native_event_', tg_event,
                    'tag_', tg_tag,
                    'now_', clock_timestamp(),
                    'hour_utc_', extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer
                )
            );
        ELSE
            INSERT INTO public.facts (login_user_, current_user_, database_, client_ip_, client_port_, client_host_, application_, backend_pid_, session_id_, instance_, server_version_, ssl_, event_, native_event_, tag_, now_, hour_utc_)
            VALUES (
                session_user,
                current_user,
                current_database(),
                host(inet_client_addr()),
                inet_client_port(),
                (SELECT client_hostname FROM pg_stat_get_activity(pg_backend_pid())),
                current_setting('application_name'),
                pg_backend_pid(),
                (SELECT format('%s.%s', to_hex(trunc(extract(epoch FROM backend_start))::bigint), to_hex(pid)) FROM pg_stat_get_activity(pg_backend_pid())),
                1,
                current_setting('server_version'),
                (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid())),
                'logon',
                tg_event,
                tg_tag,
                clock_timestamp(),
                extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer
            );
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'public.everything',
            'event', 'logon',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
END
$xtrig$;

REVOKE ALL ON FUNCTION public.everything() FROM PUBLIC;

COMMENT ON FUNCTION public.everything() IS 'xtrig:1:e4187d4d508f4c2b:public';

-- Trigger everything: logon
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'everything' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('public.everything()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS everything;
        CREATE EVENT TRIGGER everything ON login
            EXECUTE FUNCTION public.everything();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'everything') <> 'O' THEN
        ALTER EVENT TRIGGER everything ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER everything IS 'xtrig:1:d3c56c3bd3a3c431:public';

COMMIT;
