-- « script: PostgreSQL 18
-- « preflight-usual: 'at_start', 'at_drop' | to_regprocedure('audit.record()') | ('audit', 'log')
    -- « preflight-log
    -- « preflight-columns-gone
    -- « preflight-trust: ('audit', 'log'), ('audit', 'record') | 'audit' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('audit', 'log') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
    -- at_start would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'at_start') THEN
        ALTER EVENT TRIGGER at_start DISABLE;
    END IF;
    -- at_drop would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'at_drop') THEN
        ALTER EVENT TRIGGER at_drop DISABLE;
-- « end-if

-- « new-schema: audit | audit
-- « table-log

-- « definer: audit.record
    SET quote_all_identifiers = off
AS $xtrig$
BEGIN
    -- on_error: deny. An error below stops the command.
    INSERT INTO audit.log (at, who, what)
    VALUES (clock_timestamp(), session_user, tg_event || ' ' || tg_event);
-- « end-of-function: audit.record | xtrig:1:7e80e7570c71d877:audit

-- « preflight-again

-- « trigger: at_start | ddl_command_start | origin. It fires unless session_replication_role is replica. | ddl_command_start | audit.record() | O | ENABLE | xtrig:1:10582803dd608451:audit

-- « trigger: at_drop | sql_drop | origin. It fires unless session_replication_role is replica. | sql_drop | audit.record() | O | ENABLE | xtrig:1:ed28985f8927a410:audit

COMMIT;
