-- « script: PostgreSQL 18
-- « preflight: 'no_rewrite_allowed' | to_regprocedure('public.no_rewrite_allowed()')
    -- « preflight-trust: ('public', 'no_rewrite_allowed') | 'public' | privilege_type = 'TRIGGER'
    -- « preflight-end
    -- no_rewrite_allowed would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'no_rewrite_allowed') THEN
        ALTER EVENT TRIGGER no_rewrite_allowed DISABLE;
-- « end-if

-- « definer: public.no_rewrite_allowed
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- on_error: deny. An error below stops the command.
    IF pg_event_trigger_table_rewrite_oid()::regclass::text = 'public.foo' THEN
        RAISE EXCEPTION USING
            MESSAGE = format('you''re not allowed to rewrite the table %s', pg_event_trigger_table_rewrite_oid()::regclass::text),
            ERRCODE = 'insufficient_privilege';
    END IF;
    IF (SELECT relpages FROM pg_class WHERE oid = pg_event_trigger_table_rewrite_oid()) > 100 THEN
        RAISE EXCEPTION USING
            MESSAGE = 'rewrites only allowed for table with less than 100 pages',
            ERRCODE = 'insufficient_privilege';
    END IF;
    IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer not between 1 and 6 THEN
        RAISE EXCEPTION USING
            MESSAGE = 'rewrites only allowed between 1am and 6am',
            ERRCODE = 'insufficient_privilege';
    END IF;
-- « end-of-function: public.no_rewrite_allowed | xtrig:1:6eaa6828621ee9e9:public

-- « preflight-again

-- « trigger: no_rewrite_allowed | table_rewrite | origin. It fires unless session_replication_role is replica. | table_rewrite | public.no_rewrite_allowed() | O | ENABLE | xtrig:1:1ac3f35616964095:public

COMMIT;
