-- « script: PostgreSQL 18
-- « preflight: 'audit_logon' | to_regprocedure('audit.reap(bigint, bigint, integer)'), to_regprocedure('audit.reap_at_login()'), to_regprocedure('audit.maintain(integer)'), to_regprocedure('audit.verify_seals()'), to_regprocedure('audit.logon()')
    -- « preflight-tables: ('audit', 'session_inbox'), ('audit', 'session_log'), ('audit', 'refused_login'), ('audit', 'session_state'), ('audit', 'log_position'), ('audit', 'seal'), ('audit', 'coverage'), ('audit', 'sessions'), ('audit', 'refused_logins'), ('audit', 'coverage_gaps'), ('audit', 'tamper_findings')
    SELECT format('role %I may log in or is superuser, but would own functions that run for everybody; name another one', rolname)
    INTO problem
    FROM pg_roles
    WHERE rolname IN ('audit_owner', 'audit_writer') AND (rolcanlogin OR rolsuper);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
    -- « preflight-timeouts
    -- « preflight-trust: ('audit', 'coverage'), ('audit', 'coverage_gaps'), ('audit', 'log_position'), ('audit', 'logon'), ('audit', 'maintain'), ('audit', 'reap'), ('audit', 'reap_at_login'), ('audit', 'refused_login'), ('audit', 'refused_logins'), ('audit', 'seal'), ('audit', 'session_inbox'), ('audit', 'session_log'), ('audit', 'session_state'), ('audit', 'sessions'), ('audit', 'tamper_findings'), ('audit', 'verify_seals') | 'audit' | privilege_type = 'TRIGGER' OR (privilege_type = 'CREATE' AND is_named AND name IN ('audit'))
    -- « preflight-default-privileges: ('audit', 'coverage'), ('audit', 'log_position'), ('audit', 'refused_login'), ('audit', 'seal'), ('audit', 'session_inbox'), ('audit', 'session_log'), ('audit', 'session_state') | defaclobjtype = 'r' OR (defaclobjtype = 'f' AND grantee <> 0) | 'audit'
        UNION ALL SELECT format('role %I has the member %I, who could become superuser by it; REVOKE it from them', r.rolname, other.rolname)
        FROM pg_roles AS r CROSS JOIN me JOIN other ON pg_has_role(other.oid, r.oid, may)
        WHERE r.rolname IN ('audit_owner', 'audit_writer')
        UNION ALL SELECT format('role %I was made by %I, who could let anybody read by it; REVOKE it from them', r.rolname, other.rolname)
        FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = roleid JOIN other ON other.oid = m.member
            JOIN me ON me.rolsuper
        WHERE r.rolname = 'audit_reader' AND admin_option AND NOT (inherit_option OR set_option)
    -- « preflight-end
END
$xtrig$;

-- « role: audit_owner | owns the record of sessions | xtrig:1::audit

-- The owner sees who is logged in
GRANT pg_monitor TO audit_owner;

-- « role: audit_writer | writes sessions down | xtrig:1::audit

-- « role: audit_reader | reads the record of sessions | xtrig:1::audit

-- « new-schema: audit | audit
GRANT USAGE, CREATE ON SCHEMA audit TO audit_owner;

GRANT USAGE ON SCHEMA audit TO audit_writer, audit_reader;

-- Table audit.session_inbox: Sessions that are open, or ended and not yet put away: what a login writes to
CREATE TABLE IF NOT EXISTS audit.session_inbox (
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
    source text,
    database_name text
) WITH (
    vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_threshold = -1
);

-- « owned-relation: TABLE | audit.session_inbox | audit_owner
GRANT INSERT ON audit.session_inbox TO audit_writer;

COMMENT ON TABLE audit.session_inbox IS 'xtrig:1:8a21c237634cbc9d:audit';

-- « preflight-again

