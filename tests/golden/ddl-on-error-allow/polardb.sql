-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- warning: trigger 'watch': deny after insert: an error there skips it, as on_error: allow goes on without it [XT114]
-- warning: trigger 'watch': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

-- Trigger watch rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS watch;

-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
-- « definer: audit.watch
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    denial text;
BEGIN
    <<guarded>>
    BEGIN
        INSERT INTO audit.log (at, who, what)
        VALUES (clock_timestamp(), session_user, tg_tag);
        IF tg_tag = 'CREATE VIEW' THEN
            denial := 'no views here';
            EXIT guarded;
        END IF;
    -- « error-is-logged: command | audit.watch | ddl_command_end
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
    END IF;
END
$xtrig$;

COMMENT ON FUNCTION audit.watch() IS 'xtrig:1:9bb454a99744521b:audit';

-- Trigger watch: ddl_command_end
CREATE EVENT TRIGGER watch ON ddl_command_end
    EXECUTE PROCEDURE audit.watch();

COMMENT ON EVENT TRIGGER watch IS 'xtrig:1:d244ee92f82b4d7c:audit';
