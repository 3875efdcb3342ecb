-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'on_logon': security: invoker: only the owner of audit.log may insert into it, so it fails for everybody else [XT243]

-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-table-log

-- « polardb-mark-table: audit.log | xtrig:1:4d614ba24ed0a6ae:audit
-- Function audit.on_logon
CREATE OR REPLACE FUNCTION audit.on_logon RETURN event_trigger AUTHID CURRENT_USER IS
    ignored text;
BEGIN
    -- security: invoker. Every name is qualified: this form has no SET clause.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        INSERT INTO audit.log ("at", who, what)
        VALUES (CURRENT_TIMESTAMP, polar_login_user, 'logon');
    END IF;
-- « polardb-end-of-function: audit.on_logon | xtrig:1:7853192cf262b42d:audit

-- « polardb-trigger: on_logon | logon | AFTER LOGON ON DATABASE | FUNCTION | audit.on_logon | xtrig:1:72bb516939484fb7:audit