-- Table audit.session_log: Sessions that have ended; only ever inserted to, and dropped by partition
CREATE TABLE IF NOT EXISTS audit.session_log (
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

CREATE INDEX IF NOT EXISTS session_log_user ON audit.session_log ((login_user::text), started_at);

CREATE INDEX IF NOT EXISTS session_log_start ON audit.session_log (started_at);

-- « owned-relation: TABLE | audit.session_log | audit_owner
COMMENT ON TABLE audit.session_log IS 'xtrig:1:7e82c7d946bbda8e:audit';

-- Table audit.refused_login: Refused logins, from the server log: a refusal takes its own row back
CREATE TABLE IF NOT EXISTS audit.refused_login (
    at timestamptz NOT NULL,
    session_id text,
    login_user text,
    database_name text,
    client_ip text,
    application text,
    sqlstate text,
    message text
);

CREATE INDEX IF NOT EXISTS refused_login_at ON audit.refused_login (at);

-- « owned-relation: TABLE | audit.refused_login | audit_owner
COMMENT ON TABLE audit.refused_login IS 'xtrig:1:e459ddd3aba5bdaf:audit';

-- Table audit.session_state: When it is time to look for sessions that have ended
CREATE TABLE IF NOT EXISTS audit.session_state (
    reap_due timestamptz NOT NULL,
    complete_at timestamptz NOT NULL,
    timeline text NOT NULL,
    next_block bigint NOT NULL,
    installed_at timestamptz NOT NULL,
    kept jsonb
) WITH (
    fillfactor = 10, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200
);

INSERT INTO audit.session_state SELECT now(), now(), '', 0, now()
WHERE NOT EXISTS (SELECT FROM audit.session_state);

-- « owned-relation: TABLE | audit.session_state | audit_owner
GRANT SELECT ON audit.session_state TO audit_writer;

COMMENT ON TABLE audit.session_state IS 'xtrig:1:7ad3300c05404705:audit';

-- Table audit.log_position: How far each file of the server log has been read
CREATE TABLE IF NOT EXISTS audit.log_position (
    file text NOT NULL,
    head bytea NOT NULL,
    done bigint NOT NULL,
    is_read boolean,
    PRIMARY KEY (file)
);

-- « owned-relation: TABLE | audit.log_position | audit_owner
COMMENT ON TABLE audit.log_position IS 'xtrig:1:cc72a169a39b7e4d:audit';

-- Table audit.seal: A seal for each batch of rows that was put away, chained without gaps
CREATE TABLE IF NOT EXISTS audit.seal (
    n bigint NOT NULL,
    kind text NOT NULL,
    recorded_at timestamptz NOT NULL,
    detail text,
    rows bigint NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (n),
    CHECK (kind IN ('batch', 'dropped'))
);

-- « owned-relation: TABLE | audit.seal | audit_owner
GRANT SELECT ON audit.seal TO audit_reader;

COMMENT ON TABLE audit.seal IS 'xtrig:1:d80ead493df49469:audit';

-- Table audit.coverage: Whether logins were recorded, each time somebody looked
CREATE TABLE IF NOT EXISTS audit.coverage (
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    reason text
);

-- « owned-relation: TABLE | audit.coverage | audit_owner
COMMENT ON TABLE audit.coverage IS 'xtrig:1:863d713a1b56f530:audit';

-- Function audit.reap(bigint, bigint, integer) marks the rows of sessions that are no more
CREATE OR REPLACE FUNCTION audit.reap(from_block bigint, to_block bigint, at_most integer)
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
    SELECT * INTO STRICT state FROM audit.session_state;
    -- The rows are read as of the statement's start, the backends later: a row without a backend is a dead session's.
    PERFORM pg_stat_clear_snapshot();
    WITH live AS MATERIALIZED (
        SELECT pid, s.backend_start FROM pg_stat_get_activity(NULL) AS s WHERE s.backend_start IS NOT NULL
    ), found AS MATERIALIZED (
        SELECT i.ctid AS row, live.pid IS NOT NULL AS alive, live.backend_start AS began
        FROM audit.session_inbox AS i
        LEFT JOIN live ON live.pid = i.backend_pid
            AND CASE WHEN i.backend_start IS NULL
                THEN live.backend_start <= i.started_at ELSE live.backend_start = i.backend_start END
        WHERE i.ctid >= format('(%s,0)', from_block)::tid AND i.ctid < format('(%s,0)', to_block)::tid
          AND i.ended_by IS NULL AND (live.pid IS NULL OR i.backend_start IS NULL)
        LIMIT at_most
        FOR UPDATE OF i SKIP LOCKED
    )
    UPDATE audit.session_inbox AS i
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
        AND to_block * current_setting('block_size')::bigint >= pg_relation_size('audit.session_inbox') THEN
        UPDATE audit.session_state SET complete_at = looked_at, timeline = now_on;
    END IF;
    RETURN changed;
END
$xtrig$;

-- « owned-function: audit.reap(bigint, bigint, integer) | audit_owner
COMMENT ON FUNCTION audit.reap(bigint, bigint, integer) IS 'xtrig:1:b0127250577966e4:audit';

-- Function audit.reap_at_login() a bounded look around, by one login at a time
CREATE OR REPLACE FUNCTION audit.reap_at_login()
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
    -- Nothing is sent to a client while the row is locked: one that does not read would hold it for good. Not a SET
    -- clause, which ends with the function: the locks end with the transaction, and so does this.
    PERFORM set_config('client_min_messages', 'error', true);
    -- One at a time, and nobody waits: any user can take advisory locks, but not this row's.
    SELECT * INTO state FROM audit.session_state WHERE reap_due < clock_timestamp() FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- At most 256 pages and 1,000 rows, whatever has piled up.
    pages := pg_relation_size('audit.session_inbox') / current_setting('block_size')::bigint;
    IF pages > 256 AND state.next_block < pages THEN
        first := state.next_block;
    END IF;
    UPDATE audit.session_state
    SET reap_due = clock_timestamp() + interval '10 seconds', next_block = first + 256;
    -- What fails here must not be tried again by the next login at once.
    BEGIN
        PERFORM audit.reap(first, first + 256, 1000);
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error', 'function', 'audit.reap_at_login', 'sqlstate', SQLSTATE, 'error', SQLERRM
        );
    END;
