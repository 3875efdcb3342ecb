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

-- Table audit.session_log: sessions that have ended
CREATE TABLE IF NOT EXISTS audit.session_log (
    recorded_at timestamptz,
    session_id text,
    login_user text,
    database_name text,
    client_ip text,
    application text,
    auth_method text,
    client_port integer,
    backend_pid integer,
    logon_at timestamptz,
    logoff_at timestamptz,
    last_seen_at timestamptz,
    detected_at timestamptz,
    ended_by text,
    source text,
    instance text
) PARTITION BY RANGE (recorded_at);

CREATE INDEX IF NOT EXISTS session_log_user ON audit.session_log (login_user, logon_at);

CREATE INDEX IF NOT EXISTS session_log_start ON audit.session_log (logon_at);

-- « polardb-mark-table: audit.session_log | xtrig:1:1fec4045d7a0c190:audit
-- Function audit.maintain(integer): for a scheduler
CREATE OR REPLACE FUNCTION audit.maintain(at_most integer DEFAULT 100000)
    RETURNS jsonb
    LANGUAGE plpgsql
    -- The users have no rights here; the pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = 'on'
    SET DateStyle = iso, ymd
    SET TimeZone = 'UTC'
    SET extra_float_digits = '1'
    SET bytea_output = 'hex'
    SET IntervalStyle = 'postgres'
    SET lock_timeout = '500ms'
AS $xtrig$
DECLARE
    said jsonb := '{}';
    looked_at timestamptz; pids integer[]; began timestamptz[]; put_away bigint;
    begins timestamptz; ends timestamptz; next timestamptz; past timestamptz; part text;
