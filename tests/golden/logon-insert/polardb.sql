-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
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