END
$xtrig$;

-- « owned-function: audit.reap_at_login() | audit_owner
GRANT EXECUTE ON FUNCTION audit.reap_at_login() TO audit_writer;

COMMENT ON FUNCTION audit.reap_at_login() IS 'xtrig:1:66e68ac81b7217e8:audit';

-- Function audit.maintain(integer) for a scheduler, each minute or so; it locks nothing that a login needs
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
    settle interval := '5 s';
    said jsonb := '{}';
    behind boolean := false;
    begins timestamptz; ends timestamptz; part text; old record;
    moved bigint; text_of_rows text; last_seal record; put_at timestamptz; dropped text;
    why text; covered_until timestamptz;
    jumped_at timestamptz; dropped_sum numeric := 0; gap text; is_jump boolean := false; next timestamptz;
    past timestamptz; installed timestamptz;
    looked_at timestamptz := clock_timestamp();
    counted bigint; epoch text; least_ended bigint; most_ended bigint; closed bigint; silent bigint := 0;
    counts jsonb;
BEGIN
    SELECT (kept ->> 'jumped_at')::timestamptz, CASE WHEN kept IS NOT NULL THEN installed_at END
    INTO jumped_at, installed FROM audit.session_state FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN '{"busy": true}';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'maintain() needs read committed';
    END IF;

    -- A clock that has jumped: what is dropped by age waits for a second look, an hour later.
    SELECT max(until) INTO covered_until FROM audit.coverage;
    IF covered_until > clock_timestamp() + interval '1 s' THEN
        gap := format('the clock was set back: the last look was at %s', covered_until);
        UPDATE audit.coverage SET since = least(since, now()), until = now() WHERE until > now();
        jumped_at := now();
    ELSIF covered_until < now() - interval '1 day' THEN
        jumped_at := now();  -- or nobody has called this for a day
    END IF;
    is_jump := coalesce(jumped_at > now() - interval '1 hour', false);

    -- 1. Who is gone. Before the log is read, so that a line written before the look is found.
    said := said || jsonb_build_object('reaped', audit.reap(0, 4294967295, 5 * at_most));
    UPDATE audit.session_state SET reap_due = clock_timestamp() + interval '10 seconds';

    -- 2. What the server log knows better.
    IF false AND current_setting('log_destination') LIKE '%jsonlog%'
        AND current_setting('logging_collector')::boolean THEN
        BEGIN
            said := said || audit.read_log();
            behind := (said ->> 'behind')::boolean;
            gap := concat_ws('; ', gap, said ->> 'gap');
            said := said - 'gap';

            -- Each session writes a line when it ends. The server counts those of a database when they wait for their
            -- first command: what was counted, and is not there afterwards, has ended.
            PERFORM pg_stat_clear_snapshot();
            SELECT pg_stat_get_db_sessions(oid),
                concat(pg_postmaster_start_time(), ' ', pg_stat_get_db_stat_reset_time(oid))
            INTO counted, epoch FROM pg_database WHERE datname = current_database();
            SELECT counted - count(*), counted - count(*) FILTER (WHERE state ~ '^(active|idle)')
            INTO least_ended, most_ended
            FROM pg_stat_get_activity(NULL) JOIN pg_database AS d ON d.oid = datid
            WHERE datname = current_database() AND backend_type = 'client backend';
            SELECT kept -> 'counts', (kept ->> 'closed')::bigint INTO counts, closed FROM audit.session_state;
            IF NOT current_setting('log_disconnections')::boolean OR counts ->> 'epoch' IS DISTINCT FROM epoch
                OR (counts ->> 'due')::timestamptz > looked_at + settle THEN
                counts := NULL;
            END IF;
            IF NOT behind AND current_setting('log_disconnections')::boolean THEN
                IF (counts ->> 'due')::timestamptz < looked_at THEN
                    silent := greatest(0, (counts ->> 'must')::bigint - closed - (counts ->> 'before')::bigint);
                    counts := counts - '{must,due}'::text[];
                END IF;
                IF silent > 0 THEN
                    gap := concat_ws('; ', gap, format('the server log lacks the ends of %s sessions', silent));
                END IF;
                -- A line may be late, and is asked for by a call 5 s later. On a busy server a session that waits for
                -- its first command may not be counted yet: what was seen once is not believed.
                counts := jsonb_build_object('must', least_ended, 'due', clock_timestamp() + settle)
                    || coalesce(counts, '{}') || jsonb_build_object(
                        'epoch', epoch, 'last', most_ended - closed, 'before', silent + least(
                            (counts ->> 'before')::bigint, greatest((counts ->> 'last')::bigint, most_ended - closed)
                        )
                    );
            END IF;
        EXCEPTION WHEN OTHERS THEN
            said := said || jsonb_build_object('log_error', SQLERRM);
            gap := concat_ws('; ', gap, 'the server log could not be read: ' || SQLERRM);
            RAISE WARNING 'xtrig: the server log could not be read: %', SQLERRM;
        END;
    ELSE
        settle := '0';
    END IF;

    -- 3. Partitions ahead: made apart and attached, which needs no lock that stops readers or writers of the log.
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

    -- 4. Put away what has ended. An inferred end waits a little for its line in the server log.
    -- Each batch has a time of its own, even in one transaction: it is what the seal knows its rows by.
    SELECT * INTO last_seal FROM audit.seal ORDER BY n DESC LIMIT 1;
    put_at := greatest(clock_timestamp(), last_seal.recorded_at + interval '1 microsecond');
    WITH batch AS MATERIALIZED (
        SELECT ctid AS row FROM audit.session_inbox
        WHERE ended_by IS NOT NULL
          AND (ended_at IS NOT NULL OR (NOT behind AND detected_at <= clock_timestamp() - settle))
        LIMIT at_most FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM audit.session_inbox AS i USING batch WHERE i.ctid = batch.row RETURNING i.*
    ), put AS (
        INSERT INTO audit.session_log
        SELECT put_at, coalesce(
                session_id, to_hex(floor(extract(epoch FROM backend_start))::bigint) || '.' || to_hex(backend_pid)
            ),
            '1', coalesce(database_name, current_database()), login_user, client_addr, client_port, application,
            split_part(authn, ':', 1), substr(authn, strpos(authn, ':') + 1), backend_pid, started_at,
            ended_at, ended_by, last_seen_at, detected_at, coalesce(source, 'login trigger')
        FROM taken RETURNING session_log.*
    )
    SELECT count(*), coalesce(string_agg(put::text, E'\n' ORDER BY put::text COLLATE "C"), '')
    INTO moved, text_of_rows FROM put;

    -- 5. Seal it, with the seal before: a change of any earlier row breaks every later seal.
    IF moved > 0 THEN
        INSERT INTO audit.seal VALUES (
            coalesce(last_seal.n, 0) + 1, 'batch', put_at, NULL, moved, sha256(
                coalesce(last_seal.digest, '')
                || convert_to(moved || E'\n' || put_at::text || E'\n' || text_of_rows, 'UTF8')
            )
        )
        RETURNING * INTO last_seal;
        -- The one copy that a superuser of this database can not rewrite, if the log is shipped elsewhere.
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'sealed', 'function', 'audit.maintain', 'n', last_seal.n, 'rows', moved,
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
        WHERE inhparent = 'audit.session_log'::regclass ORDER BY 2
    LOOP
        CONTINUE WHEN old.until >= now() - interval '13 months' OR is_jump;
        BEGIN
            LOCK TABLE audit.session_log IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('SELECT count(*) FROM %I.%I', 'audit', old.relname) INTO moved;
            SELECT * INTO last_seal FROM audit.seal ORDER BY n DESC LIMIT 1;
            put_at := greatest(clock_timestamp(), last_seal.recorded_at + interval '1 microsecond');
            dropped := old.relname || ' until ' || old.until;
            INSERT INTO audit.seal VALUES (
                coalesce(last_seal.n, 0) + 1, 'dropped', put_at, dropped, moved, sha256(
                    coalesce(last_seal.digest, '')
                    || convert_to('dropped' || E'\n' || put_at::text || E'\n' || dropped || E'\n' || moved, 'UTF8')
                )
            );
            EXECUTE format('DROP TABLE %I.%I', 'audit', old.relname);
            said := said || jsonb_build_object('dropped', coalesce(said -> 'dropped', '[]') || to_jsonb(old.relname));
        EXCEPTION WHEN lock_not_available OR insufficient_privilege THEN
            said := said || jsonb_build_object('drop_later', old.relname);
            EXIT;
        END;
    END LOOP;
    IF NOT is_jump THEN
        WITH aged AS (
            DELETE FROM audit.refused_login AS r WHERE at < now() - interval '13 months' RETURNING r.*
        )
        SELECT coalesce(sum(hashtextextended(aged::text, 0)), 0) INTO dropped_sum FROM aged;
        DELETE FROM audit.coverage WHERE until < now() - interval '13 months';
    END IF;

    -- 7. Whether logins are recorded at all: from the last look on, if they are no more.
    SELECT CASE
        WHEN t.oid IS NULL THEN 'the login trigger is missing'
        WHEN t.evtenabled <> 'A' THEN 'the login trigger does not fire always'
        WHEN t.evtfoid IS DISTINCT FROM to_regprocedure('audit.logon()') THEN 'the login trigger runs another function'
        -- For all, or a role: in this session alone it is off for whoever looks after the server.
        WHEN s.setting = 'off' AND s.source NOT IN ('client', 'session', 'user', 'database user')
            THEN 'event_triggers is off'
        WHEN EXISTS (
            SELECT FROM pg_db_role_setting AS r JOIN pg_roles ON pg_roles.oid = r.setrole
            WHERE r.setconfig @> '{event_triggers=off}'
              AND r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        ) THEN 'event_triggers is off for a role'
    END INTO why
    FROM pg_settings AS s LEFT JOIN pg_event_trigger AS t ON t.evtname = 'audit_logon' WHERE s.name = 'event_triggers';
    why := nullif(concat_ws('; ', why, gap), '');
    UPDATE audit.coverage SET until = now() WHERE until = covered_until AND reason IS NOT DISTINCT FROM why;
    covered_until := coalesce(covered_until, installed);  -- the first call comes before the login trigger
    IF NOT FOUND AND (covered_until IS NOT NULL OR why IS NULL) THEN
        INSERT INTO audit.coverage VALUES (least(covered_until, now()), now(), why);
    END IF;

    -- 8. What verify_seals() compares with: rows that are deleted or altered without a seal.
    UPDATE audit.session_state SET kept = coalesce(kept, '{}') || jsonb_build_object(
        'jumped_at', jumped_at, 'counts', counts,
        'seal', (SELECT max(n) FROM audit.seal),
        'refused', coalesce(
            (kept ->> 'refused')::numeric - dropped_sum,
            (SELECT coalesce(sum(hashtextextended(r::text, 0)), 0) FROM audit.refused_login AS r)
        ),
        'coverage', (SELECT sum(hashtextextended(c::text, 0)) FROM audit.coverage AS c),
        'log_position', (SELECT sum(hashtextextended(p::text, 0)) FROM audit.log_position AS p)
    );
    RETURN said;
