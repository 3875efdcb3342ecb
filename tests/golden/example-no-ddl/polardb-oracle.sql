-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text

-- Trigger noddl rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS noddl;

-- Function public.noddl
CREATE OR REPLACE FUNCTION public.noddl()
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
    -- on_error: deny. An error below stops the command.
    RAISE EXCEPTION USING
        MESSAGE = format('command "%s" denied', tg_tag),
        ERRCODE = 'insufficient_privilege';
END
$xtrig$;

COMMENT ON FUNCTION public.noddl() IS 'xtrig:1:ffa0b1e11a902d5a:public';

-- Trigger noddl: ddl_command_start
CREATE EVENT TRIGGER noddl ON ddl_command_start
    EXECUTE FUNCTION public.noddl();

COMMENT ON EVENT TRIGGER noddl IS 'xtrig:1:c69e5df9a1904d96:public';
