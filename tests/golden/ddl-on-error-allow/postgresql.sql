-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'watch': deny after insert: an error there skips it, as on_error: allow goes on without it [XT114]
-- warning: trigger 'watch': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- « preflight: 'watch' | to_regprocedure('audit.watch()')
    -- « preflight-tables: ('audit', 'log')
    -- « preflight-trust: ('audit', 'log'), ('audit', 'watch') | 'audit'
    -- watch would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'watch') THEN
        ALTER EVENT TRIGGER watch DISABLE;
    END IF;
END
$xtrig$;

-- « schema: audit
-- « table-log

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
-- « end-of-function: audit.watch | xtrig:1:ca46ef94cf42f830:audit

-- « trigger: watch | ddl_command_end | origin. It fires unless session_replication_role is replica. | ddl_command_end | audit.watch() | O | ENABLE | xtrig:1:b0e457889fa1acf1:audit

COMMIT;
