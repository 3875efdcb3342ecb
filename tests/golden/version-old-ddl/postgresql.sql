-- « script: PostgreSQL 16
-- « preflight: 'noddl' | to_regprocedure('public.noddl()')
    -- « preflight-trust: ('public', 'noddl') | 'public' | privilege_type = 'TRIGGER'
    -- « preflight-end
    -- noddl would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'noddl') THEN
        ALTER EVENT TRIGGER noddl DISABLE;
-- « end-if

-- « definer: public.noddl
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- on_error: deny. An error below stops the command.
    RAISE EXCEPTION USING
        MESSAGE = 'no',
        ERRCODE = 'insufficient_privilege';
-- « end-of-function: public.noddl | xtrig:1:a0655c5d78607c1a:public

-- « preflight-again

-- « trigger: noddl | ddl_command_start | origin. It fires unless session_replication_role is replica. | ddl_command_start | public.noddl() | O | ENABLE | xtrig:1:53870ca5b600a2a7:public

COMMIT;
