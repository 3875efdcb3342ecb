"""Statements with one finding, the same cured, and statements that only look alike."""

from __future__ import annotations

from dataclasses import dataclass

GUARD = "pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"
REFUSAL = "IF session_user = 'intern' THEN RAISE EXCEPTION 'no'; END IF;"
LOGGED = "RAISE LOG '%', SQLERRM;"


@dataclass(frozen=True)
class Case:
    """Statements with one finding, the same cured, and statements that have none."""

    code: str
    wrong: tuple[str, ...]
    cured: tuple[str, ...]
    event: str = "logon"
    dialect: str = "postgresql"


CASES = (
    Case(
        "XT301",
        (
            "INSERT INTO a.t VALUES (1);",
            "UPDATE a.t SET x = 1;",
            "DELETE FROM a.t;",
            "MERGE INTO a.t USING a.s ON true WHEN MATCHED THEN DELETE;",
            "WITH gone AS (DELETE FROM a.t RETURNING *) SELECT count(*) INTO n FROM gone;",
            "CREATE TEMP TABLE s (a int);",
            "PERFORM nextval('a.s');",
            "n := pg_catalog.nextval('a.s');",
            "PERFORM 1 FROM a.t FOR UPDATE;",
            "PERFORM 1 FROM a.t FOR NO KEY UPDATE;",
            "PERFORM pg_notify('a', 'b');",
            "EXECUTE 'INSERT INTO a.t VALUES (1)';",
            "EXECUTE format('UPDATE a.%I SET x = 1', 't');",
            "DO $$ BEGIN INSERT INTO a.t VALUES (1); END $$;",
            "IF true THEN INSERT INTO a.t VALUES (1); END IF;",
            "IF pg_is_in_recovery() THEN RAISE LOG 'x'; END IF; INSERT INTO a.t VALUES (1);",
            "FOR r IN DELETE FROM a.t RETURNING * LOOP NULL; END LOOP;",
            "BEGIN INSERT INTO a.t VALUES (1); EXCEPTION WHEN unique_violation THEN NULL; END;",
            "BEGIN NULL; EXCEPTION WHEN others THEN RAISE LOG 'x'; INSERT INTO a.t VALUES (1); END;",
        ),
        (
            f"IF NOT ({GUARD}) THEN INSERT INTO a.t VALUES (1); END IF;",
            f"IF {GUARD} THEN RAISE LOG 'x'; ELSE INSERT INTO a.t VALUES (1); END IF;",
            f"IF {GUARD} THEN RETURN; END IF; INSERT INTO a.t VALUES (1);",
            "IF true THEN IF pg_is_in_recovery() THEN RETURN; END IF; INSERT INTO a.t VALUES (1); END IF;",
            "standby := pg_is_in_recovery(); IF NOT standby THEN INSERT INTO a.t VALUES (1); END IF;",
            "SELECT pg_is_in_recovery() INTO standby; IF standby THEN RETURN; END IF; INSERT INTO a.t VALUES (1);",
            "<<b>> BEGIN EXIT b WHEN pg_is_in_recovery(); INSERT INTO a.t VALUES (1); END;",
            f"BEGIN INSERT INTO a.t VALUES (1); EXCEPTION WHEN read_only_sql_transaction THEN {LOGGED} END;",
            "RAISE LOG 'INSERT INTO a.t';",
            "PERFORM a.nextval('x');",
            'PERFORM "insert" FROM a.t;',
            "/* INSERT INTO a.t */ NULL; -- UPDATE a.t SET x = 1",
            "comment := 'x';",
            "n := $q$ DELETE FROM a.t $q$;",
            "PERFORM set_config('a.b', 'UPDATE a.t SET x', false);",
        ),
    ),
    Case(
        "XT302",
        (
            "PERFORM note_login(session_user);",
            "CALL note_login();",
            "PERFORM 1 FROM logins;",
            "PERFORM 1 FROM ONLY logins;",
            "PERFORM 1 FROM a.t, logins;",
            "PERFORM 1 FROM a.t JOIN logins ON true;",
            'PERFORM 1 FROM "Logins";',
            "IF EXISTS (SELECT FROM logins) THEN NULL; END IF;",
            "FOR r IN SELECT * FROM logins LOOP NULL; END LOOP;",
            "n := (SELECT count(*) FROM logins);",
            "PERFORM 1 FROM find_logins(1);",
            "INSERT INTO log VALUES (1);",
            'INSERT INTO "user" (a) VALUES (1);',
            "UPDATE replace SET a = 1;",
            "DELETE FROM left;",
            "RAISE LOG '%', note(1);",
            "IF 'a'::mood IS NULL THEN NULL; END IF;",
            "RAISE LOG '%', CAST('a' AS citext);",
            "IF NOT pg_is_in_recovery() THEN INSERT INTO logins VALUES (1); END IF;",
            "IF NOT pg_is_in_recovery() THEN UPDATE logins SET x = 1; END IF;",
            "IF NOT pg_is_in_recovery() THEN DELETE FROM logins; END IF;",
        ),
        (
            "PERFORM a.note_login(session_user);",
            'PERFORM 1 FROM a."Logins", pg_roles, pg_catalog.pg_class;',
            "PERFORM 1 FROM generate_series(1, 2) AS n, LATERAL (SELECT n) AS m;",
            "PERFORM set_config('a.b', 'c', false), pg_backend_pid();",
            "PERFORM extract(hour FROM now()), substring('abc' FROM 2), trim(BOTH FROM 'x');",
            "IF session_user IS DISTINCT FROM owner THEN NULL; END IF;",
            "PERFORM 1 FROM (SELECT 1) AS x;",
            "WITH w AS (SELECT 1), v(a) AS MATERIALIZED (SELECT 2) SELECT 1 INTO n FROM w, v;",
            "FETCH NEXT FROM cur INTO n;",
            "PERFORM 'FROM logins'; -- FROM logins",
            "IF NOT pg_is_in_recovery() THEN CREATE TEMP TABLE s (a int); INSERT INTO s SELECT 1; END IF;",
            "IF NOT pg_is_in_recovery() THEN INSERT INTO a.t VALUES (1) ON CONFLICT DO UPDATE SET x = 1; END IF;",
        ),
    ),
    Case(
        "XT303",
        (
            "SET search_path = app; PERFORM a.f();",
            "SET LOCAL search_path TO app, public; PERFORM a.f();",
            "PERFORM set_config('search_path', 'app', false); PERFORM a.f();",
            "PERFORM set_config('search_path', path, false); PERFORM a.f();",
            "RESET search_path; PERFORM a.f();",
        ),
        (
            "PERFORM a.f(); PERFORM set_config('search_path', 'app', false);",
            "PERFORM a.f(); SET search_path = app; RETURN;",
            "SET LOCAL search_path = pg_catalog, pg_temp; PERFORM a.f();",
            "PERFORM set_config('search_path', 'pg_catalog, pg_temp', true); PERFORM a.f();",
            "PERFORM set_config('app.search_path', 'x', false); PERFORM a.f();",
        ),
    ),
    Case(
        "XT304",
        (
            "PERFORM pg_sleep(1);",
            "PERFORM pg_advisory_xact_lock(1);",
            "PERFORM ext.dblink_exec('dbname=x', 'select 1');",
            "LOCK TABLE a.t;",
            "COMMIT;",
            "ROLLBACK;",
            "BEGIN; PERFORM 1;",
            "START TRANSACTION;",
        ),
        (
            "PERFORM pg_try_advisory_xact_lock(1);",
            "LOCK TABLE a.t NOWAIT;",
            "PERFORM a.pg_sleep(1);",
            "commit := 1;",
            "n := 'COMMIT; pg_sleep(1)';",
            'PERFORM "pg_sleep";',
        ),
    ),
    Case(
        "XT305",
        ("RAISE LOG '%', current_user;", "n := CURRENT_ROLE;", "n := user;", "PERFORM a.f(current_user);"),
        (
            "RAISE LOG '%', session_user;",
            "n := r.user;",
            "PERFORM x AS user FROM a.t;",
            'PERFORM "current_user" FROM a.t;',
            "n := 'current_user'; -- current_user",
        ),
    ),
    Case(
        "XT306",
        (
            "EXECUTE 'SELECT ' || session_user;",
            "EXECUTE ('SELECT ' || session_user) INTO n;",
            "EXECUTE 'SELECT ' || lower(session_user);",
            "EXECUTE 'SELECT ' || ('x' || session_user);",
            "EXECUTE format('SELECT %s', session_user);",
            "EXECUTE format('SELECT %I, %2$s', 'a', session_user);",
            "EXECUTE format('SELECT ' || session_user);",
            "EXECUTE concat('SELECT ', session_user);",
            "cmd := 'SELECT ' || session_user; EXECUTE cmd;",
        ),
        (
            "EXECUTE 'SELECT ' || quote_literal(session_user);",
            "EXECUTE 'SELECT ' || pg_catalog.quote_ident(session_user) || ' x';",
            "EXECUTE format('SELECT %I, %L, 5 %%s', session_user, 'x');",
            "EXECUTE format('SELECT %s', quote_ident(session_user));",
            "EXECUTE 'SELECT ' || pg_backend_pid() || 5 || x::regclass;",
            "EXECUTE 'SELECT ' || r.object_identity || tg_tag;",
            "EXECUTE 'SELECT $1' USING 'a' || session_user;",
            "EXECUTE 'SELECT 1' INTO n;",
            "EXECUTE cmd;",
            "RAISE LOG '%', 'EXECUTE ' || session_user;",
            "cmd := 'SELECT ' || session_user; RAISE LOG '%', cmd;",
        ),
    ),
    Case(
        "XT307",
        ("CREATE TEMP TABLE s (a int);", "CREATE TABLE a.s (a int);", "EXECUTE 'CREATE TEMP TABLE s (a int)';"),
        (
            "CREATE TEMP TABLE IF NOT EXISTS s (a int);",
            "DROP TABLE IF EXISTS s; CREATE TEMP TABLE s (a int);",
            "IF to_regclass('pg_temp.s') IS NULL THEN CREATE TEMP TABLE s (a int); END IF;",
            "BEGIN CREATE TEMP TABLE s (a int); EXCEPTION WHEN duplicate_table THEN NULL; END;",
            "RAISE LOG 'CREATE TEMP TABLE s';",
        ),
        event="sql_drop",
    ),
    Case(
        "XT308",
        (
            f"IF {GUARD} THEN RETURN; END IF; GRANT day TO night;",
            f"IF {GUARD} THEN RETURN; END IF; EXECUTE format('REVOKE %I FROM %I', 'a', 'b');",
            f"IF {GUARD} THEN RETURN; END IF; ALTER ROLE x SET work_mem = 1;",
        ),
        (
            f"IF {GUARD} THEN RETURN; END IF; IF NOT pg_has_role('a', 'b', 'member') THEN GRANT a TO b; END IF;",
            f"IF {GUARD} THEN RETURN; END IF; CREATE TEMP TABLE s (a int); ALTER TABLE s OWNER TO x;",
            "RAISE LOG 'GRANT a TO b';",
            "grant_count := 1; -- GRANT a TO b",
        ),
    ),
    Case(
        "XT309",
        (
            "BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN NULL; END;",
            "BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN RETURN; END;",
            "BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN RAISE NOTICE 'x'; END;",
            "BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN END;",
        ),
        (
            f"BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN {LOGGED} END;",
            "BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN RAISE; END;",
            "BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN PERFORM a.note(SQLERRM); END;",
            f"BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN IF true THEN {LOGGED} END IF; END;",
            "BEGIN PERFORM a.f(); EXCEPTION WHEN undefined_table THEN NULL; END;",
            "RAISE LOG 'EXCEPTION WHEN others THEN NULL';",
        ),
    ),
    Case(
        "XT310",
        (f"BEGIN PERFORM a.f(); EXCEPTION WHEN others THEN {LOGGED} END;",),
        (
            f"BEGIN PERFORM a.f(); EXCEPTION WHEN others OR assert_failure OR query_canceled THEN {LOGGED} END;",
            f"BEGIN PERFORM a.f(); EXCEPTION WHEN others THEN {LOGGED} WHEN query_canceled THEN {LOGGED} END;",
        ),
    ),
    Case(
        "XT316",
        (
            f"BEGIN {REFUSAL} EXCEPTION WHEN query_canceled THEN {LOGGED} END;",
            f"BEGIN {REFUSAL} EXCEPTION WHEN undefined_table OR SQLSTATE '57014' THEN {LOGGED} END;",
            f"BEGIN {REFUSAL} EXCEPTION WHEN operator_intervention THEN {LOGGED} END;",
            f"BEGIN {REFUSAL} EXCEPTION WHEN others THEN {LOGGED} END;",
            f"BEGIN {REFUSAL} EXCEPTION WHEN raise_exception THEN {LOGGED} END;",
            f"BEGIN IF a.f() THEN no := true; END IF; EXCEPTION WHEN others OR query_canceled THEN {LOGGED} END; "
            "IF no THEN RAISE EXCEPTION 'no'; END IF;",
        ),
        (
            f"BEGIN {REFUSAL} EXCEPTION WHEN query_canceled THEN RAISE; END;",
            f"BEGIN {REFUSAL} EXCEPTION WHEN undefined_table THEN {LOGGED} END;",
            f"{REFUSAL} BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN {LOGGED} END;",
            f"BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN {LOGGED} END; {REFUSAL}",
            f"BEGIN PERFORM a.f(); EXCEPTION WHEN others OR query_canceled THEN {LOGGED} END;",
        ),
    ),
    Case(
        "XT311",
        (
            "n := now() AT TIME ZONE 'utc';",
            "n := timezone('GMT', now());",
            # TimeZone=<EUROPE/BERLIN>+5 and <+00>+5 move these on 18.4.
            "n := now() AT TIME ZONE 'Europe/Berlin';",
            "n := now() AT TIME ZONE '+00';",
        ),
        (
            "n := now() AT TIME ZONE INTERVAL '0';",
            "n := 'AT TIME ZONE ''utc'''; -- AT TIME ZONE 'utc'",
        ),
    ),
    Case(
        "XT312",
        ("SET LOCAL statement_timeout = '1s';", "PERFORM set_config('statement_timeout', '1s', true);"),
        (
            "PERFORM set_config('statement_timeout', '1s', false);",
            "SET LOCAL lock_timeout = '1s';",
            "RAISE LOG 'SET LOCAL statement_timeout = 1';",
        ),
    ),
    Case(
        "XT313",
        ("PERFORM 1 FROM pg_stat_activity;", "PERFORM 1 FROM pg_catalog.pg_stat_ssl;"),
        ("PERFORM 1 FROM pg_stat_database;", "RAISE LOG 'pg_stat_activity'; -- pg_stat_activity"),
    ),
    Case(
        "XT314",
        ("RAISE EXCEPTION 'no';", "RAISE 'no';", "IF now() > x THEN RAISE EXCEPTION USING MESSAGE = 'no'; END IF;"),
        (
            "IF session_user <> 'dba' THEN RAISE EXCEPTION 'no'; END IF;",
            "IF session_user = 'dba' THEN RETURN; END IF; RAISE EXCEPTION 'no';",
            "RAISE LOG 'RAISE EXCEPTION';",
            f"BEGIN RAISE EXCEPTION 'x'; EXCEPTION WHEN raise_exception THEN {LOGGED} END;",
        ),
    ),
    Case(
        "XT315",
        (
            "PERFORM a.f();",
            "RAISE WARNING 'x';",
            "RAISE LOG 'x %', 1;",
            "a.f(x::text);",
            "a.f($$x$$);",
            "a.f(E'x');",
            "EXECUTE 'x';",
            "ASSERT true;",
        ),
        (
            "a.f(polar_login_user);",
            "EXECUTE IMMEDIATE 'x';",
            "RAISE my_exception;",
            "a.f('PERFORM :: $$ E''x''');",
            "a.f(q'[it's $$ PERFORM a.f();]');",
            "/* PERFORM a.f(); /* */ a.f(1);",
        ),
        dialect="polardb",
    ),
    Case(
        "XT317",
        (
            "SET ROLE app;",
            "SET SESSION AUTHORIZATION app;",
            "RESET ROLE;",
            "PERFORM set_config('role', 'app', true);",
            "EXECUTE 'SET LOCAL ROLE app';",
        ),
        ("SET application_name = 'role';", "RAISE LOG 'SET ROLE app';", "GRANT app TO other;"),
    ),
    Case(
        "XT318",
        (
            "INSRT INTO x VALUES (1);",
            "INSRT INTO a.t VALUES (1);",
            "SELECT 1 INTO a.t;",
            "a.t := 1;",
            "SELEC 1;",
            "IF true THEN NULL;",
            "FOR i IN 1..2 LOOP NULL;",
            "x := 1;",
            "SELECT 1 INTO x;",
            "RAISE LOG '% %', 1;",
            "BEGIN NULL; EXCEPTION WHEN no_such_condition THEN NULL; END;",
            "RETURN NULL;",
            "SELECT pg_notify('logins', session_user);",
            "IF true THEN SELECT 1 FROM a.t; END IF;",
            "WITH q AS (SELECT 1) SELECT * FROM q;",
            "INSERT INTO a.t VALUES (1) RETURNING 1;",
        ),
        (
            "INSERT INTO a.t VALUES (1);",
            "DECLARE n integer; BEGIN INSERT INTO a.t VALUES (1) RETURNING 1 INTO n; END;",
            "WITH q AS (SELECT 1) INSERT INTO a.t SELECT * FROM q;",
            "PERFORM pg_notify('logins', session_user);",
            "IF true THEN NULL; END IF;",
            "DECLARE x integer; BEGIN x := 1; END;",
            "DECLARE r a.t%ROWTYPE; BEGIN r.x := 1; END;",
            "DECLARE r public.t%ROWTYPE; BEGIN r.x := 1; END;",
            "DECLARE r record; BEGIN SELECT 1 INTO r.x; END;",
            "DECLARE r record; BEGIN FOR r IN SELECT 1 AS x LOOP r.x := 2; END LOOP; END;",
            "RAISE LOG '% %', tg_event, tg_tag;",
            "RETURN;",
        ),
    ),
)
