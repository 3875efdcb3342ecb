-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
-- Function audit.on_logoff
CREATE OR REPLACE FUNCTION audit.on_logoff RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        INSERT INTO audit.log ("at", who, what)
        VALUES (CURRENT_TIMESTAMP, polar_login_user, 'logoff');
    END IF;
-- « polardb-end-of-function: audit.on_logoff | xtrig:1:cba7325e6261c230:audit

-- « polardb-trigger: on_logoff | logoff | ON before_user_logoff | PROCEDURE | audit.on_logoff | xtrig:1:d2abe95f0893b70b:audit
