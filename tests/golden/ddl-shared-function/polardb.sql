-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text

-- Trigger at_start rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS at_start;

-- Trigger at_drop rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS at_drop;

-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
-- « definer: audit.record
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- on_error: deny. An error below stops the command.
    INSERT INTO audit.log ("at", who, what)
    VALUES (clock_timestamp(), session_user, tg_event || ' ' || tg_event);
END
$xtrig$;

COMMENT ON FUNCTION audit.record() IS 'xtrig:1:8de2ff44033c38c6:audit';

-- Trigger at_start: ddl_command_start
CREATE EVENT TRIGGER at_start ON ddl_command_start
    EXECUTE PROCEDURE audit.record();

COMMENT ON EVENT TRIGGER at_start IS 'xtrig:1:87fad335a0ef6b6b:audit';

-- Trigger at_drop: sql_drop
CREATE EVENT TRIGGER at_drop ON sql_drop
    EXECUTE PROCEDURE audit.record();

COMMENT ON EVENT TRIGGER at_drop IS 'xtrig:1:79d3b7087714ece8:audit';