END
$xtrig$;

-- « owned-function: audit.maintain(integer) | audit_owner
COMMENT ON FUNCTION audit.maintain(integer) IS 'xtrig:1:7400a659961775cf:audit';

-- The first partitions
SELECT audit.maintain(20000);

-- Function audit.verify_seals() a row for each seal that does not hold
CREATE OR REPLACE FUNCTION audit.verify_seals()
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
    s record; state record; before bytea := ''; expected bigint := 1; kept_from timestamptz; r record;
BEGIN
    -- A seal may have been altered to anything, and must not stop the others from being verified.
    SELECT max(CASE WHEN pg_input_is_valid(until, 'timestamptz') THEN until::timestamptz END) INTO kept_from
    FROM audit.seal AS d, split_part(d.detail, ' until ', 2) AS until WHERE d.kind = 'dropped';
    FOR s IN SELECT * FROM audit.seal ORDER BY seal.n LOOP
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
            INTO r FROM audit.session_log AS l WHERE l.recorded_at = s.recorded_at;
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
    -- What maintain() last wrote; a standby has the log files of its own.
    SELECT * INTO state FROM audit.session_state;
    RETURN QUERY SELECT NULL::bigint, NULL::timestamptz, found.problem FROM (
        SELECT format('seals %s to %s are missing', expected, state.kept ->> 'seal'), (state.kept ->> 'seal')::bigint >= expected
        UNION ALL SELECT 'refused_login: rows were deleted, altered or added',
            (state.kept ->> 'refused')::numeric
                <> (SELECT coalesce(sum(hashtextextended(t::text, 0)), 0) FROM audit.refused_login AS t)
        UNION ALL SELECT 'coverage: rows were deleted, altered or added',
            (state.kept ->> 'coverage')::numeric
                IS DISTINCT FROM (SELECT sum(hashtextextended(t::text, 0)) FROM audit.coverage AS t)
                AND state.kept ? 'coverage'
        UNION ALL SELECT 'log_position: rows were deleted, altered or added',
            (state.kept ->> 'log_position')::numeric
                IS DISTINCT FROM (SELECT sum(hashtextextended(t::text, 0)) FROM audit.log_position AS t)
                AND state.kept ? 'coverage'
        UNION ALL SELECT 'session_state: there is not one row', 1 <> (SELECT count(*) FROM audit.session_state)
        UNION ALL SELECT 'session_state: a time is in the future',
            greatest(state.complete_at, state.installed_at) > clock_timestamp() + interval '1 minute'
                OR state.reap_due > clock_timestamp() + interval '10 seconds' + interval '1 minute'
        UNION ALL SELECT 'session_state: next_block is beyond the table',
            state.next_block > 256 + pg_relation_size('audit.session_inbox') / current_setting('block_size')::bigint
        UNION ALL SELECT 'session_state: the timeline is to come',
            CASE WHEN NOT pg_is_in_recovery()
                THEN state.timeline COLLATE "C" > left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END
        UNION ALL SELECT 'session_inbox: sessions from before there was a record, or from the future',
            EXISTS (
                SELECT FROM audit.session_inbox AS i
                WHERE i.source IS NULL AND (i.started_at < state.installed_at - interval '1 minute'
                    OR i.started_at > clock_timestamp() + interval '1 minute')
            )
    ) AS found (problem, is_so) WHERE found.is_so;
    RETURN QUERY
        SELECT NULL::bigint, l.recorded_at, format('%s rows that no seal covers', count(*))
        FROM audit.session_log AS l
        WHERE NOT EXISTS (SELECT FROM audit.seal WHERE kind = 'batch' AND seal.recorded_at = l.recorded_at)
        GROUP BY l.recorded_at;
