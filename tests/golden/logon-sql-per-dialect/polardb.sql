-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'counter': language: plsql: an error or a read-only session loses the rows, and only the server logs it [XT227]

-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- Function audit.counter
CREATE OR REPLACE FUNCTION audit.counter RETURN event_trigger IS
    xtrig_ignored pg_catalog.text;
BEGIN
    -- First of all: a client chooses whose operators are used below.
    xtrig_ignored := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    xtrig_ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- standby: skip. Nothing can be written on a read-only node.
    IF NOT pg_catalog.pg_is_in_recovery() THEN
        audit.count(polar_login_user);
    END IF;
-- « polardb-end-of-function: audit.counter | xtrig:1:1ef1eb1407224400:audit

-- « polardb-trigger: counter | logon | ON after_user_logon | PROCEDURE | audit.counter | xtrig:1:7df585581cecffdc:audit
