-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text

-- Trigger rewrites rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS rewrites;

-- Function public.rewrites
CREATE OR REPLACE FUNCTION public.rewrites()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
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
END
$xtrig$;

COMMENT ON FUNCTION public.rewrites() IS 'xtrig:1:7315897e37b82a74:public';

-- Trigger rewrites: table_rewrite
CREATE EVENT TRIGGER rewrites ON table_rewrite
    WHEN TAG IN ('ALTER TABLE')
    EXECUTE FUNCTION public.rewrites();

COMMENT ON EVENT TRIGGER rewrites IS 'xtrig:1:47a9bedca673aa39:public';
