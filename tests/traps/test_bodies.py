"""Hand-written bodies that check warns of, on a real server: what they do to a login, and what their cure does."""

from __future__ import annotations

import time
from textwrap import indent

import psycopg
import pytest

import xtrig
from tests.server.deploy import deploy
from tests.server.sides import Side, roles
from tests.traps.naive import LOG, OBSERVER, by_hand, log_end, log_in, rows, said
from xtrig_pgfamily import builtin

pytestmark = pytest.mark.server
READ_ONLY = "-c default_transaction_read_only=on"
GUARD = "pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"
RECORD = "INSERT INTO audit.log (who) VALUES (session_user);"
KEYWORDS = frozenset(
    "coalesce nullif greatest least row rows values cast xmltable json_table json_query json_value json_exists".split()
)


def deployed(trap: Side, statements: str, event: str = "logon", policies: str = "") -> set[str]:
    """Deploy a body around statements; return what check found in it."""
    trap.admin.execute(LOG)
    body = indent(f"BEGIN\n{statements}\nEND", " " * 10)
    more = f"    {policies}\n" if policies else ""
    text = (
        f"xtrig: 1\nschema: audit\ntriggers:\n  x:\n    event: {event}\n{more}    body:\n      postgresql: |\n{body}\n"
    )
    deploy(trap.admin, text)
    found = xtrig.render(xtrig.load_text(text)).findings
    return {finding.code for finding in found if finding.code.startswith("XT3")}


def test_xt301_a_write_without_a_guard_refuses_the_login(trap: Side):
    assert "XT301" in deployed(trap, RECORD)
    assert "read-only transaction" in str(log_in(trap, options=READ_ONLY))
    assert "XT301" not in deployed(trap, f"IF NOT ({GUARD}) THEN {RECORD} END IF;")
    assert log_in(trap, options=READ_ONLY) is None
    assert log_in(trap) is None
    assert rows(trap) == ["alice"]


def test_xt302_a_name_without_its_schema_is_not_found(trap: Side):
    trap.admin.execute("CREATE FUNCTION public.note(name) RETURNS void LANGUAGE sql AS ''")
    assert "XT302" in deployed(trap, "PERFORM note(session_user);")
    assert log_in(trap) == "function note(name) does not exist"
    assert deployed(trap, "PERFORM public.note(session_user);") == set()
    assert log_in(trap) is None


def test_xt303_a_changed_path_runs_other_peoples_functions_with_the_owners_rights(trap: Side):
    change, use = "PERFORM set_config('search_path', 'public', true);", "RAISE LOG '%', lower(session_user);"
    trap.admin.execute("GRANT CREATE ON SCHEMA public TO alice")
    with trap.database.connect("alice") as alice:
        alice.execute(
            "CREATE FUNCTION public.lower(name) RETURNS text LANGUAGE plpgsql AS "
            "$$ BEGIN ALTER ROLE alice SUPERUSER; RETURN 'x'; END $$"
        )
    query = "SELECT rolsuper FROM pg_roles WHERE rolname = 'alice'"
    assert deployed(trap, f"{use} {change}") == set()
    assert log_in(trap) is None
    assert trap.admin.execute(query).fetchone() == (False,)
    with pytest.raises(psycopg.errors.RaiseException, match="alice has the right CREATE"):
        deployed(trap, f"{change} {use}")
    trap.admin.execute("ROLLBACK; REVOKE CREATE ON SCHEMA public FROM alice")
    with pytest.raises(psycopg.errors.RaiseException, match=r"public\.lower\(.*\) belongs to alice"):
        deployed(trap, f"{change} {use}")
    # What the script stops: the function comes to be hers again afterwards.
    trap.admin.execute("ROLLBACK; ALTER FUNCTION public.lower(name) OWNER TO postgres")
    assert "XT303" in deployed(trap, f"{change} {use}")
    assert log_in(trap) is None
    assert trap.admin.execute(query).fetchone() == (True,)


def test_xt304_a_sleep_delays_every_login(trap: Side):
    assert deployed(trap, "PERFORM pg_sleep(0.5);") == {"XT304"}
    begun = time.monotonic()
    assert log_in(trap) is None
    assert time.monotonic() - begun >= 0.5


