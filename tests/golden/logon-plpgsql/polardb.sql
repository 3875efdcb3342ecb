-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- warning: trigger 'on_logon': language: plpgsql at logon and logoff is shown nowhere in PolarDB's documentation [XT210]

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('audit'), 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('audit'))
    THEN
        COMMENT ON SCHEMA audit IS 'xtrig:1::audit';
    END IF;
END
$xtrig$;

-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigserial,
    "at" timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.log'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM audit.log)
    THEN
        COMMENT ON TABLE audit.log IS 'xtrig:1:4d614ba24ed0a6ae:audit';
    END IF;
END
$xtrig$;

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

COMMENT ON FUNCTION audit.on_logon() IS 'xtrig:1:5df1efd2fb993b7b:audit';

DROP EVENT TRIGGER IF EXISTS on_logon;

-- Trigger on_logon: logon
CREATE EVENT TRIGGER on_logon ON after_user_logon
    EXECUTE PROCEDURE audit.on_logon();

COMMENT ON EVENT TRIGGER on_logon IS 'xtrig:1:591760daccb4179b:audit';
