-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'watch': timeout: it does nothing at ddl_command_end [XT111]
-- warning: trigger 'watch': standby: it does nothing at ddl_command_end [XT111]
-- warning: trigger 'watch': durability: it does nothing at ddl_command_end [XT111]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

SET LOCAL lock_timeout = '1s';

-- « preflight: 'watch', 'greet' | to_regprocedure('public.watch()'), to_regprocedure('public.greet()')
    -- « preflight-timeouts
    -- « preflight-trust: ('public', 'greet'), ('public', 'watch') | 'public' | privilege_type = 'TRIGGER'
    -- « preflight-end
    -- watch would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'watch') THEN
        ALTER EVENT TRIGGER watch DISABLE;
-- « end-if

-- « definer: public.watch
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- on_error: deny. An error below stops the command.
    RAISE LOG '%', format('%s', tg_tag);
-- « end-of-function: public.watch | xtrig:1:8c9aa3c5d3c39580:public

-- « definer: public.greet
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 1s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.greeted', 'true', false);
    -- « error-is-logged: login | public.greet | logon
-- « end-of-function: public.greet | xtrig:1:d8eb7b0b0e5e83c5:public

-- « preflight-again

-- « trigger: watch | ddl_command_end | origin. It fires unless session_replication_role is replica. | ddl_command_end | public.watch() | O | ENABLE | xtrig:1:15d264d959d117c6:public

-- « trigger: greet | logon | origin. It fires unless session_replication_role is replica. | login | public.greet() | O | ENABLE | xtrig:1:3506a2a28aeb20f4:public

COMMIT;
