-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text

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
    WHERE evtname IN ('on_logoff')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('audit.on_logoff_inferred()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s exists and was not made by xtrig; say create: false, or rename one of the two', oid::regclass)
    INTO problem
    FROM pg_class
    WHERE oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('audit', 'log'), ('audit', 'on_logoff_open')))
      AND coalesce(obj_description(oid, 'pg_class'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- The functions write with their owner's rights: only where nobody else can put a trigger.
    SELECT format('schema %I belongs to %I, who could become superuser by it; use a schema of your own', nspname, owner.rolname)
    INTO problem
    FROM pg_namespace JOIN pg_roles AS owner
      ON owner.oid = CASE WHEN nspowner = to_regrole('pg_database_owner') THEN (SELECT datdba FROM pg_database WHERE datname = current_database()) ELSE nspowner END
    WHERE nspname IN ('audit') AND NOT (owner.rolsuper OR owner.rolname = current_user);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s belongs to %I, who could become superuser by it; give it to a superuser', pg_class.oid::regclass, owner.rolname)
    INTO problem
    FROM pg_class JOIN pg_roles AS owner ON owner.oid = relowner
    WHERE pg_class.oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('audit', 'log'), ('audit', 'on_logoff_open')))
      AND NOT (owner.rolsuper OR owner.rolname = current_user);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);

COMMENT ON TABLE audit.log IS 'xtrig:1:4d614ba24ed0a6ae:audit';

-- Open sessions, for the inferred logoff of trigger on_logoff
CREATE TABLE IF NOT EXISTS audit.on_logoff_open (
    backend_pid integer NOT NULL,
    logged_on_at timestamptz NOT NULL,
    login_user text,
    "current_user" text,
    client_ip text,
    client_port integer,
    client_host text,
    application text,
    session_id text,
    auth_method text,
    ssl boolean,
    PRIMARY KEY (backend_pid, logged_on_at)
);

COMMENT ON TABLE audit.on_logoff_open IS 'xtrig:1:eff3be2d33e22504:audit';

-- Function audit.on_logoff_inferred: an inferred logoff
CREATE OR REPLACE FUNCTION audit.on_logoff_inferred()
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
DECLARE
    ended record;
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'exempt',
            'function', 'audit.on_logoff_inferred',
            'event', 'logoff',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid()
        );
        RETURN;
    END IF;
    -- standby: skip. Nothing can be written there; the next login on the primary catches up.
    IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'not written',
            'function', 'audit.on_logoff_inferred',
            'event', 'logoff',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid()
        );
        RETURN;
    END IF;
    -- durability: relaxed. The login does not wait for the disk or for a synchronous standby.
    PERFORM set_config('synchronous_commit', 'off', true);
    BEGIN
        -- This session is open from here on.
        INSERT INTO audit.on_logoff_open (backend_pid, logged_on_at, login_user, application)
        VALUES (pg_backend_pid(), clock_timestamp(), session_user, current_setting('application_name'));
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'audit.on_logoff_inferred',
            'event', 'logoff',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
    BEGIN
        -- Sessions that have ended since; at most 20 a login, each by one login alone.
        PERFORM pg_stat_clear_snapshot();
        FOR ended IN
            DELETE FROM audit.on_logoff_open AS o
            WHERE (o.backend_pid, o.logged_on_at) IN (
                SELECT candidate.backend_pid, candidate.logged_on_at
                FROM audit.on_logoff_open AS candidate
                WHERE NOT EXISTS (
                    SELECT FROM pg_stat_get_activity(NULL) AS session
                    WHERE session.pid = candidate.backend_pid
                      AND (session.backend_start > candidate.logged_on_at) IS NOT TRUE
                )
                ORDER BY candidate.logged_on_at LIMIT 20
                FOR UPDATE SKIP LOCKED
            )
            RETURNING o.*
        LOOP
            BEGIN
                INSERT INTO audit.log (at, who, what)
                VALUES (
                    clock_timestamp(),
                    ended.login_user,
                    'inferred' || ' of ' || ended.application || ' ' || ended.backend_pid
                );
                SET CONSTRAINTS ALL IMMEDIATE;
            EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
                RAISE LOG 'xtrig %', json_build_object(
                    'outcome', 'not recorded',
                    'function', 'audit.on_logoff',
                    'event', 'logoff',
                    'login_user', session_user,
                    'client_ip', host(inet_client_addr()),
                    'backend_pid', pg_backend_pid(),
                    'sqlstate', SQLSTATE,
                    'error', SQLERRM,
                    'ended', row_to_json(ended)
                );
            END;
        END LOOP;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'audit.on_logoff_inferred',
            'event', 'logoff',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
END
$xtrig$;

REVOKE ALL ON FUNCTION audit.on_logoff_inferred() FROM PUBLIC;

COMMENT ON FUNCTION audit.on_logoff_inferred() IS 'xtrig:1:b180f382c44d68ad:audit';

-- Trigger on_logoff: logoff, inferred
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'on_logoff' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('audit.on_logoff_inferred()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS on_logoff;
        CREATE EVENT TRIGGER on_logoff ON login
            EXECUTE FUNCTION audit.on_logoff_inferred();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'on_logoff') <> 'O' THEN
        ALTER EVENT TRIGGER on_logoff ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER on_logoff IS 'xtrig:1:4648f38edebe2dcd:audit';

COMMIT;
