-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- warning: trigger 'watch': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

-- Trigger watch rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS watch;

-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
-- « definer: audit.watch
    SET quote_all_identifiers = off
    -- A bound of the user's own would make an error here, and errors let the command through.
    SET lock_timeout = 0
AS $xtrig$
DECLARE
    denial text;
BEGIN
    <<guarded>>
    BEGIN
        -- An error here must not keep the denials below from being asked.
        BEGIN
            INSERT INTO audit.log ("at", who, what)
            VALUES (clock_timestamp(), session_user, tg_tag);
        EXCEPTION WHEN OTHERS OR assert_failure THEN
            -- « log-line: error | audit.watch | ddl_command_end
                'sqlstate', SQLSTATE,
                'error', SQLERRM
            );
        END;
        IF tg_tag = 'CREATE VIEW' THEN
            denial := 'no views here';
            EXIT guarded;
        END IF;
    -- on_error: allow. The command goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        -- « log-line: error | audit.watch | ddl_command_end
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
-- « end-if

COMMENT ON FUNCTION audit.watch() IS 'xtrig:1:3b48ede2f5662cfc:audit';

-- Trigger watch: ddl_command_end
CREATE EVENT TRIGGER watch ON ddl_command_end
    EXECUTE PROCEDURE audit.watch();

COMMENT ON EVENT TRIGGER watch IS 'xtrig:1:d244ee92f82b4d7c:audit';
