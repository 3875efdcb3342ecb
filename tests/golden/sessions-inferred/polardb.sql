-- « polardb-script: PolarDB for PostgreSQL 14
-- Role audit_reader reads the record of sessions
DO LANGUAGE plpgsql $xtrig$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = 'audit_reader') THEN
        CREATE ROLE audit_reader NOLOGIN;
        COMMENT ON ROLE audit_reader IS 'xtrig:1::audit';
-- « end-if

-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
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

-- « polardb-table-completed: audit.session_event | 'event', 'at', 'login_user', 'database_name', 'client_ip', 'client_port', 'application', 'backend_pid' | 8
            ADD COLUMN IF NOT EXISTS event varchar(16),
            ADD COLUMN IF NOT EXISTS "at" timestamptz,
            ADD COLUMN IF NOT EXISTS login_user varchar(64),
            ADD COLUMN IF NOT EXISTS database_name varchar(64),
            ADD COLUMN IF NOT EXISTS client_ip varchar(64),
            ADD COLUMN IF NOT EXISTS client_port integer,
            ADD COLUMN IF NOT EXISTS application text,
            ADD COLUMN IF NOT EXISTS backend_pid integer;
-- « end-if

-- « polardb-mark-table: audit.session_event | xtrig:1:4b3ec0c5fc6a14ab:audit
-- Function audit.record_session
CREATE OR REPLACE FUNCTION audit.record_session RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
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
-- « polardb-end-of-function: audit.record_session | xtrig:1:bca66eee439e718a:audit

GRANT USAGE ON SCHEMA audit TO audit_reader;

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

-- « polardb-trigger: audit_logon | logon | ON after_user_logon | PROCEDURE | audit.record_session | xtrig:1:5788280e7d39c47e:audit

-- « polardb-trigger: audit_logoff | logoff | ON before_user_logoff | PROCEDURE | audit.record_session | xtrig:1:1a1ddf1d9a8ddb33:audit
