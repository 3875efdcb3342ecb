-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- warning: trigger 'watch': deny after insert: an error there skips it, as on_error: allow goes on without it [XT114]
-- warning: trigger 'watch': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

-- Trigger watch rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS watch;

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

-- Function audit.watch
CREATE OR REPLACE FUNCTION audit.watch()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    denial text;
BEGIN
    <<guarded>>
    BEGIN
        INSERT INTO audit.log (at, who, what)
        VALUES (clock_timestamp(), session_user, tg_tag);
        IF tg_tag = 'CREATE VIEW' THEN
            denial := 'no views here';
            EXIT guarded;
        END IF;
    -- on_error: allow. The command goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'audit.watch',
            'event', 'ddl_command_end',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
    END IF;
END
$xtrig$;

COMMENT ON FUNCTION audit.watch() IS 'xtrig:1:9bb454a99744521b:audit';

-- Trigger watch: ddl_command_end
CREATE EVENT TRIGGER watch ON ddl_command_end
    EXECUTE FUNCTION audit.watch();

COMMENT ON EVENT TRIGGER watch IS 'xtrig:1:2ce433aa722dbb4c:audit';