BEGIN
    BEGIN
        -- One call at a time. Neither readers nor logins wait for it.
        LOCK TABLE audit.session_log IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;
    EXCEPTION WHEN lock_not_available THEN
        RETURN '{"busy": true}';
    END;

    -- 1. Partitions ahead: made apart and attached, which from kernel 12 on stops no readers.
    -- Not after the last one: a clock that was wrong may have left one far ahead.
    begins := date_trunc('month', now());  -- the time zone is UTC here
    WHILE begins <= now() + 2 * '1 month'::pg_catalog.interval LOOP
        SELECT max(p.until) FILTER (WHERE p.since <= greatest(begins, now()) AND p.until > greatest(begins, now())),
            min(p.since) FILTER (WHERE p.since > greatest(begins, now())),
            max(p.until) FILTER (WHERE p.until <= now())
        INTO ends, next, past
        FROM (
            SELECT substring(bound FROM $re$FROM \('([^']+)'\)$re$)::timestamptz AS since,
                substring(bound FROM $re$TO \('([^']+)'\)$re$)::timestamptz AS until
            FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid, pg_get_expr(c.relpartbound, c.oid) AS bound
            WHERE inhparent = 'audit.session_log'::regclass
        ) AS p;
        IF ends IS NOT NULL THEN
            begins := ends;
            CONTINUE;
        END IF;
        begins := greatest(begins, past);
        ends := least(date_trunc('month', begins) + '1 month'::pg_catalog.interval, next);
        part := 'session_log_' || to_char(begins, 'YYYYMMDDHH24MI');
        EXECUTE format(
            'CREATE TABLE %1$I.%2$I (LIKE %1$I.session_log INCLUDING ALL, '
            'CONSTRAINT attach CHECK (recorded_at >= %3$L AND recorded_at < %4$L))', 'audit', part, begins, ends
        );
        EXECUTE format(
            'ALTER TABLE %1$I.session_log ATTACH PARTITION %1$I.%2$I FOR VALUES FROM (%3$L) TO (%4$L)',
            'audit', part, begins, ends
        );
        EXECUTE format('ALTER TABLE %I.%I DROP CONSTRAINT attach', 'audit', part);
        said := said || jsonb_build_object('made', coalesce(said -> 'made', '[]') || to_jsonb(part));
        begins := ends;
    END LOOP;

    -- 2. Put away what has ended. Who is there is asked before the rows are read: of a process that was gone then, a
    -- logoff that is not there now comes no more.
    looked_at := clock_timestamp();
    SELECT array_agg(s.pid), array_agg(s.backend_start) INTO pids, began FROM pg_stat_get_activity(NULL) AS s;
    WITH told AS (
        SELECT looked_at AS recorded_at,
            to_hex(CAST(floor(extract(epoch FROM "at")) AS bigint)) || '.' || to_hex(backend_pid) AS session_id,
            CAST(login_user AS text) AS login_user, CAST(database_name AS text) AS database_name,
            CAST(client_ip AS text) AS client_ip, client_port, application, CAST(NULL AS text) AS auth_method,
            backend_pid, CAST('1' AS text) AS instance, "at" AS logon_at,
            CASE next_event WHEN 'logoff' THEN next_at END AS logoff_at,
            CASE WHEN next_event = 'logoff' THEN 'logoff' WHEN is_gone THEN 'unknown' END AS ended_by,
            CASE WHEN is_gone THEN "at" END AS last_seen_at,
            CASE WHEN is_gone THEN coalesce(next_at, looked_at) END AS detected_at,
            CAST('login trigger' AS text) AS source, begun, CASE next_event WHEN 'logoff' THEN ended END AS ended
        FROM (
            SELECT paired.*, next_event IS DISTINCT FROM 'logoff' AND (next_event = 'logon' OR NOT EXISTS (
                SELECT 1 FROM unnest(pids, began) AS a (pid, backend_start)
                WHERE a.pid = paired.backend_pid AND (a.backend_start > paired."at") IS NOT TRUE
            )) AS is_gone
            FROM (
                -- A pid is used again: the next event of the same pid ends a session, if it is a logoff. Whoever makes this has
                -- a search_path, in which an operator of varchar, or an aggregate lead(timestamptz), would be a closer match.
                SELECT e.*, ctid AS begun, CAST(event AS text) AS this_event,
                    pg_catalog.lead(CAST(event AS text)) OVER w AS next_event, pg_catalog.lead("at") OVER w AS next_at,
                    pg_catalog.lead(ctid) OVER w AS ended
                FROM audit.session_event AS e WINDOW w AS (PARTITION BY backend_pid ORDER BY "at", event DESC)
            ) AS paired
            WHERE this_event = 'logon'
        ) AS seen
    ), batch AS (
        SELECT * FROM told WHERE ended_by IS NOT NULL AND logon_at < looked_at ORDER BY logon_at LIMIT at_most
    ), put AS (
        INSERT INTO audit.session_log (
        recorded_at, session_id, login_user, database_name, client_ip, application, auth_method,
        client_port, backend_pid, logon_at, logoff_at, last_seen_at, detected_at, ended_by, source,
        instance
        )
        SELECT recorded_at, session_id, login_user, database_name, client_ip, application, auth_method,
        client_port, backend_pid, logon_at, logoff_at, last_seen_at, detected_at, ended_by, source,
        instance
        FROM batch RETURNING 1
    ), gone AS (
        DELETE FROM audit.session_event
        WHERE ctid = ANY (ARRAY(SELECT begun FROM batch UNION ALL SELECT ended FROM batch))
    )
    SELECT count(*) INTO put_away FROM put;
    said := said || jsonb_build_object('put_away', put_away, 'behind', put_away = at_most);

    -- 3. Retention. What is left of a session whose logon could not be written goes by its age.
    IF put_away < at_most THEN
        DELETE FROM audit.session_event
        WHERE event = 'logoff' AND "at" < clock_timestamp() - '13 months'::pg_catalog.interval;
    END IF;
    FOR part IN
        SELECT c.relname FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
        WHERE inhparent = 'audit.session_log'::regclass
          AND substring(pg_get_expr(c.relpartbound, c.oid) FROM $re$TO \('([^']+)'\)$re$)::timestamptz
            < now() - '13 months'::pg_catalog.interval
        ORDER BY 1
    LOOP
        BEGIN
            EXECUTE format('DROP TABLE %I.%I', 'audit', part);
            said := said || jsonb_build_object('dropped', coalesce(said -> 'dropped', '[]') || to_jsonb(part));
        EXCEPTION WHEN lock_not_available THEN
            said := said || jsonb_build_object('drop_later', part);
            EXIT;
        END;
    END LOOP;
    RETURN said;
END
$xtrig$;

