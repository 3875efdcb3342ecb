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
    WHERE evtname IN ('on_logon')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('audit.on_logon()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s exists and was not made by xtrig; say create: false, or rename one of the two', oid::regclass)
    INTO problem
    FROM pg_class
    WHERE oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('audit', 'log')))
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
    WHERE pg_class.oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('audit', 'log')))
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

-- Function audit.on_logon
CREATE OR REPLACE FUNCTION audit.on_logon()
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
                'function', 'audit.on_logon',
                'event', 'logon',
                'login_user', session_user,
                'client_ip', host(inet_client_addr()),
                'backend_pid', pg_backend_pid(),
                'audit.log', json_build_object(
                    'at', clock_timestamp(),
                    'who', session_user,
                    'what', 'logon'
                )
            );
        ELSE
            INSERT INTO audit.log (at, who, what)
            VALUES (clock_timestamp(), session_user, 'logon');
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'audit.on_logon',
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

REVOKE ALL ON FUNCTION audit.on_logon() FROM PUBLIC;

COMMENT ON FUNCTION audit.on_logon() IS 'xtrig:1:ca886895cac0fa01:audit';

-- Trigger on_logon: logon
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'on_logon' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('audit.on_logon()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS on_logon;
        CREATE EVENT TRIGGER on_logon ON login
            EXECUTE FUNCTION audit.on_logon();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'on_logon') <> 'O' THEN
        ALTER EVENT TRIGGER on_logon ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER on_logon IS 'xtrig:1:3a91a614d8b54681:audit';

COMMIT;