END
$xtrig$;

-- « owned-function: audit.verify_seals() | audit_owner
GRANT EXECUTE ON FUNCTION audit.verify_seals() TO audit_reader;

COMMENT ON FUNCTION audit.verify_seals() IS 'xtrig:1:51b3b680f3bed6b0:audit';

-- Function audit.logon() writes down a login
CREATE OR REPLACE FUNCTION audit.logon()
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
    -- on_error: allow. The login goes on, and the line in the server log says what the row would have said. A cancel
    -- comes from the client and refuses it: nobody gets in unrecorded. statement_timeout does not run at a login.
    -- Nothing looks ahead for a standby or a read-only session: the INSERT fails there at once and without harm.
    BEGIN
        INSERT INTO audit.session_inbox (
            login_user, client_addr, client_port, application, authn, backend_pid, started_at,
            database_name
        )
        VALUES (
            SESSION_USER, inet_client_addr(), inet_client_port(), current_setting('application_name'), SYSTEM_USER,
            pg_backend_pid(), CURRENT_TIMESTAMP, current_database()
        );
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', CASE SQLSTATE WHEN '25006' THEN 'not written' ELSE 'error' END,
            'function', 'audit.logon',
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
            IF (SELECT reap_due FROM audit.session_state) < CURRENT_TIMESTAMP THEN
                PERFORM audit.reap_at_login();
            END IF;
        EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
            RAISE LOG 'xtrig %', json_build_object(
                'outcome', 'error', 'function', 'audit.reap_at_login', 'sqlstate', SQLSTATE, 'error', SQLERRM
            );
        END;
