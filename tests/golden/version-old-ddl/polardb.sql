-- Rendered by xtrig for PolarDB for PostgreSQL 11: change the definition, not this text

-- Trigger noddl rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS noddl;

-- « definer: public.noddl
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- on_error: deny. An error below stops the command.
    RAISE EXCEPTION USING
        MESSAGE = 'no',
        ERRCODE = 'insufficient_privilege';
END
$xtrig$;

COMMENT ON FUNCTION public.noddl() IS 'xtrig:1:a0655c5d78607c1a:public';

-- Trigger noddl: ddl_command_start
CREATE EVENT TRIGGER noddl ON ddl_command_start
    EXECUTE PROCEDURE public.noddl();

COMMENT ON EVENT TRIGGER noddl IS 'xtrig:1:2d526f6c3650e897:public';
