-- « polardb-script: PolarDB for PostgreSQL 11
-- Trigger noddl rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS noddl;

-- « polardb-helper: public.greet
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.greet
    BEGIN
        RAISE LOG '%', 'hello';
    -- « error-is-logged: login | public.greet | logon
-- « polardb-end-of-helper: public.greet | xtrig:1:1452f161994487b2:public | xtrig:1:fea470497d24390d:public | public

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

-- « polardb-trigger: greet | logon | ON after_user_logon | PROCEDURE | public.greet | xtrig:1:7a784b9f55bd39fe:public

-- Trigger noddl: ddl_command_start
CREATE EVENT TRIGGER noddl ON ddl_command_start
    EXECUTE PROCEDURE public.noddl();

COMMENT ON EVENT TRIGGER noddl IS 'xtrig:1:2d526f6c3650e897:public';
