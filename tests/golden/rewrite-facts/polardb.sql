-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text

-- Trigger rewrites rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS rewrites;

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
END
$xtrig$;

COMMENT ON FUNCTION public.rewrites() IS 'xtrig:1:b11b9c64389210ef:public';

-- Trigger rewrites: table_rewrite
CREATE EVENT TRIGGER rewrites ON table_rewrite
    WHEN TAG IN ('ALTER TABLE')
    EXECUTE PROCEDURE public.rewrites();

COMMENT ON EVENT TRIGGER rewrites IS 'xtrig:1:1873edf91970fc4e:public';