REVOKE ALL ON FUNCTION audit.maintain(integer) FROM PUBLIC;

COMMENT ON FUNCTION audit.maintain(integer) IS 'xtrig:1:284362b58dca70e3:audit';

-- The first partitions
SELECT audit.maintain(20000);

GRANT USAGE ON SCHEMA audit TO audit_reader;

-- View audit.sessions: one row for each session
CREATE OR REPLACE VIEW audit.sessions AS
SELECT session_id, login_user, database_name, client_ip, client_port, application, auth_method, backend_pid, instance,
    logon_at, logoff_at, ended_by, last_seen_at, detected_at, source, logoff_at - logon_at AS duration,
    last_seen_at - logon_at AS duration_at_least, detected_at - logon_at AS duration_at_most
FROM (
    SELECT recorded_at, session_id, login_user, database_name, client_ip, application, auth_method,
        client_port, backend_pid, logon_at, logoff_at, last_seen_at, detected_at, ended_by, source,
        instance
    FROM audit.session_log
    UNION ALL
    SELECT recorded_at, session_id, login_user, database_name, client_ip, application, auth_method,
        client_port, backend_pid, logon_at, logoff_at, last_seen_at, detected_at, ended_by, source,
        instance
    FROM (
        SELECT CURRENT_TIMESTAMP AS recorded_at,
            to_hex(CAST(floor(extract(epoch FROM "at")) AS bigint)) || '.' || to_hex(backend_pid) AS session_id,
            CAST(login_user AS text) AS login_user, CAST(database_name AS text) AS database_name,
            CAST(client_ip AS text) AS client_ip, client_port, application, CAST(NULL AS text) AS auth_method,
            backend_pid, CAST('1' AS text) AS instance, "at" AS logon_at,
            CASE next_event WHEN 'logoff' THEN next_at END AS logoff_at,
            CASE WHEN next_event = 'logoff' THEN 'logoff' WHEN is_gone THEN 'unknown' END AS ended_by,
            CASE WHEN is_gone THEN "at" END AS last_seen_at,
            CASE WHEN is_gone THEN coalesce(next_at, CURRENT_TIMESTAMP) END AS detected_at,
            CAST('login trigger' AS text) AS source, begun, CASE next_event WHEN 'logoff' THEN ended END AS ended
        FROM (
            SELECT paired.*, next_event IS DISTINCT FROM 'logoff' AND (next_event = 'logon' OR NOT EXISTS (
                SELECT 1 FROM pg_catalog.pg_stat_activity AS a
                WHERE a.pid = paired.backend_pid AND (a.backend_start > paired."at") IS NOT TRUE
            )) AS is_gone
            FROM (
                -- A pid is used again: the next event of the same pid ends a session, if it is a logoff. Whoever makes this has
                -- a search_path, in which an operator of varchar, or an aggregate lead(timestamptz), would be a closer match.
                SELECT e.*, ctid AS begun, CAST(event AS text) AS this_event,
                    pg_catalog.lead(CAST(event AS text)) OVER w AS next_event, pg_catalog.lead("at") OVER w AS next_at,
                    pg_catalog.lead(ctid) OVER w AS ended
                FROM audit.session_event AS e WINDOW w AS (PARTITION BY backend_pid ORDER BY "at", event DESC)
            ) AS paired
            WHERE this_event = 'logon'
        ) AS seen
    ) AS told
) AS recorded;

GRANT SELECT ON audit.sessions TO audit_reader;

COMMENT ON VIEW audit.sessions IS 'xtrig:1:9798604eb1534643:audit';

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
SELECT since, CAST(NULL AS timestamptz) AS until,
    CAST('PolarDB lets in a session whose record fails, such as a read-only one and one on a read-only node: of each '
        || 'there is a line in the server log; refused logins reach no trigger, and leave nothing here' AS text) AS reason
FROM (SELECT least((SELECT min("at") FROM audit.session_event), (SELECT min(logon_at) FROM audit.session_log)) AS since) AS recorded
WHERE since IS NOT NULL;

GRANT SELECT ON audit.coverage_gaps TO audit_reader;

COMMENT ON VIEW audit.coverage_gaps IS 'xtrig:1:5327d177a00b51dd:audit';

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
