-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'watch': timeout: it does nothing at ddl_command_end [XT111]
-- warning: trigger 'watch': standby: it does nothing at ddl_command_end [XT111]
-- warning: trigger 'watch': durability: it does nothing at ddl_command_end [XT111]
-- warning: trigger 'greet': timeout: PolarDB kernels before 17 have no transaction_timeout to bound the function with [XT209]

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

COMMENT ON FUNCTION public.watch() IS 'xtrig:1:d2b4af95ff3b8b2a:public';

-- Function public.greet
CREATE OR REPLACE FUNCTION public.greet RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    ignored := pg_catalog.set_config('app.greeted', 'true', false);
-- « polardb-end-of-function: public.greet | xtrig:1:8ee92f7a4f03cb3a:public

-- Trigger watch: ddl_command_end
CREATE EVENT TRIGGER watch ON ddl_command_end
    EXECUTE PROCEDURE public.watch();

COMMENT ON EVENT TRIGGER watch IS 'xtrig:1:53e2365011137e15:public';

-- « polardb-trigger: greet | logon | ON after_user_logon | PROCEDURE | public.greet | xtrig:1:7a784b9f55bd39fe:public
