-- Trigger «trigger»: «event»
DO $xtrig$
BEGIN
    -- enable: «enable»
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = '«trigger»' AND evtevent = '«native»'
          AND evtfoid = to_regprocedure('«function»') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS «trigger»;
        CREATE EVENT TRIGGER «trigger» ON «native»
            EXECUTE FUNCTION «function»;
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = '«trigger»') <> '«letter»' THEN
        ALTER EVENT TRIGGER «trigger» «state»;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER «trigger» IS '«mark»';
