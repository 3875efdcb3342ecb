-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text

-- Trigger no_extensions rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS no_extensions;

-- Function public.no_extensions
CREATE OR REPLACE FUNCTION public.no_extensions()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'exempt',
            'function', 'public.no_extensions',
            'event', 'ddl_command_start',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid()
        );
        RETURN;
    END IF;
    -- on_error: deny. An error below stops the command.
    RAISE EXCEPTION USING
        MESSAGE = format('%s is for the DBA', tg_tag),
        ERRCODE = 'insufficient_privilege';
END
$xtrig$;

COMMENT ON FUNCTION public.no_extensions() IS 'xtrig:1:70320c3cfed8a581:public';

-- Trigger no_extensions: ddl_command_start
CREATE EVENT TRIGGER no_extensions ON ddl_command_start
    WHEN TAG IN ('CREATE EXTENSION', 'DROP EXTENSION')
    EXECUTE FUNCTION public.no_extensions();

COMMENT ON EVENT TRIGGER no_extensions IS 'xtrig:1:07db671bc3acefd0:public';
