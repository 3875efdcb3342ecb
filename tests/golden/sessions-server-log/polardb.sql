-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Role audit\reader reads the record of sessions
DO LANGUAGE plpgsql $xtrig$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = E'audit\\reader') THEN
        CREATE ROLE "audit\reader" NOLOGIN;
        COMMENT ON ROLE "audit\reader" IS 'xtrig:1::Ünser "set"';
    END IF;
END
$xtrig$;

-- Schema 100% $a'dit
CREATE SCHEMA IF NOT EXISTS "100% $a'dit";

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('"100% $a''dit"'), 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('"100% $a''dit"'))
    THEN
        COMMENT ON SCHEMA "100% $a'dit" IS 'xtrig:1::Ünser "set"';
    END IF;
END
$xtrig$;

-- Table "100% $a'dit".session_event
CREATE TABLE IF NOT EXISTS "100% $a'dit".session_event (
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
    IF pg_catalog.obj_description(pg_catalog.to_regclass('"100% $a''dit".session_event'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM "100% $a'dit".session_event)
    THEN
        COMMENT ON TABLE "100% $a'dit".session_event IS 'xtrig:1:4b3ec0c5fc6a14ab:Ünser "set"';
    END IF;
END
$xtrig$;

-- Function "100% $a'dit".record_session
CREATE OR REPLACE FUNCTION "100% $a'dit".record_session RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
    IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
        INSERT INTO "100% $a'dit".session_event (event, "at", login_user, database_name, client_ip, client_port, application, backend_pid)
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

COMMENT ON FUNCTION "100% $a'dit".record_session() IS 'xtrig:1:34383be7cecfc79e:Ünser "set"';

GRANT USAGE ON SCHEMA "100% $a'dit" TO "audit\reader";

-- View "100% $a'dit".sessions: one row for each session
CREATE OR REPLACE VIEW "100% $a'dit".sessions AS
SELECT to_hex(CAST(floor(extract(epoch FROM "at")) AS bigint)) || '.' || to_hex(backend_pid) AS session_id,
    CAST(login_user AS text) AS login_user, CAST(database_name AS text) AS database_name,
    CAST(client_ip AS text) AS client_ip, client_port, application, CAST(NULL AS text) AS auth_method, backend_pid,
    CAST('it''s "north"' AS text) AS instance, "at" AS logon_at, CASE next_event WHEN 'logoff' THEN next_at END AS logoff_at,
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
        FROM "100% $a'dit".session_event AS e WINDOW w AS (PARTITION BY backend_pid ORDER BY "at")
    ) AS paired
    WHERE event = 'logon'
) AS told;

GRANT SELECT ON "100% $a'dit".sessions TO "audit\reader";

COMMENT ON VIEW "100% $a'dit".sessions IS 'xtrig:1:e78d6d12cf641ce4:Ünser "set"';

-- View "100% $a'dit".refused_logins: empty: no trigger of PolarDB's sees a refused login
CREATE OR REPLACE VIEW "100% $a'dit".refused_logins AS
SELECT CAST(NULL AS timestamptz) AS "at", CAST(NULL AS text) AS session_id, CAST(NULL AS text) AS login_user,
    CAST(NULL AS text) AS database_name, CAST(NULL AS text) AS client_ip, CAST(NULL AS text) AS application,
    CAST(NULL AS text) AS sqlstate, CAST(NULL AS text) AS message
WHERE false;

GRANT SELECT ON "100% $a'dit".refused_logins TO "audit\reader";

COMMENT ON VIEW "100% $a'dit".refused_logins IS 'xtrig:1:81a00d51496a4ac1:Ünser "set"';

-- View "100% $a'dit".coverage_gaps: what is not recorded
CREATE OR REPLACE VIEW "100% $a'dit".coverage_gaps AS
SELECT min("at") AS since, CAST(NULL AS timestamptz) AS until,
    CAST('PolarDB lets in a session whose record fails, and refused logins reach no trigger: both leave nothing here'
        AS text) AS reason
FROM "100% $a'dit".session_event
HAVING min("at") IS NOT NULL;

GRANT SELECT ON "100% $a'dit".coverage_gaps TO "audit\reader";

COMMENT ON VIEW "100% $a'dit".coverage_gaps IS 'xtrig:1:455f3a3cdc6d285f:Ünser "set"';

DROP EVENT TRIGGER IF EXISTS "Ünser ""set""_logon";

-- Trigger Ünser "set"_logon: logon
CREATE EVENT TRIGGER "Ünser ""set""_logon" ON after_user_logon
    EXECUTE PROCEDURE "100% $a'dit".record_session();

COMMENT ON EVENT TRIGGER "Ünser ""set""_logon" IS 'xtrig:1:ab4c9acdf21a08fd:Ünser "set"';

DROP EVENT TRIGGER IF EXISTS "Ünser ""set""_logoff";

-- Trigger Ünser "set"_logoff: logoff
CREATE EVENT TRIGGER "Ünser ""set""_logoff" ON before_user_logoff
    EXECUTE PROCEDURE "100% $a'dit".record_session();

COMMENT ON EVENT TRIGGER "Ünser ""set""_logoff" IS 'xtrig:1:e64f1e5cf67253a5:Ünser "set"';
