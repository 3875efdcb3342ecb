-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-table-log

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
