-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'watch': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- « preflight-usual: 'watch' | to_regprocedure('audit.watch()') | ('audit', 'log')
    -- « preflight-log
    -- « preflight-columns-gone
    -- « preflight-trust: ('audit', 'log'), ('audit', 'watch') | 'audit' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('audit', 'log') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
    -- watch would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'watch') THEN
        ALTER EVENT TRIGGER watch DISABLE;
-- « end-if

-- « new-schema: audit | audit
-- « table-log

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
            INSERT INTO audit.log (at, who, what)
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
    END IF;
-- « end-of-function: audit.watch | xtrig:1:9d0230cc5535d6f4:audit

-- « preflight-again

-- « trigger: watch | ddl_command_end | origin. It fires unless session_replication_role is replica. | ddl_command_end | audit.watch() | O | ENABLE | xtrig:1:b0e457889fa1acf1:audit

COMMIT;
