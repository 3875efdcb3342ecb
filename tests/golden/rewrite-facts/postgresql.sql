-- « script: PostgreSQL 18
-- « preflight: 'rewrites' | to_regprocedure('public.rewrites()')
    -- « preflight-trust: ('public', 'facts'), ('public', 'rewrites') | 'public' | privilege_type = 'TRIGGER'
    -- « preflight-end
    -- rewrites would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'rewrites') THEN
        ALTER EVENT TRIGGER rewrites DISABLE;
-- « end-if

-- « definer: public.rewrites
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- on_error: deny. An error below stops the command.
    INSERT INTO public.facts (a, b, c, d)
    VALUES (
        pg_event_trigger_table_rewrite_oid()::regclass::text,
        pg_event_trigger_table_rewrite_oid(),
        (SELECT relpages FROM pg_class WHERE oid = pg_event_trigger_table_rewrite_oid()),
        pg_event_trigger_table_rewrite_reason()
    );
-- « end-of-function: public.rewrites | xtrig:1:b11b9c64389210ef:public

-- « preflight-again

-- Trigger rewrites: table_rewrite
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'rewrites' AND evtevent = 'table_rewrite'
          AND evtfoid = to_regprocedure('public.rewrites()') AND evttags = ARRAY['ALTER TABLE']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS rewrites;
        CREATE EVENT TRIGGER rewrites ON table_rewrite
            WHEN TAG IN ('ALTER TABLE')
            EXECUTE FUNCTION public.rewrites();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'rewrites') <> 'O' THEN
        ALTER EVENT TRIGGER rewrites ENABLE;
-- « end-if

COMMENT ON EVENT TRIGGER rewrites IS 'xtrig:1:0fffdb48cc58d2b0:public';

COMMIT;
