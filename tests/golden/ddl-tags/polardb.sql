-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text

-- Trigger no_extensions rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS no_extensions;

-- « definer: public.no_extensions
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | public.no_extensions | ddl_command_start
        RETURN;
    END IF;
    -- on_error: deny. An error below stops the command.
    RAISE EXCEPTION USING
        MESSAGE = format('%s is for the DBA', tg_tag),
        ERRCODE = 'insufficient_privilege';
END
$xtrig$;

COMMENT ON FUNCTION public.no_extensions() IS 'xtrig:1:e8e363fbe583de85:public';

-- Trigger no_extensions: ddl_command_start
CREATE EVENT TRIGGER no_extensions ON ddl_command_start
    WHEN TAG IN ('CREATE EXTENSION', 'DROP EXTENSION')
    EXECUTE PROCEDURE public.no_extensions();

COMMENT ON EVENT TRIGGER no_extensions IS 'xtrig:1:081b4738e0b07e8a:public';
