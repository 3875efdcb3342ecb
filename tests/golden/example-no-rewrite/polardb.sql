-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text

-- Trigger no_rewrite_allowed rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS no_rewrite_allowed;

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
    IF extract(hour FROM timezone('UTC', clock_timestamp()))::integer not between 1 and 6 THEN
        RAISE EXCEPTION USING
            MESSAGE = 'rewrites only allowed between 1am and 6am',
            ERRCODE = 'insufficient_privilege';
-- « end-if

COMMENT ON FUNCTION public.no_rewrite_allowed() IS 'xtrig:1:55099bd15438643a:public';

-- Trigger no_rewrite_allowed: table_rewrite
CREATE EVENT TRIGGER no_rewrite_allowed ON table_rewrite
    EXECUTE PROCEDURE public.no_rewrite_allowed();

COMMENT ON EVENT TRIGGER no_rewrite_allowed IS 'xtrig:1:43b7b9ece94aeb07:public';
