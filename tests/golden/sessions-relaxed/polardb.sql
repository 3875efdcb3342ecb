-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Role audit_reader reads the record of sessions
DO LANGUAGE plpgsql $xtrig$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = 'audit_reader') THEN
        CREATE ROLE audit_reader NOLOGIN;
        COMMENT ON ROLE audit_reader IS 'xtrig:1::audit';
    END IF;
END
$xtrig$;

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('audit'), 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('audit'))
    THEN
        COMMENT ON SCHEMA audit IS 'xtrig:1::audit';
    END IF;
END
$xtrig$;

-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    who text
);

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.log'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM audit.log)
    THEN
        COMMENT ON TABLE audit.log IS 'xtrig:1:d9fadc1f93438b15:audit';
    END IF;
END
$xtrig$;

-- Table audit.session_event
CREATE TABLE IF NOT EXISTS audit.session_event (
    event varchar(16),
    "at" timestamptz,
    login_user varchar(64),
    database_name varchar(64),
    client_ip varchar(64),
    client_port integer,
    application text,
    backend_pid integer
);

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.session_event'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM audit.session_event)
    THEN
        COMMENT ON TABLE audit.session_event IS 'xtrig:1:4b3ec0c5fc6a14ab:audit';
    END IF;
END
$xtrig$;

-- Function audit.on_logon
CREATE OR REPLACE FUNCTION audit.on_logon RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
    IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
        INSERT INTO audit.log (who)
        VALUES (polar_login_user);
    END IF;
END;

COMMENT ON FUNCTION audit.on_logon() IS 'xtrig:1:5deed73fbfa3b865:audit';

-- Function audit.record_session
CREATE OR REPLACE FUNCTION audit.record_session RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- durability: relaxed. The session does not wait for the disk.
    ignored := pg_catalog.set_config('synchronous_commit', 'off', true);
    -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
    IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
        INSERT INTO audit.session_event (event, "at", login_user, database_name, client_ip, client_port, application, backend_pid)
        VALUES (
            CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
            CURRENT_TIMESTAMP,
            polar_login_user,
            polar_database_name,
            polar_client_ip,
            pg_catalog.inet_client_port(),
            pg_catalog.current_setting('application_name'),
            pg_catalog.pg_backend_pid()
        );
    END IF;
END;

COMMENT ON FUNCTION audit.record_session() IS 'xtrig:1:64684b0174769719:audit';

GRANT USAGE ON SCHEMA audit TO audit_reader;

GRANT SELECT ON audit.log TO audit_reader;

-- View audit.sessions: one row for each session
CREATE OR REPLACE VIEW audit.sessions AS
SELECT to_hex(CAST(floor(extract(epoch FROM "at")) AS bigint)) || '.' || to_hex(backend_pid) AS session_id,
    CAST(login_user AS text) AS login_user, CAST(database_name AS text) AS database_name,
    CAST(client_ip AS text) AS client_ip, client_port, application, CAST(NULL AS text) AS auth_method, backend_pid,
    CAST('1' AS text) AS instance, "at" AS logon_at, CASE next_event WHEN 'logoff' THEN next_at END AS logoff_at,
    CASE WHEN next_event = 'logoff' THEN 'logoff' WHEN is_gone THEN 'unknown' END AS ended_by,
    CASE WHEN is_gone THEN "at" END AS last_seen_at,
    CASE WHEN is_gone THEN coalesce(next_at, CURRENT_TIMESTAMP) END AS detected_at,
    CAST('login trigger' AS text) AS source, CASE next_event WHEN 'logoff' THEN next_at - "at" END AS duration,
    CAST(NULL AS interval) AS duration_at_least,
    CASE WHEN is_gone THEN coalesce(next_at, CURRENT_TIMESTAMP) - "at" END AS duration_at_most
FROM (
    SELECT paired.*, coalesce(next_event, '') <> 'logoff' AND (next_event = 'logon' OR NOT EXISTS (
        SELECT 1 FROM pg_catalog.pg_stat_activity AS a
        WHERE a.pid = paired.backend_pid AND a.backend_start <= paired."at"
    )) AS is_gone
    FROM (
        SELECT e.*, lead(event) OVER w AS next_event, lead("at") OVER w AS next_at
        FROM audit.session_event AS e WINDOW w AS (PARTITION BY backend_pid ORDER BY "at")
    ) AS paired
    WHERE event = 'logon'
) AS told;

GRANT SELECT ON audit.sessions TO audit_reader;

COMMENT ON VIEW audit.sessions IS 'xtrig:1:318c34eb86b79e83:audit';

-- View audit.refused_logins: empty: no trigger of PolarDB's sees a refused login
CREATE OR REPLACE VIEW audit.refused_logins AS
SELECT CAST(NULL AS timestamptz) AS "at", CAST(NULL AS text) AS session_id, CAST(NULL AS text) AS login_user,
    CAST(NULL AS text) AS database_name, CAST(NULL AS text) AS client_ip, CAST(NULL AS text) AS application,
    CAST(NULL AS text) AS sqlstate, CAST(NULL AS text) AS message
WHERE false;

GRANT SELECT ON audit.refused_logins TO audit_reader;

COMMENT ON VIEW audit.refused_logins IS 'xtrig:1:86840478be436a42:audit';

-- View audit.coverage_gaps: what is not recorded
CREATE OR REPLACE VIEW audit.coverage_gaps AS
SELECT min("at") AS since, CAST(NULL AS timestamptz) AS until,
    CAST('PolarDB lets in a session whose record fails, and refused logins reach no trigger: both leave nothing here'
        AS text) AS reason
FROM audit.session_event
HAVING min("at") IS NOT NULL;

GRANT SELECT ON audit.coverage_gaps TO audit_reader;

COMMENT ON VIEW audit.coverage_gaps IS 'xtrig:1:15f712f4ccc2a35f:audit';

DROP EVENT TRIGGER IF EXISTS on_logon;

-- Trigger on_logon: logon
CREATE EVENT TRIGGER on_logon ON after_user_logon
    EXECUTE PROCEDURE audit.on_logon();

COMMENT ON EVENT TRIGGER on_logon IS 'xtrig:1:591760daccb4179b:audit';

DROP EVENT TRIGGER IF EXISTS audit_logon;

-- Trigger audit_logon: logon
CREATE EVENT TRIGGER audit_logon ON after_user_logon
    EXECUTE PROCEDURE audit.record_session();

COMMENT ON EVENT TRIGGER audit_logon IS 'xtrig:1:5788280e7d39c47e:audit';

DROP EVENT TRIGGER IF EXISTS audit_logoff;

-- Trigger audit_logoff: logoff
CREATE EVENT TRIGGER audit_logoff ON before_user_logoff
    EXECUTE PROCEDURE audit.record_session();

COMMENT ON EVENT TRIGGER audit_logoff IS 'xtrig:1:1a1ddf1d9a8ddb33:audit';