def test_xt304_a_lock_held_elsewhere_refuses_the_login(trap: Side):
    assert deployed(trap, "PERFORM pg_advisory_xact_lock(7);") == {"XT304"}
    trap.admin.execute("SELECT pg_advisory_lock(7)")
    assert log_in(trap) == "canceling statement due to lock timeout"
    assert deployed(trap, "PERFORM pg_try_advisory_xact_lock(7);") == set()
    assert log_in(trap) is None
    trap.admin.execute("SELECT pg_advisory_unlock(7)")


def test_xt304_commit_refuses_every_login(trap: Side):
    by_hand(trap, "COMMIT;")
    assert log_in(trap) == "invalid transaction termination"


def test_xt305_current_user_is_the_owner(trap: Side):
    wrong = f"IF NOT ({GUARD}) THEN {RECORD.replace('session_user', 'current_user')} END IF;"
    assert deployed(trap, wrong) == {"XT305"}
    assert log_in(trap) is None
    assert deployed(trap, wrong.replace("current_user", "session_user")) == set()
    assert log_in(trap) is None
    assert rows(trap) == ["postgres", "alice"]


def test_xt306_a_role_named_for_it_gives_a_role_to_another(trap: Side):
    members = "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = 'worker'::regrole ORDER BY 1"
    with roles(trap.database.server, worker="", mallory="LOGIN"):
        trap.admin.execute('ALTER ROLE mallory RENAME TO "alice, alice"')
        try:
            assert "XT306" in deployed(trap, "EXECUTE 'GRANT worker TO ' || session_user;")
            assert log_in(trap, "alice, alice") is None
            assert trap.admin.execute(members).fetchall() == [("alice",)]
            trap.admin.execute("REVOKE worker FROM alice")
            assert "XT306" not in deployed(trap, "EXECUTE format('GRANT worker TO %I', session_user);")
            assert log_in(trap, "alice, alice") is None
            assert trap.admin.execute(members).fetchall() == [('"alice, alice"',)]
        finally:
            trap.admin.execute("SET event_triggers = off")
            trap.admin.execute('ALTER ROLE "alice, alice" RENAME TO mallory')


def test_xt307_a_temporary_table_is_there_at_the_second_command(trap: Side):
    trap.admin.execute("CREATE TABLE public.a (); CREATE TABLE public.b (); CREATE TABLE public.c ()")
    assert deployed(trap, "CREATE TEMP TABLE seen (x int);", "sql_drop") == {"XT307"}
    trap.admin.execute("DROP TABLE public.a")
    assert said(trap, "DROP TABLE public.b") == ("42P07", 'relation "seen" already exists')
    trap.admin.execute("SET event_triggers = off")
    assert deployed(trap, "CREATE TEMP TABLE IF NOT EXISTS seen (x int);", "sql_drop") == set()
    trap.admin.execute("RESET event_triggers")
    trap.admin.execute("DROP TABLE public.b; DROP TABLE public.c")


def test_xt307_ddl_in_a_ddl_trigger_runs_itself(trap: Side):
    by_hand(trap, "CREATE TEMP TABLE IF NOT EXISTS seen (x int);", event="ddl_command_end")
    assert said(trap, "CREATE TABLE public.a ()") == ("54001", "stack depth limit exceeded")


def test_xt308_a_grant_at_login_waits_for_another(trap: Side):
    with roles(trap.database.server, worker=""):
        assert "XT308" in deployed(trap, "GRANT worker TO alice;")
        with trap.database.connect(options=OBSERVER) as other, other.transaction(force_rollback=True):
            other.execute("GRANT worker TO alice")
            assert log_in(trap) == "canceling statement due to lock timeout"
        looked = "IF NOT pg_has_role('alice', 'worker', 'member') THEN GRANT worker TO alice; END IF;"
        guarded = f"IF NOT ({GUARD}) THEN {looked} END IF;"
        trap.admin.execute("GRANT worker TO alice")
        assert deployed(trap, guarded) == set()
        with trap.database.connect(options=OBSERVER) as other, other.transaction(force_rollback=True):
            other.execute("REVOKE worker FROM alice")
            assert log_in(trap) is None
        trap.admin.execute("REVOKE worker FROM alice")


