-- « script: PostgreSQL 18
-- « preflight: 'no_extensions' | to_regprocedure('public.no_extensions()')
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['dba']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
    -- « preflight-trust: ('public', 'no_extensions') | 'public' | privilege_type = 'TRIGGER'
    -- « preflight-end
    -- no_extensions would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'no_extensions') THEN
        ALTER EVENT TRIGGER no_extensions DISABLE;
-- « end-if

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
-- « end-of-function: public.no_extensions | xtrig:1:e8e363fbe583de85:public

-- « preflight-again

-- Trigger no_extensions: ddl_command_start
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'no_extensions' AND evtevent = 'ddl_command_start'
          AND evtfoid = to_regprocedure('public.no_extensions()') AND evttags = ARRAY['CREATE EXTENSION', 'DROP EXTENSION']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS no_extensions;
        CREATE EVENT TRIGGER no_extensions ON ddl_command_start
            WHEN TAG IN ('CREATE EXTENSION', 'DROP EXTENSION')
            EXECUTE FUNCTION public.no_extensions();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'no_extensions') <> 'O' THEN
        ALTER EVENT TRIGGER no_extensions ENABLE;
-- « end-if

COMMENT ON EVENT TRIGGER no_extensions IS 'xtrig:1:3a4519ea4e203a7a:public';

COMMIT;
