-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-table-log

-- Function audit.on_logon
CREATE OR REPLACE FUNCTION audit.on_logon RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        INSERT INTO audit.log ("at", who, what)
        VALUES (CURRENT_TIMESTAMP, polar_login_user, 'logon');
    END IF;
-- « polardb-end-of-function: audit.on_logon | xtrig:1:197855f4c08febde:audit

-- « polardb-trigger: on_logon | logon | ON after_user_logon | PROCEDURE | audit.on_logon | xtrig:1:591760daccb4179b:audit
