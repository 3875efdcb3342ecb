-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- Function audit.counter
CREATE OR REPLACE FUNCTION audit.counter RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        update audit.counters set logins = logins + 1 where who = polar_login_user;
    END IF;
-- « polardb-end-of-function: audit.counter | xtrig:1:518f0cbb360f8459:audit

-- « polardb-trigger: counter | logon | ON after_user_logon | PROCEDURE | audit.counter | xtrig:1:7df585581cecffdc:audit