-- « end-if

-- « owned-function: audit.logon() | audit_writer
COMMENT ON FUNCTION audit.logon() IS 'xtrig:1:549ac7a4e4527d18:audit';

-- View audit.sessions: one row for each session
CREATE OR REPLACE VIEW audit.sessions AS
SELECT session_id, login_user::text, database_name::text, host(client_addr) AS client_ip, client_port, application,
    auth_method, backend_pid, instance, started_at AS logon_at, ended_at AS logoff_at, ended_by, last_seen_at,
    detected_at, source, ended_at - started_at AS duration, last_seen_at - started_at AS duration_at_least,
    detected_at - started_at AS duration_at_most
FROM audit.session_log
UNION ALL
SELECT coalesce(session_id, to_hex(floor(extract(epoch FROM backend_start))::bigint) || '.' || to_hex(backend_pid)), login_user::text, coalesce(database_name, current_database()),
    host(client_addr), client_port, application, split_part(authn, ':', 1), backend_pid, '1', started_at,
    ended_at, ended_by, last_seen_at, detected_at, coalesce(source, 'login trigger'), ended_at - started_at,
    last_seen_at - started_at, detected_at - started_at
FROM (
    SELECT i.login_user, i.client_addr, i.client_port, i.application, i.authn, i.backend_pid, i.started_at,
        i.backend_start, i.session_id, i.ended_at, i.source, i.database_name,
        CASE WHEN is_gone THEN 'inferred' ELSE i.ended_by END AS ended_by,
        CASE WHEN is_gone THEN greatest(i.started_at, (SELECT complete_at FROM audit.session_state))
            ELSE i.last_seen_at END AS last_seen_at,
        CASE WHEN is_gone THEN statement_timestamp() ELSE i.detected_at END AS detected_at
    FROM audit.session_inbox AS i
        LEFT JOIN pg_stat_get_activity(NULL) AS s
            ON s.pid = i.backend_pid AND (s.backend_start > i.started_at) IS NOT TRUE
        CROSS JOIN LATERAL (
            VALUES (i.ended_by IS NULL AND s.pid IS NULL AND i.started_at < now() AND NOT pg_is_in_recovery())
        ) AS seen (is_gone)
) AS inbox;