def test_xt309_a_swallowed_error_leaves_no_trace(trap: Side):
    caught = "BEGIN INSERT INTO audit.gone VALUES (1); EXCEPTION WHEN OTHERS OR query_canceled THEN {} END;"
    for handler, code, lines in (("NULL;", {"XT309"}, 0), ("RAISE LOG 'x3 %', SQLERRM;", set(), 1)):
        assert deployed(trap, caught.format(handler)) == code
        start = log_end(trap)
        assert log_in(trap) is None
        assert trap.database.server.log_text()[start:].count('"audit.gone" does not exist') == lines


def test_xt310_others_does_not_catch_a_failed_assertion(trap: Side):
    caught = "BEGIN ASSERT false; EXCEPTION WHEN {} THEN RAISE LOG '%', SQLERRM; END;"
    assert deployed(trap, caught.format("OTHERS")) == {"XT310", "XT316"}
    assert log_in(trap) == "assertion failed"
    assert deployed(trap, caught.format("OTHERS OR assert_failure OR query_canceled")) == {"XT316"}
    assert log_in(trap) is None


def test_xt311_the_client_moves_utc(trap: Side):
    difference = "extract(epoch FROM now() AT TIME ZONE {} - now() AT TIME ZONE INTERVAL '0')::integer"
    record = f"IF NOT ({GUARD}) THEN INSERT INTO audit.log (what) VALUES ({difference}); END IF;"
    assert deployed(trap, record.format("'utc'")) == {"XT311"}
    for zone in ("Europe/Berlin", "UTC+5"):
        assert log_in(trap, options=f"-c TimeZone={zone}") is None
    assert deployed(trap, record.format("INTERVAL '0'")) == set()
    assert log_in(trap, options="-c TimeZone=UTC+5") is None
    assert rows(trap, "what") == ["0", str(-5 * 3600), "0"]


def test_xt312_statement_timeout_does_not_end_a_login_trigger(trap: Side):
    assert deployed(trap, "SET LOCAL statement_timeout = '100ms'; PERFORM pg_sleep(0.6);") == {"XT304", "XT312"}
    assert log_in(trap) is None
    assert deployed(trap, "PERFORM pg_sleep(5);", policies="timeout: 100ms") == {"XT304"}
    assert log_in(trap) == "terminating connection due to transaction timeout"


def test_xt314_an_exception_refuses_superusers_too(trap: Side):
    assert deployed(trap, "RAISE EXCEPTION 'no';") == {"XT314"}
    assert log_in(trap, "postgres") == "no"
    assert log_in(trap, "postgres", options=OBSERVER) is None
    assert deployed(trap, "IF session_user <> 'postgres' THEN RAISE EXCEPTION 'no'; END IF;") == set()
    assert (log_in(trap), log_in(trap, "postgres")) == ("no", None)


def test_built_in_functions_are_found_without_their_schema(place: Side):
    query = (
        "SELECT proname::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname !~ '^pg_'"
        " AND NOT '{internal,cstring}'::regtype[] && (proargtypes::regtype[] || prorettype::regtype)"
    )
    assert {row[0] for row in place.admin.execute(query)} == builtin.functions() - KEYWORDS


def test_built_in_types_are_those_of_the_server(place: Side):
    query = (
        "SELECT typname::text FROM pg_type WHERE pg_type_is_visible(oid) AND typtype <> 'c'"
        " AND typnamespace = 'pg_catalog'::regnamespace AND typname !~ '^(_|pg_)'"
    )
    assert {row[0] for row in place.admin.execute(query)} == builtin.types()


def test_every_table_of_the_catalog_begins_with_pg(place: Side):
    query = "SELECT count(*) FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relname !~ '^pg_'"
    assert place.admin.execute(query).fetchone() == (0,)


@pytest.mark.parametrize("statement", ["INSERT INTO audit.log (who) VALUES ('x')", "SELECT nextval('audit.s')"])
def test_a_write_that_the_guard_is_about_fails_in_a_read_only_session(trap: Side, statement: str):
    trap.admin.execute(f"{LOG} CREATE SEQUENCE audit.s")
    with trap.database.connect(options=READ_ONLY) as admin, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        admin.execute(statement)
