DROP EVENT TRIGGER IF EXISTS «trigger»;

-- Trigger «trigger»: «event»
CREATE EVENT TRIGGER «trigger» «clause»
    EXECUTE «kind» «function»();

COMMENT ON EVENT TRIGGER «trigger» IS '«mark»';