-- « owned-relation: VIEW | audit.sessions | audit_owner
GRANT SELECT ON audit.sessions TO audit_reader;

-- « marked-view: audit.sessions | xtrig:1:9c54381080689ad6:audit
-- View audit.refused_logins: logins that were refused
CREATE OR REPLACE VIEW audit.refused_logins AS
SELECT at, session_id, login_user, database_name, client_ip, application, sqlstate, message
FROM audit.refused_login;

-- « owned-relation: VIEW | audit.refused_logins | audit_owner
GRANT SELECT ON audit.refused_logins TO audit_reader;

-- « marked-view: audit.refused_logins | xtrig:1:3d5631856c8c50de:audit
-- View audit.coverage_gaps: when logins were not recorded
CREATE OR REPLACE VIEW audit.coverage_gaps AS
SELECT since, CASE WHEN until < (SELECT max(until) FROM audit.coverage) THEN until END AS until, reason
FROM audit.coverage
WHERE reason IS NOT NULL;

-- « owned-relation: VIEW | audit.coverage_gaps | audit_owner
GRANT SELECT ON audit.coverage_gaps TO audit_reader;

-- « marked-view: audit.coverage_gaps | xtrig:1:8ca449554cead2c6:audit
-- View audit.tamper_findings: what the seals say of rows that were changed afterwards
CREATE OR REPLACE VIEW audit.tamper_findings AS
SELECT coalesce('seal ' || n, substring(problem FROM '^([a-z_]+): '), 'session_log') AS subject,
    regexp_replace(problem, '^[a-z_]+: ', '') AS message, recorded_at AS at
FROM audit.verify_seals();

-- « owned-relation: VIEW | audit.tamper_findings | audit_owner
GRANT SELECT ON audit.tamper_findings TO audit_reader;

-- « marked-view: audit.tamper_findings | xtrig:1:d58ee2cab15be2e1:audit
-- « preflight-again

-- Trigger audit_logon: logon
DO $xtrig$
BEGIN
    -- enable: always. It fires whatever session_replication_role is.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'audit_logon' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('audit.logon()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS audit_logon;
        CREATE EVENT TRIGGER audit_logon ON login
            EXECUTE FUNCTION audit.logon();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'audit_logon') <> 'A' THEN
        ALTER EVENT TRIGGER audit_logon ENABLE ALWAYS;
-- « end-if

COMMENT ON EVENT TRIGGER audit_logon IS 'xtrig:1:db77424afc44421d:audit
{}';

COMMIT;
