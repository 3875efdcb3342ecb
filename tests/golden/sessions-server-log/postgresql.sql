-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- Preflight: stop here, before any change, if something is missing or someone else's
DO $xtrig$
DECLARE
    problem text;
BEGIN
    SELECT format('event trigger %s exists and was not made by xtrig; rename one of the two', evtname)
    INTO problem
    FROM pg_event_trigger
    WHERE evtname IN ('Ünser "set"_logon')
      AND coalesce(obj_description(oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('function %s exists and was not made by xtrig; rename one of the two', oid::regprocedure)
    INTO problem
    FROM pg_proc
    WHERE oid IN (to_regprocedure('"100% $a''dit".reap(bigint, bigint, integer)'), to_regprocedure('"100% $a''dit".reap_at_login()'), to_regprocedure('"100% $a''dit".read_log(integer)'), to_regprocedure('"100% $a''dit".maintain(integer)'), to_regprocedure('"100% $a''dit".verify_seals()'), to_regprocedure('"100% $a''dit".logon()'))
      AND coalesce(obj_description(oid, 'pg_proc'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT format('table %s exists and was not made by xtrig; say create: false, or rename one of the two', oid::regclass)
    INTO problem
    FROM pg_class
    WHERE oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE (nspname, relname) IN (('100% $a''dit', 'session_inbox'), ('100% $a''dit', 'session_log'), ('100% $a''dit', 'refused_login'), ('100% $a''dit', 'session_state'), ('100% $a''dit', 'log_position'), ('100% $a''dit', 'seal'), ('100% $a''dit', 'coverage'), ('100% $a''dit', 'sessions'), ('100% $a''dit', 'refused_logins'), ('100% $a''dit', 'coverage_gaps'), ('100% $a''dit', 'tamper_findings')))
      AND coalesce(obj_description(oid, 'pg_class'), '') NOT LIKE 'xtrig:%';
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    SELECT found.problem
    INTO problem
    FROM (SELECT format('role %I may log in or is superuser, but would own functions that run for everybody; name another one', rolname) AS problem FROM pg_roles WHERE rolname IN ('Audit Owner', 'audit''writer') AND (rolcanlogin OR rolsuper) UNION ALL SELECT format('role %I has the member %I, who could become superuser by it; REVOKE it from them', own.rolname, member.rolname) FROM pg_auth_members AS m JOIN pg_roles AS own ON own.oid = m.roleid JOIN pg_roles AS member ON member.oid = m.member WHERE own.rolname IN ('Audit Owner', 'audit''writer') AND NOT member.rolsuper) AS found LIMIT 1;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;

-- Role Audit Owner owns the record of sessions
DO $xtrig$
BEGIN
    IF to_regrole('"Audit Owner"') IS NULL THEN
        CREATE ROLE "Audit Owner" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
        COMMENT ON ROLE "Audit Owner" IS 'xtrig:1::Ünser "set"';
    END IF;
END
$xtrig$;

-- The owner sees who is logged in
GRANT pg_monitor TO "Audit Owner";

-- The owner reads the server log
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO "Audit Owner";

-- Role audit'writer writes sessions down
DO $xtrig$
BEGIN
    IF to_regrole('"audit''writer"') IS NULL THEN
        CREATE ROLE "audit'writer" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
        COMMENT ON ROLE "audit'writer" IS 'xtrig:1::Ünser "set"';
    END IF;
END
$xtrig$;

-- Role audit\reader reads the record of sessions
DO $xtrig$
BEGIN
    IF to_regrole(E'"audit\\reader"') IS NULL THEN
        CREATE ROLE "audit\reader" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
        COMMENT ON ROLE "audit\reader" IS 'xtrig:1::Ünser "set"';
    END IF;
END
$xtrig$;

-- Schema 100% $a'dit
CREATE SCHEMA IF NOT EXISTS "100% $a'dit";

GRANT USAGE, CREATE ON SCHEMA "100% $a'dit" TO "Audit Owner";

GRANT USAGE ON SCHEMA "100% $a'dit" TO "audit'writer", "audit\reader";

-- Table "100% $a'dit".session_inbox: Sessions that are open, or ended and not yet put away: what a login writes to
CREATE TABLE IF NOT EXISTS "100% $a'dit".session_inbox (
    login_user name,
    client_addr inet,
    client_port integer,
    application text,
    authn text,
    backend_pid integer,
    started_at timestamptz,
    synchronous_commit text,
    backend_start timestamptz,
    session_id text,
    ended_at timestamptz,
    ended_by text,
    last_seen_at timestamptz,
    detected_at timestamptz,
    source text
) WITH (
    vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_threshold = -1
);

ALTER TABLE "100% $a'dit".session_inbox OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".session_inbox FROM PUBLIC;

GRANT INSERT ON "100% $a'dit".session_inbox TO "audit'writer";

COMMENT ON TABLE "100% $a'dit".session_inbox IS 'xtrig:1:4fa65fe1f57aae93:Ünser "set"';

-- Table "100% $a'dit".session_log: Sessions that have ended; only ever inserted to, and dropped by partition
CREATE TABLE IF NOT EXISTS "100% $a'dit".session_log (
    recorded_at timestamptz NOT NULL,
    session_id text,
    instance text NOT NULL,
    database_name name NOT NULL,
    login_user name,
    client_addr inet,
    client_port integer,
    application text,
    auth_method text,
    auth_identity text,
    backend_pid integer,
    started_at timestamptz,
    ended_at timestamptz,
    ended_by text NOT NULL,
    last_seen_at timestamptz,
    detected_at timestamptz,
    source text NOT NULL,
    CHECK (ended_by IN ('logoff', 'inferred', 'server log', 'unknown'))
) PARTITION BY RANGE (recorded_at);

CREATE INDEX IF NOT EXISTS session_log_user ON "100% $a'dit".session_log ((login_user::text), started_at);

CREATE INDEX IF NOT EXISTS session_log_start ON "100% $a'dit".session_log (started_at);

ALTER TABLE "100% $a'dit".session_log OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".session_log FROM PUBLIC;

COMMENT ON TABLE "100% $a'dit".session_log IS 'xtrig:1:7e82c7d946bbda8e:Ünser "set"';

-- Table "100% $a'dit".refused_login: Refused logins, from the server log: a refusal takes its own row back
CREATE TABLE IF NOT EXISTS "100% $a'dit".refused_login (
    at timestamptz NOT NULL,
    session_id text,
    login_user text,
    database_name text,
    client_ip text,
    application text,
    sqlstate text,
    message text
);

CREATE INDEX IF NOT EXISTS refused_login_at ON "100% $a'dit".refused_login (at);

ALTER TABLE "100% $a'dit".refused_login OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".refused_login FROM PUBLIC;

COMMENT ON TABLE "100% $a'dit".refused_login IS 'xtrig:1:e459ddd3aba5bdaf:Ünser "set"';

-- Table "100% $a'dit".session_state: When it is time to look for sessions that have ended
CREATE TABLE IF NOT EXISTS "100% $a'dit".session_state (
    reap_due timestamptz NOT NULL,
    complete_at timestamptz NOT NULL,
    timeline text NOT NULL,
    next_block bigint NOT NULL,
    installed_at timestamptz NOT NULL
) WITH (
    fillfactor = 10, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200
);

INSERT INTO "100% $a'dit".session_state SELECT now(), now(), '', 0, now()
WHERE NOT EXISTS (SELECT FROM "100% $a'dit".session_state);

ALTER TABLE "100% $a'dit".session_state OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".session_state FROM PUBLIC;

GRANT SELECT ON "100% $a'dit".session_state TO "audit'writer";

COMMENT ON TABLE "100% $a'dit".session_state IS 'xtrig:1:8efc451f69db88d7:Ünser "set"';

-- Table "100% $a'dit".log_position: How far each file of the server log has been read
CREATE TABLE IF NOT EXISTS "100% $a'dit".log_position (
    file text NOT NULL,
    head bytea NOT NULL,
    done bigint NOT NULL,
    PRIMARY KEY (file)
);

ALTER TABLE "100% $a'dit".log_position OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".log_position FROM PUBLIC;

COMMENT ON TABLE "100% $a'dit".log_position IS 'xtrig:1:4f1b97daae9075a6:Ünser "set"';

-- Table "100% $a'dit".seal: A seal for each batch of rows that was put away, chained without gaps
CREATE TABLE IF NOT EXISTS "100% $a'dit".seal (
    n bigint NOT NULL,
    kind text NOT NULL,
    recorded_at timestamptz NOT NULL,
    detail text,
    rows bigint NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (n),
    CHECK (kind IN ('batch', 'dropped'))
);

ALTER TABLE "100% $a'dit".seal OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".seal FROM PUBLIC;

GRANT SELECT ON "100% $a'dit".seal TO "audit\reader";

COMMENT ON TABLE "100% $a'dit".seal IS 'xtrig:1:43eb25858d563e76:Ünser "set"';

-- Table "100% $a'dit".coverage: Whether logins were recorded, each time somebody looked
CREATE TABLE IF NOT EXISTS "100% $a'dit".coverage (
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    reason text
);

ALTER TABLE "100% $a'dit".coverage OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".coverage FROM PUBLIC;

COMMENT ON TABLE "100% $a'dit".coverage IS 'xtrig:1:863d713a1b56f530:Ünser "set"';

-- Function "100% $a'dit".reap(bigint, bigint, integer) marks the rows of sessions that are no more
CREATE OR REPLACE FUNCTION "100% $a'dit".reap(from_block bigint, to_block bigint, at_most integer)
    RETURNS integer
    LANGUAGE plpgsql
    -- The users have no rights here; the pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = 'on'
AS $xtrig$
DECLARE
    looked_at timestamptz := clock_timestamp();
    now_on text := left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
    state record;
    changed integer;
BEGIN
    SELECT * INTO STRICT state FROM "100% $a'dit".session_state;
    -- The rows are read as of the statement's start, the backends later: a row without a backend is a dead session's.
    PERFORM pg_stat_clear_snapshot();
    WITH live AS MATERIALIZED (
        SELECT pid, s.backend_start FROM pg_stat_get_activity(NULL) AS s WHERE s.backend_start IS NOT NULL
    ), found AS MATERIALIZED (
        SELECT i.ctid AS row, live.pid IS NOT NULL AS alive, live.backend_start AS began
        FROM "100% $a'dit".session_inbox AS i
        LEFT JOIN live ON live.pid = i.backend_pid
            AND CASE WHEN i.backend_start IS NULL
                THEN live.backend_start <= i.started_at ELSE live.backend_start = i.backend_start END
        WHERE i.ctid >= format('(%s,0)', from_block)::tid AND i.ctid < format('(%s,0)', to_block)::tid
          AND i.ended_by IS NULL AND (live.pid IS NULL OR i.backend_start IS NULL)
        LIMIT at_most
        FOR UPDATE OF i SKIP LOCKED
    )
    UPDATE "100% $a'dit".session_inbox AS i
    SET backend_start = coalesce(i.backend_start, found.began),
        -- After a failover nobody here has seen the session alive.
        ended_by = CASE WHEN alive THEN NULL WHEN state.timeline NOT IN ('', now_on) THEN 'unknown' ELSE 'inferred' END,
        last_seen_at = CASE WHEN NOT alive THEN greatest(i.started_at, least(
            state.complete_at, CASE WHEN pg_postmaster_start_time() > i.started_at THEN pg_postmaster_start_time() END
        )) END,
        -- It can not have outlived the server it was a session of.
        detected_at = CASE WHEN alive THEN NULL WHEN pg_postmaster_start_time() > i.started_at
            THEN least(looked_at, pg_postmaster_start_time()) ELSE looked_at END
    FROM found WHERE i.ctid = found.row;
    GET DIAGNOSTICS changed = ROW_COUNT;
    -- Only a look at everything moves the time at which all the open ones were seen.
    IF changed < at_most AND from_block = 0
        AND to_block * current_setting('block_size')::bigint >= pg_relation_size('"100% $a''dit".session_inbox') THEN
        UPDATE "100% $a'dit".session_state SET complete_at = looked_at, timeline = now_on;
    END IF;
    RETURN changed;
END
$xtrig$;

ALTER FUNCTION "100% $a'dit".reap(bigint, bigint, integer) OWNER TO "Audit Owner";

REVOKE ALL ON FUNCTION "100% $a'dit".reap(bigint, bigint, integer) FROM PUBLIC;

COMMENT ON FUNCTION "100% $a'dit".reap(bigint, bigint, integer) IS 'xtrig:1:621ffaa53539fca6:Ünser "set"';

-- Function "100% $a'dit".reap_at_login() a bounded look around, by one login at a time
CREATE OR REPLACE FUNCTION "100% $a'dit".reap_at_login()
    RETURNS void
    LANGUAGE plpgsql
    -- The users have no rights here; the pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = 'on'
    SET lock_timeout = '20ms'
AS $xtrig$
DECLARE
    pages bigint;
    state record;
    first bigint := 0;
BEGIN
    -- A serializable transaction that reads can be chosen as the victim at commit, which would refuse the login.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RETURN;
    END IF;
    -- One at a time, and nobody waits: any user can take advisory locks, but not this row's.
    SELECT * INTO state FROM "100% $a'dit".session_state WHERE reap_due < clock_timestamp() FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- At most 256 pages and 1,000 rows, whatever has piled up.
    pages := pg_relation_size('"100% $a''dit".session_inbox') / current_setting('block_size')::bigint;
    IF pages > 256 AND state.next_block < pages THEN
        first := state.next_block;
    END IF;
    UPDATE "100% $a'dit".session_state
    SET reap_due = clock_timestamp() + interval '1 minutes', next_block = first + 256;
    -- What fails here must not be tried again by the next login at once.
    BEGIN
        PERFORM "100% $a'dit".reap(first, first + 256, 1000);
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error', 'function', '"100% $a''dit".reap_at_login', 'sqlstate', SQLSTATE, 'error', SQLERRM
        );
    END;
END
$xtrig$;

ALTER FUNCTION "100% $a'dit".reap_at_login() OWNER TO "Audit Owner";

REVOKE ALL ON FUNCTION "100% $a'dit".reap_at_login() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "100% $a'dit".reap_at_login() TO "audit'writer";

COMMENT ON FUNCTION "100% $a'dit".reap_at_login() IS 'xtrig:1:48257f05070d0a71:Ünser "set"';

-- Function "100% $a'dit".read_log(integer) what the server log says: ends, refusals, and logins that could not be written
CREATE OR REPLACE FUNCTION "100% $a'dit".read_log(max_bytes integer DEFAULT 4194304)
    RETURNS jsonb
    LANGUAGE plpgsql
    -- The users have no rights here; the pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = 'on'
    SET DateStyle = iso, ymd
    SET TimeZone = 'UTC'
AS $xtrig$
DECLARE
    budget integer := greatest(max_bytes, 65536);
    directory text := current_setting('log_directory');
    zone text := current_setting('log_timezone');
    here_only text := '"dbname":' || to_json(current_database()::text) || ',';
    grace interval := make_interval(
        secs => (SELECT setting::integer + 1 FROM pg_settings WHERE name = 'authentication_timeout')
    );
    -- The times of files and of session_id are whole seconds.
    since timestamptz := (SELECT date_trunc('second', installed_at) FROM "100% $a'dit".session_state);
    f record;
    head bytea; known record; here bigint; chunk bytea; size integer; cut integer; words text;
    lines json[];
    n integer;
    read bigint := 0; ended integer := 0; recovered integer := 0; refused integer := 0; log_only integer := 0;
    lost bigint := 0;
    behind boolean := false;
BEGIN
    PERFORM FROM "100% $a'dit".session_state FOR UPDATE;  -- one reader at a time
    FOR f IN
        SELECT name, l.size, modification FROM pg_ls_logdir() AS l WHERE name ~ '[.]json$' ORDER BY modification, name
    LOOP
        head := pg_read_binary_file(directory || '/' || f.name, 0, 256, true);
        IF head IS NULL OR length(head) = 0 THEN CONTINUE; END IF;
        SELECT * INTO known FROM "100% $a'dit".log_position WHERE file = f.name;
        here := 0;
        IF FOUND THEN
            -- A file that begins otherwise has been written anew under the old name (log_truncate_on_rotation).
            IF substring(head FOR length(known.head)) = known.head AND f.size >= known.done THEN
                here := known.done;
            ELSE
                lost := lost + 1;
            END IF;
        ELSIF f.modification < since THEN
            here := f.size;  -- of the time before the audit
        END IF;
        LOOP
            EXIT WHEN here >= f.size;
            IF budget <= 0 THEN behind := true; EXIT; END IF;
            -- Never less: a chunk without a line feed would be taken for a long line.
            chunk := pg_read_binary_file(directory || '/' || f.name, here, 1048576, true);
            size := coalesce(length(chunk), 0);
            EXIT WHEN size = 0;
            cut := size;  -- up to the last line feed: what follows is half a line
            WHILE cut > 0 AND get_byte(chunk, cut - 1) <> 10 LOOP cut := cut - 1; END LOOP;
            IF cut = 0 THEN
                EXIT WHEN size < 1048576;  -- half a line, to be finished
                cut := size;  -- a line of over 1 MB is none of ours: skipped
            END IF;
            here := here + cut; budget := budget - cut; read := read + cut;
            chunk := substring(chunk FOR cut);
            BEGIN
                words := convert_from(chunk, getdatabaseencoding());
            EXCEPTION WHEN OTHERS THEN
                -- Lines of other encodings, or of a client that offers a user name of odd bytes: those bytes become ?
                words := replace(encode(chunk, 'escape'), E'\\\\', E'\x01');
                words := replace(regexp_replace(words, E'\\\\[0-7]{3}', '?', 'g'), E'\x01', E'\\');
            END;
            -- Not LIKE for the name of the database: in it _ and % would stand for those of others.
            SELECT array_agg(line::json) INTO lines
            FROM string_to_table(words, E'\n') AS line
            WHERE (line LIKE '%"message":"disconnection: session time: %' OR line LIKE '%"message":"xtrig {%'
                OR line LIKE '%"error_severity":"FATAL"%')
              AND strpos(line, here_only) > 0
              AND line IS JSON OBJECT;
            CONTINUE WHEN lines IS NULL;

            -- Refused: FATAL before there was a session. (ps is the process title: startup or authentication until
            -- then.)
            WITH fatal AS (
                SELECT left(x.timestamp, 23)::timestamp AT TIME ZONE zone AS at, x.*
                FROM unnest(lines) AS j, json_to_record(j) AS x(
                    timestamp text, "user" text, dbname text, session_id text, remote_host text, ps text,
                    error_severity text, state_code text, message text, application_name text
                )
                WHERE error_severity = 'FATAL' AND ps IN ('startup', 'authentication', '')
            ), gone AS (
                DELETE FROM "100% $a'dit".session_inbox AS i USING fatal
                WHERE i.session_id = fatal.session_id AND i.source = 'login trigger, by its log line'
            )
            INSERT INTO "100% $a'dit".refused_login (
                at, session_id, login_user, database_name, client_ip, application, sqlstate, message
            )
            SELECT at, session_id, "user", dbname, nullif(remote_host, '[local]'), application_name, state_code, message
            FROM fatal
            WHERE at >= since;
            GET DIAGNOSTICS n = ROW_COUNT; refused := refused + n;

            -- Logons that could not be written (read-only session, locked table, full disk): the function's own line.
            -- Any user can RAISE LOG such words, but not from within that function, and the server says from where;
            -- with quote_all_identifiers, which any user may set, in quotes. What is forged is not even parsed.
            INSERT INTO "100% $a'dit".session_inbox (
                login_user, client_addr, client_port, application, authn, backend_pid, started_at, session_id, source
            )
            SELECT r.login_user, r.client_ip, r.client_port, r.application, r.authn, x.pid, r.started_at, x.session_id,
                'login trigger, by its log line'
            FROM unnest(lines) AS j, json_to_record(j) AS x(
                    pid integer, session_id text, error_severity text, message text, context text
                ), json_to_record(CASE
                    WHEN x.message LIKE 'xtrig {%' AND x.error_severity = 'LOG'
                        AND (starts_with(x.context, 'PL/pgSQL function "100% $a''dit".logon() line ') OR starts_with(x.context, 'PL/pgSQL function "100% $a''dit"."logon"() line '))
                        AND x.context ~ ' line [0-9]+ at RAISE$' AND substr(x.message, 7) IS JSON OBJECT
                    THEN substr(x.message, 7)::json
                END) AS r(
                    function text, outcome text, login_user name, client_ip inet, client_port integer,
                    application text, authn text, started_at timestamptz
                )
            WHERE r.function = '"100% $a''dit".logon' AND r.outcome IN ('error', 'not written') AND r.started_at >= since
              AND NOT EXISTS (
                SELECT FROM "100% $a'dit".refused_login AS e WHERE e.session_id = x.session_id AND e.at >= r.started_at
              );
            GET DIAGNOSTICS n = ROW_COUNT; recovered := recovered + n;

            -- Ends. A forged line has a context; the true one is written by the server after everything else.
            WITH ending AS MATERIALIZED (
                SELECT x.pid, x.session_id, x."user", x.application_name, x.remote_host, x.remote_port,
                    to_timestamp(('x' || lpad(split_part(x.session_id, '.', 1), 16, '0'))::bit(64)::bigint) AS began,
                    left(x.timestamp, 23)::timestamp AT TIME ZONE zone AS at,
                    -- Two sessions of one pid in one second have one session_id: the line before bounds the
                    -- session from below.
                    lag(left(x.timestamp, 23)::timestamp AT TIME ZONE zone)
                        OVER (PARTITION BY x.pid ORDER BY x.timestamp) AS before
                FROM unnest(lines) AS j, json_to_record(j) AS x(
                    timestamp text, "user" text, pid integer, session_id text, remote_host text, remote_port text,
                    error_severity text, message text, context text, application_name text
                )
                WHERE x.message LIKE 'disconnection: session time: %' AND x.error_severity = 'LOG' AND x.context IS NULL
            ), matched AS (
                UPDATE "100% $a'dit".session_inbox AS i
                SET ended_at = greatest(ending.at, i.started_at), ended_by = 'server log',
                    session_id = ending.session_id, last_seen_at = NULL, detected_at = NULL
                FROM ending
                WHERE i.backend_pid = ending.pid AND i.ended_at IS NULL
                  AND i.started_at >= greatest(ending.began, ending.before)
                  AND i.started_at < least(ending.began + grace, ending.at + '2 ms')
                RETURNING ending.session_id
            ), others AS (
                -- Sessions that left no row: the trigger was off, or the commit was lost in a crash.
                INSERT INTO "100% $a'dit".session_inbox (
                    login_user, client_addr, client_port, application, backend_pid, started_at, session_id, ended_at,
                    ended_by, source
                )
                SELECT "user", CASE WHEN remote_host ~ '^[0-9a-fA-F:.]+$' THEN remote_host::inet END,
                    remote_port::integer, application_name, pid, began, session_id, at, 'server log', 'server log'
                FROM ending
                WHERE began >= since
                  AND NOT EXISTS (SELECT FROM matched WHERE matched.session_id = ending.session_id)
                  AND NOT EXISTS (
                    SELECT FROM "100% $a'dit".refused_login AS e
                    WHERE e.session_id = ending.session_id AND e.at >= ending.began
                  )
                  AND NOT EXISTS (
                    SELECT FROM "100% $a'dit".session_log AS l
                    WHERE l.started_at >= began AND l.started_at < least(began + grace, ending.at + '2 ms')
                      AND l.backend_pid = pid
                  )
                  AND NOT EXISTS (SELECT FROM "100% $a'dit".session_inbox AS i WHERE i.session_id = ending.session_id)
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM matched), (SELECT count(*) FROM others) INTO n, cut;
            ended := ended + n; log_only := log_only + cut;
        END LOOP;
        INSERT INTO "100% $a'dit".log_position VALUES (f.name, head, here)
        ON CONFLICT (file) DO UPDATE SET head = excluded.head, done = excluded.done
            WHERE (log_position.head, log_position.done) IS DISTINCT FROM (excluded.head, excluded.done);
    END LOOP;
    DELETE FROM "100% $a'dit".log_position WHERE file NOT IN (SELECT name FROM pg_ls_logdir());
    RETURN jsonb_build_object(
        'bytes', read, 'ended', ended, 'recovered', recovered, 'refused', refused, 'log_only', log_only,
        'files_overwritten', lost, 'behind', behind
    );
END
$xtrig$;

ALTER FUNCTION "100% $a'dit".read_log(integer) OWNER TO "Audit Owner";

REVOKE ALL ON FUNCTION "100% $a'dit".read_log(integer) FROM PUBLIC;

COMMENT ON FUNCTION "100% $a'dit".read_log(integer) IS 'xtrig:1:d1cfb5ca0f1b905d:Ünser "set"';

-- Function "100% $a'dit".maintain(integer) for a scheduler, each minute or so; it locks nothing that a login needs
CREATE OR REPLACE FUNCTION "100% $a'dit".maintain(at_most integer DEFAULT 20000)
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
    settle interval := '5 s';
    said jsonb := '{}';
    behind boolean := false;
    begins timestamptz; ends timestamptz; part text; old record;
    moved bigint; text_of_rows text; last_seal record; put_at timestamptz; dropped text;
    why text; covered_until timestamptz;
BEGIN
    PERFORM FROM "100% $a'dit".session_state FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN '{"busy": true}';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'maintain() needs read committed';
    END IF;

    -- 1. Who is gone. Before the log is read, so that a line written before the look is found.
    said := said || jsonb_build_object('reaped', "100% $a'dit".reap(0, 4294967295, 5 * at_most));
    UPDATE "100% $a'dit".session_state SET reap_due = clock_timestamp() + interval '1 minutes';

    -- 2. What the server log knows better.
    IF true AND current_setting('log_destination') LIKE '%jsonlog%'
        AND current_setting('logging_collector')::boolean THEN
        BEGIN
            said := said || "100% $a'dit".read_log();
            behind := (said ->> 'behind')::boolean;
        EXCEPTION WHEN OTHERS THEN
            said := said || jsonb_build_object('log_error', SQLERRM);
            RAISE WARNING 'xtrig: the server log could not be read: %', SQLERRM;
        END;
    ELSE
        settle := '0';
    END IF;

    -- 3. Partitions ahead: made apart and attached, which needs no lock that stops readers or writers of the log.
    SELECT max(substring(pg_get_expr(c.relpartbound, c.oid) FROM $re$TO \('([^']+)'\)$re$)::timestamptz) INTO ends
    FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid WHERE inhparent = '"100% $a''dit".session_log'::regclass;
    WHILE ends IS NULL OR ends <= now() + 4 * interval '1 week' LOOP
        begins := greatest(ends, date_trunc('week', now(), 'UTC'));
        ends := date_trunc('week', begins, 'UTC') + interval '1 week';  -- the time zone is UTC here
        part := 'session_log_' || to_char(begins, 'YYYYMMDDHH24MI');
        EXECUTE format(
            'CREATE TABLE %1$I.%2$I (LIKE %1$I.session_log INCLUDING ALL, '
            'CONSTRAINT attach CHECK (recorded_at >= %3$L AND recorded_at < %4$L))', '100% $a''dit', part, begins, ends
        );
        EXECUTE format(
            'ALTER TABLE %1$I.session_log ATTACH PARTITION %1$I.%2$I FOR VALUES FROM (%3$L) TO (%4$L)',
            '100% $a''dit', part, begins, ends
        );
        EXECUTE format('ALTER TABLE %I.%I DROP CONSTRAINT attach', '100% $a''dit', part);
        said := said || jsonb_build_object('made', coalesce(said -> 'made', '[]') || to_jsonb(part));
    END LOOP;

    -- 4. Put away what has ended. An inferred end waits a little for its line in the server log.
    -- Each batch has a time of its own, even in one transaction: it is what the seal knows its rows by.
    SELECT * INTO last_seal FROM "100% $a'dit".seal ORDER BY n DESC LIMIT 1;
    put_at := greatest(clock_timestamp(), last_seal.recorded_at + interval '1 microsecond');
    WITH batch AS MATERIALIZED (
        SELECT ctid AS row FROM "100% $a'dit".session_inbox
        WHERE ended_by IS NOT NULL
          AND (ended_at IS NOT NULL OR (NOT behind AND detected_at <= clock_timestamp() - settle))
        LIMIT at_most FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM "100% $a'dit".session_inbox AS i USING batch WHERE i.ctid = batch.row RETURNING i.*
    ), put AS (
        INSERT INTO "100% $a'dit".session_log
        SELECT put_at, coalesce(
                session_id, to_hex(floor(extract(epoch FROM backend_start))::bigint) || '.' || to_hex(backend_pid)
            ),
            'it''s "north"', current_database(), login_user, client_addr, client_port, application,
            split_part(authn, ':', 1), substr(authn, strpos(authn, ':') + 1), backend_pid, started_at,
            ended_at, ended_by, last_seen_at, detected_at, coalesce(source, 'login trigger')
        FROM taken RETURNING session_log.*
    )
    SELECT count(*), coalesce(string_agg(put::text, E'\n' ORDER BY put::text COLLATE "C"), '')
    INTO moved, text_of_rows FROM put;

    -- 5. Seal it, with the seal before: a change of any earlier row breaks every later seal.
    IF moved > 0 THEN
        INSERT INTO "100% $a'dit".seal VALUES (
            coalesce(last_seal.n, 0) + 1, 'batch', put_at, NULL, moved, sha256(
                coalesce(last_seal.digest, '')
                || convert_to(moved || E'\n' || put_at::text || E'\n' || text_of_rows, 'UTF8')
            )
        )
        RETURNING * INTO last_seal;
        -- The one copy that a superuser of this database can not rewrite, if the log is shipped elsewhere.
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'sealed', 'function', '"100% $a''dit".maintain', 'n', last_seal.n, 'rows', moved,
            'digest', encode(last_seal.digest, 'hex')
        );
    END IF;
    said := said || jsonb_build_object('put_away', moved);

    -- 6. Retention. DROP locks the log's parent: readers for a moment, never a login. If a long read is in the way,
    -- or the partition is somebody else's: next time.
    FOR old IN
        SELECT c.relname,
            substring(pg_get_expr(c.relpartbound, c.oid) FROM $re$TO \('([^']+)'\)$re$)::timestamptz AS until
        FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
        WHERE inhparent = '"100% $a''dit".session_log'::regclass ORDER BY 2
    LOOP
        CONTINUE WHEN old.until >= now() - interval '90 days';
        BEGIN
            LOCK TABLE "100% $a'dit".session_log IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('SELECT count(*) FROM %I.%I', '100% $a''dit', old.relname) INTO moved;
            SELECT * INTO last_seal FROM "100% $a'dit".seal ORDER BY n DESC LIMIT 1;
            put_at := greatest(clock_timestamp(), last_seal.recorded_at + interval '1 microsecond');
            dropped := old.relname || ' until ' || old.until;
            INSERT INTO "100% $a'dit".seal VALUES (
                coalesce(last_seal.n, 0) + 1, 'dropped', put_at, dropped, moved, sha256(
                    coalesce(last_seal.digest, '')
                    || convert_to('dropped' || E'\n' || put_at::text || E'\n' || dropped || E'\n' || moved, 'UTF8')
                )
            );
            EXECUTE format('DROP TABLE %I.%I', '100% $a''dit', old.relname);
            said := said || jsonb_build_object('dropped', coalesce(said -> 'dropped', '[]') || to_jsonb(old.relname));
        EXCEPTION WHEN lock_not_available OR insufficient_privilege THEN
            said := said || jsonb_build_object('drop_later', old.relname);
            EXIT;
        END;
    END LOOP;
    DELETE FROM "100% $a'dit".refused_login WHERE at < now() - interval '90 days';
    DELETE FROM "100% $a'dit".coverage WHERE until < now() - interval '90 days';

    -- 7. Whether logins are recorded at all: from the last look on, if they are no more.
    SELECT CASE
        WHEN t.oid IS NULL THEN 'the login trigger is missing'
        WHEN t.evtenabled <> 'A' THEN 'the login trigger does not fire always'
        WHEN t.evtfoid IS DISTINCT FROM to_regprocedure('"100% $a''dit".logon()') THEN 'the login trigger runs another function'
        -- For all, or a role: in this session alone it is off for whoever looks after the server.
        WHEN s.setting = 'off' AND s.source NOT IN ('client', 'session', 'user', 'database user')
            THEN 'event_triggers is off'
        WHEN EXISTS (
            SELECT FROM pg_db_role_setting AS r JOIN pg_roles ON pg_roles.oid = r.setrole
            WHERE r.setconfig @> '{event_triggers=off}'
              AND r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        ) THEN 'event_triggers is off for a role'
    END INTO why
    FROM pg_settings AS s LEFT JOIN pg_event_trigger AS t ON t.evtname = 'Ünser "set"_logon' WHERE s.name = 'event_triggers';
    SELECT max(until) INTO covered_until FROM "100% $a'dit".coverage;
    UPDATE "100% $a'dit".coverage SET until = now() WHERE until = covered_until AND reason IS NOT DISTINCT FROM why;
    IF NOT FOUND AND (covered_until IS NOT NULL OR why IS NULL) THEN
        INSERT INTO "100% $a'dit".coverage VALUES (coalesce(covered_until, now()), now(), why);
    END IF;
    RETURN said;
END
$xtrig$;

ALTER FUNCTION "100% $a'dit".maintain(integer) OWNER TO "Audit Owner";

REVOKE ALL ON FUNCTION "100% $a'dit".maintain(integer) FROM PUBLIC;

COMMENT ON FUNCTION "100% $a'dit".maintain(integer) IS 'xtrig:1:612fc41ed645aa1d:Ünser "set"';

-- The first partitions
SELECT "100% $a'dit".maintain();

-- Function "100% $a'dit".verify_seals() a row for each seal that does not hold
CREATE OR REPLACE FUNCTION "100% $a'dit".verify_seals()
    RETURNS TABLE (n bigint, recorded_at timestamptz, problem text)
    LANGUAGE plpgsql STABLE
    -- The users have no rights here; the pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = 'on'
    SET DateStyle = iso, ymd
    SET TimeZone = 'UTC'
    SET extra_float_digits = '1'
    SET bytea_output = 'hex'
    SET IntervalStyle = 'postgres'
AS $xtrig$
DECLARE
    s record; before bytea := ''; expected bigint := 1; kept_from timestamptz; r record;
BEGIN
    -- A seal may have been altered to anything, and must not stop the others from being verified.
    SELECT max(CASE WHEN pg_input_is_valid(until, 'timestamptz') THEN until::timestamptz END) INTO kept_from
    FROM "100% $a'dit".seal AS d, split_part(d.detail, ' until ', 2) AS until WHERE d.kind = 'dropped';
    FOR s IN SELECT * FROM "100% $a'dit".seal ORDER BY seal.n LOOP
        IF s.n <> expected THEN
            RETURN QUERY SELECT s.n, s.recorded_at, format('seals %s to %s are missing', expected, s.n - 1);
        ELSIF s.kind = 'dropped' THEN
            IF s.digest IS DISTINCT FROM sha256(before || convert_to(
                'dropped' || E'\n' || s.recorded_at::text || E'\n' || s.detail || E'\n' || s.rows, 'UTF8'
            )) THEN
                RETURN QUERY SELECT s.n, s.recorded_at, 'the seal of a dropped partition does not hold';
            END IF;
        ELSIF kept_from IS NULL OR s.recorded_at >= kept_from THEN
            SELECT count(*) AS rows, coalesce(string_agg(l::text, E'\n' ORDER BY l::text COLLATE "C"), '') AS words
            INTO r FROM "100% $a'dit".session_log AS l WHERE l.recorded_at = s.recorded_at;
            IF r.rows <> s.rows THEN
                RETURN QUERY SELECT s.n, s.recorded_at, format('%s rows sealed, %s found', s.rows, r.rows);
            ELSIF s.digest <> sha256(before || convert_to(
                r.rows || E'\n' || s.recorded_at::text || E'\n' || r.words, 'UTF8'
            )) THEN
                RETURN QUERY SELECT s.n, s.recorded_at, 'rows were altered, or an earlier seal was';
            END IF;
        END IF;
        before := s.digest; expected := s.n + 1;
    END LOOP;
    RETURN QUERY
        SELECT NULL::bigint, l.recorded_at, format('%s rows that no seal covers', count(*))
        FROM "100% $a'dit".session_log AS l
        WHERE NOT EXISTS (SELECT FROM "100% $a'dit".seal WHERE kind = 'batch' AND seal.recorded_at = l.recorded_at)
        GROUP BY l.recorded_at;
END
$xtrig$;

ALTER FUNCTION "100% $a'dit".verify_seals() OWNER TO "Audit Owner";

REVOKE ALL ON FUNCTION "100% $a'dit".verify_seals() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "100% $a'dit".verify_seals() TO "audit\reader";

COMMENT ON FUNCTION "100% $a'dit".verify_seals() IS 'xtrig:1:bb01423ee15221ac:Ünser "set"';

-- Function "100% $a'dit".logon() writes down a login
CREATE OR REPLACE FUNCTION "100% $a'dit".logon()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- The users have no rights here; the pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET standard_conforming_strings = 'on'
    SET lock_timeout = '250ms'
    SET transaction_timeout = '5s'
AS $xtrig$
BEGIN
    -- on_error: allow. The login goes on, and the line in the server log says what the row would have said.
    -- Nothing looks ahead for a standby or a read-only session: the INSERT fails there at once and without harm.
    BEGIN
        INSERT INTO "100% $a'dit".session_inbox (
            login_user, client_addr, client_port, application, authn, backend_pid, started_at
        )
        VALUES (
            SESSION_USER, inet_client_addr(), inet_client_port(), current_setting('application_name'), SYSTEM_USER,
            pg_backend_pid(), CURRENT_TIMESTAMP
        );
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', CASE SQLSTATE WHEN '25006' THEN 'not written' ELSE 'error' END,
            'function', '"100% $a''dit".logon',
            'event', 'logon',
            'login_user', SESSION_USER,
            'client_ip', host(inet_client_addr()),
            'client_port', inet_client_port(),
            'application', current_setting('application_name'),
            'authn', SYSTEM_USER,
            'backend_pid', pg_backend_pid(),
            'started_at', CURRENT_TIMESTAMP,
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
        RETURN;
    END;
    -- One login in ten, those within 50 ms of a full second, asks whether it is time to look for ended sessions:
    -- this comparison costs 3 % of a login, and reading the table at each login 7 to 13 %.
    IF CURRENT_TIMESTAMP(0) = CURRENT_TIMESTAMP(1) THEN
        BEGIN
            IF (SELECT reap_due FROM "100% $a'dit".session_state) < CURRENT_TIMESTAMP THEN
                PERFORM "100% $a'dit".reap_at_login();
            END IF;
        EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
            RAISE LOG 'xtrig %', json_build_object(
                'outcome', 'error', 'function', '"100% $a''dit".reap_at_login', 'sqlstate', SQLSTATE, 'error', SQLERRM
            );
        END;
    END IF;
END
$xtrig$;

ALTER FUNCTION "100% $a'dit".logon() OWNER TO "audit'writer";

REVOKE ALL ON FUNCTION "100% $a'dit".logon() FROM PUBLIC;

COMMENT ON FUNCTION "100% $a'dit".logon() IS 'xtrig:1:892b70a30f52c4b6:Ünser "set"';

-- View "100% $a'dit".sessions: one row for each session
CREATE OR REPLACE VIEW "100% $a'dit".sessions AS
SELECT session_id, login_user::text, database_name::text, host(client_addr) AS client_ip, client_port, application,
    auth_method, backend_pid, instance, started_at AS logon_at, ended_at AS logoff_at, ended_by, last_seen_at,
    detected_at, source, ended_at - started_at AS duration, last_seen_at - started_at AS duration_at_least,
    detected_at - started_at AS duration_at_most
FROM "100% $a'dit".session_log
UNION ALL
SELECT coalesce(session_id, to_hex(floor(extract(epoch FROM backend_start))::bigint) || '.' || to_hex(backend_pid)), login_user::text, current_database()::text, host(client_addr), client_port,
    application, split_part(authn, ':', 1), backend_pid, 'it''s "north"', started_at, ended_at, ended_by, last_seen_at,
    detected_at, coalesce(source, 'login trigger'), ended_at - started_at, last_seen_at - started_at,
    detected_at - started_at
FROM (
    SELECT i.login_user, i.client_addr, i.client_port, i.application, i.authn, i.backend_pid, i.started_at,
        i.backend_start, i.session_id, i.ended_at, i.source,
        CASE WHEN is_gone THEN 'inferred' ELSE i.ended_by END AS ended_by,
        CASE WHEN is_gone THEN greatest(i.started_at, (SELECT complete_at FROM "100% $a'dit".session_state))
            ELSE i.last_seen_at END AS last_seen_at,
        CASE WHEN is_gone THEN statement_timestamp() ELSE i.detected_at END AS detected_at
    FROM "100% $a'dit".session_inbox AS i
        LEFT JOIN pg_stat_get_activity(NULL) AS s
            ON s.pid = i.backend_pid AND (s.backend_start > i.started_at) IS NOT TRUE
        CROSS JOIN LATERAL (
            VALUES (i.ended_by IS NULL AND s.pid IS NULL AND i.started_at < now() AND NOT pg_is_in_recovery())
        ) AS seen (is_gone)
) AS inbox;

ALTER VIEW "100% $a'dit".sessions OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".sessions FROM PUBLIC;

GRANT SELECT ON "100% $a'dit".sessions TO "audit\reader";

DO $xtrig$
BEGIN
    EXECUTE format('COMMENT ON VIEW "100%% $a''dit".sessions IS %L', 'xtrig:1:8c2d268e19f44088:Ünser "set"' || E'\n' || md5(pg_get_viewdef('"100% $a''dit".sessions'::regclass)));
END
$xtrig$;

-- View "100% $a'dit".refused_logins: logins that were refused
CREATE OR REPLACE VIEW "100% $a'dit".refused_logins AS
SELECT at, session_id, login_user, database_name, client_ip, application, sqlstate, message
FROM "100% $a'dit".refused_login;

ALTER VIEW "100% $a'dit".refused_logins OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".refused_logins FROM PUBLIC;

GRANT SELECT ON "100% $a'dit".refused_logins TO "audit\reader";

DO $xtrig$
BEGIN
    EXECUTE format('COMMENT ON VIEW "100%% $a''dit".refused_logins IS %L', 'xtrig:1:fe7a8275136fed71:Ünser "set"' || E'\n' || md5(pg_get_viewdef('"100% $a''dit".refused_logins'::regclass)));
END
$xtrig$;

-- View "100% $a'dit".coverage_gaps: when logins were not recorded
CREATE OR REPLACE VIEW "100% $a'dit".coverage_gaps AS
SELECT since, CASE WHEN until < (SELECT max(until) FROM "100% $a'dit".coverage) THEN until END AS until, reason
FROM "100% $a'dit".coverage
WHERE reason IS NOT NULL;

ALTER VIEW "100% $a'dit".coverage_gaps OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".coverage_gaps FROM PUBLIC;

GRANT SELECT ON "100% $a'dit".coverage_gaps TO "audit\reader";

DO $xtrig$
BEGIN
    EXECUTE format('COMMENT ON VIEW "100%% $a''dit".coverage_gaps IS %L', 'xtrig:1:b2c7e38c1688dbae:Ünser "set"' || E'\n' || md5(pg_get_viewdef('"100% $a''dit".coverage_gaps'::regclass)));
END
$xtrig$;

-- View "100% $a'dit".tamper_findings: what the seals say of rows that were changed afterwards
CREATE OR REPLACE VIEW "100% $a'dit".tamper_findings AS
SELECT coalesce('seal ' || n, 'session_log') AS subject, problem AS message, recorded_at AS at
FROM "100% $a'dit".verify_seals();

ALTER VIEW "100% $a'dit".tamper_findings OWNER TO "Audit Owner";

REVOKE ALL ON "100% $a'dit".tamper_findings FROM PUBLIC;

GRANT SELECT ON "100% $a'dit".tamper_findings TO "audit\reader";

DO $xtrig$
BEGIN
    EXECUTE format('COMMENT ON VIEW "100%% $a''dit".tamper_findings IS %L', 'xtrig:1:e89c8eec4abc235a:Ünser "set"' || E'\n' || md5(pg_get_viewdef('"100% $a''dit".tamper_findings'::regclass)));
END
$xtrig$;

-- Trigger Ünser "set"_logon: logon
DO $xtrig$
BEGIN
    -- enable: always. It fires whatever session_replication_role is.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'Ünser "set"_logon' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('"100% $a''dit".logon()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS "Ünser ""set""_logon";
        CREATE EVENT TRIGGER "Ünser ""set""_logon" ON login
            EXECUTE FUNCTION "100% $a'dit".logon();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'Ünser "set"_logon') <> 'A' THEN
        ALTER EVENT TRIGGER "Ünser ""set""_logon" ENABLE ALWAYS;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER "Ünser ""set""_logon" IS E'xtrig:1:0e0f7dd185c5773c:Ünser "set"
{"logoff":"server log","look_every":"1min","retention":"90 days","partition":"week","ahead":4,"instance":"it''s \\"north\\"","owner":"Audit Owner","writer":"audit''writer","reader":"audit\\\\reader"}';

COMMIT;
