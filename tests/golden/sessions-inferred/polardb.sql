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
-- « polardb-helper: audit.record_session
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: audit.record_session
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            RAISE LOG 'xtrig %', json_build_object(
                'outcome', 'not written',
                'function', 'audit.record_session',
                'event', CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
                'login_user', session_user,
                'client_ip', host(inet_client_addr()),
                'backend_pid', pg_backend_pid(),
                'audit.session_event', json_build_object(
                    'event', CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
                    'at', clock_timestamp(),
                    'login_user', polar_login_user,
                    'database_name', polar_database_name,
                    'client_ip', polar_client_ip,
                    'client_port', inet_client_port(),
                    'application', current_setting('application_name'),
                    'backend_pid', pg_backend_pid()
                )
            );
        ELSE
            INSERT INTO audit.session_event (event, "at", login_user, database_name, client_ip, client_port, application, backend_pid)
            VALUES (
                CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
                clock_timestamp(),
                polar_login_user,
                polar_database_name,
                polar_client_ip,
                inet_client_port(),
                current_setting('application_name'),
                pg_backend_pid()
            );
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'audit.record_session',
            'event', CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
-- « polardb-end-of-helper: audit.record_session | xtrig:1:79ff68e8f49a795e:audit | xtrig:1:394a4d68a852b20d:audit | audit

-- Function audit.maintain(integer): for a scheduler
CREATE OR REPLACE FUNCTION audit.maintain(at_most integer DEFAULT 100000)
    RETURNS jsonb
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '500ms'
AS $xtrig$
DECLARE
    kept pg_catalog.interval := '13 months';
    deleted bigint;
BEGIN
    -- Both ends of a session go together: a logon when what came after it in its process is old, too.
    DELETE FROM audit.session_event WHERE ctid = ANY (ARRAY(
        SELECT e.ctid FROM (
            SELECT ctid, event, backend_pid, "at", lead("at") OVER w AS next_at
            FROM audit.session_event WINDOW w AS (PARTITION BY backend_pid ORDER BY "at", event DESC)
        ) AS e
        WHERE e."at" < clock_timestamp() - kept AND CASE
            WHEN e.event = 'logoff' THEN true
            WHEN e.next_at IS NOT NULL THEN e.next_at < clock_timestamp() - kept
            -- Without a logoff it may still be there.
            ELSE NOT EXISTS (
                SELECT FROM pg_stat_get_activity(NULL) AS s
                WHERE s.pid = e.backend_pid AND (s.backend_start > e."at") IS NOT TRUE
            )
        END
        ORDER BY e."at" LIMIT at_most
    ));
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN jsonb_build_object('deleted', deleted, 'behind', deleted = at_most);
END
$xtrig$;

REVOKE ALL ON FUNCTION audit.maintain(integer) FROM PUBLIC;

COMMENT ON FUNCTION audit.maintain(integer) IS 'xtrig:1:27370ad25103a5e8:audit';

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
    CASE WHEN false THEN "at" - "at" END AS duration_at_least,
    CASE WHEN is_gone THEN coalesce(next_at, CURRENT_TIMESTAMP) - "at" END AS duration_at_most
FROM (
    SELECT paired.*, next_event IS DISTINCT FROM 'logoff' AND (next_event = 'logon' OR NOT EXISTS (
        SELECT 1 FROM pg_catalog.pg_stat_activity AS a
        WHERE a.pid = paired.backend_pid AND (a.backend_start > paired."at") IS NOT TRUE
    )) AS is_gone
    FROM (
        SELECT e.*, lead(event) OVER w AS next_event, lead("at") OVER w AS next_at
        FROM audit.session_event AS e WINDOW w AS (PARTITION BY backend_pid ORDER BY "at", event DESC)
    ) AS paired
    WHERE event = 'logon'
) AS told;

GRANT SELECT ON audit.sessions TO audit_reader;

COMMENT ON VIEW audit.sessions IS 'xtrig:1:8507379e69d4a7b4:audit';

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
    CAST('PolarDB lets in a session whose record fails, such as a read-only one and one on a read-only node: of each '
        || 'there is a line in the server log; refused logins reach no trigger, and leave nothing here' AS text) AS reason
FROM audit.session_event
HAVING min("at") IS NOT NULL;

GRANT SELECT ON audit.coverage_gaps TO audit_reader;

COMMENT ON VIEW audit.coverage_gaps IS 'xtrig:1:fb1126d21aee37d8:audit';

DROP EVENT TRIGGER IF EXISTS audit_logon;

-- Trigger audit_logon: logon
CREATE EVENT TRIGGER audit_logon ON after_user_logon
    EXECUTE PROCEDURE audit.record_session();

ALTER EVENT TRIGGER audit_logon ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER audit_logon IS 'xtrig:1:5788280e7d39c47e:audit';

DROP EVENT TRIGGER IF EXISTS audit_logoff;

-- Trigger audit_logoff: logoff
CREATE EVENT TRIGGER audit_logoff ON before_user_logoff
    EXECUTE PROCEDURE audit.record_session();

ALTER EVENT TRIGGER audit_logoff ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER audit_logoff IS 'xtrig:1:1a1ddf1d9a8ddb33:audit';
