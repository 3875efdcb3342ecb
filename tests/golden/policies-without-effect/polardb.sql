-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'watch': timeout: it does nothing at ddl_command_end [XT111]
-- warning: trigger 'watch': standby: it does nothing at ddl_command_end [XT111]
-- warning: trigger 'watch': durability: it does nothing at ddl_command_end [XT111]
-- warning: trigger 'greet': timeout: PL/SQL and kernels before 17 have no transaction_timeout to bound the function with [XT209]

-- Trigger watch rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS watch;

-- « definer: public.watch
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- on_error: deny. An error below stops the command.
    RAISE LOG '%', format('%s', tg_tag);
END
$xtrig$;

COMMENT ON FUNCTION public.watch() IS 'xtrig:1:8c9aa3c5d3c39580:public';

-- « polardb-helper: public.greet
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.greet
    BEGIN
        PERFORM set_config('app.greeted', 'true', false);
    -- « error-is-logged: login | public.greet | logon
-- « polardb-end-of-helper: public.greet | xtrig:1:10a69927bb68f7af:public | xtrig:1:fea470497d24390d:public | public

-- Trigger watch: ddl_command_end
CREATE EVENT TRIGGER watch ON ddl_command_end
    EXECUTE PROCEDURE public.watch();

COMMENT ON EVENT TRIGGER watch IS 'xtrig:1:53e2365011137e15:public';

-- « polardb-trigger: greet | logon | ON after_user_logon | PROCEDURE | public.greet | xtrig:1:7a784b9f55bd39fe:public
