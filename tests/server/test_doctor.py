"""The doctor on real servers: each unsafe situation is made, seen, taken away, and seen no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.server.conftest import Database, fresh_database
from tests.server.deploy import wait_until
from tests.server.doctoring import HARMLESS, function, problems, reloaded, run_shell, told, trigger, without
from xtrig.doctor import examine
from xtrig.findings import Severity
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("doctor")]

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
DEFINER = "SECURITY DEFINER"


@dataclass(frozen=True)
class Case:
    name: str
    make: str
    found: tuple[tuple[Severity, str], ...]
    unmake: str


CASES = [
    Case("unpinned-search-path", trigger("t", DEFINER), ((ERROR, "function public.t"),), without("t")),
    Case(
        "unpinned-search-path",
        trigger("t", DEFINER, event="sql_drop"),
        ((ERROR, "function public.t"),),
        "ALTER FUNCTION public.t() SET search_path = pg_catalog, pg_temp",
    ),
    Case(
        "unpinned-search-path",
        trigger("t", f"{DEFINER} SET search_path = pg_catalog, public"),
        ((NOTE, "function public.t"),),
        "ALTER FUNCTION public.t() SET search_path = ''",
    ),
    Case(
        "replaceable-function",
        f"{trigger('t')}; ALTER FUNCTION public.t() OWNER TO doctor_ordinary",
        ((ERROR, "function public.t"),),
        "ALTER FUNCTION public.t() OWNER TO doctor_locked",
    ),
    Case(
        "replaceable-function",
        f"{trigger('t')}; ALTER FUNCTION public.t() OWNER TO doctor_locked; GRANT doctor_locked TO doctor_ordinary",
        ((ERROR, "function public.t"),),
        "REVOKE doctor_locked FROM doctor_ordinary",
    ),
    Case(
        "owners-differ",
        f"{trigger('t')}; ALTER FUNCTION public.t() OWNER TO doctor_locked",
        ((NOTE, "trigger t"),),
        "ALTER FUNCTION public.t() OWNER TO postgres",
    ),
    Case(
        "demoted-owner",
        f"ALTER ROLE doctor_locked SUPERUSER; {trigger('t')}; ALTER EVENT TRIGGER t OWNER TO doctor_locked;"
        "ALTER ROLE doctor_locked NOSUPERUSER",
        ((WARNING, "trigger t"),),
        "ALTER EVENT TRIGGER t OWNER TO postgres",
    ),
    Case(
        "unbounded-login-trigger",
        trigger("t", "SET lock_timeout = '1s' SET transaction_timeout = '0s'"),
        ((WARNING, "trigger t"),),
        "ALTER FUNCTION public.t() SET transaction_timeout = '5s'",
    ),
    Case("unbounded-login-trigger", trigger("t", ""), ((WARNING, "trigger t"),), "ALTER EVENT TRIGGER t DISABLE"),
    Case(
        "missing-exempt-role",
        trigger("t", body="-- exempt_roles: x.\n    IF session_user IN (''absent'') THEN RETURN; END IF;"),
        ((WARNING, "trigger t"),),
        "DROP EVENT TRIGGER t",
    ),
    Case("leftovers", trigger("xtrig_canary_1"), ((WARNING, "xtrig"),), without("xtrig_canary_1")),
    Case("leftovers", function("xtrig_canary_7"), ((WARNING, "xtrig"),), without("xtrig_canary_7")),
    Case("leftovers", trigger("xtrig_keeper"), ((WARNING, "xtrig"),), without("xtrig_keeper")),
    Case(
        "leftovers",
        f"{trigger('t')}; {trigger('xtrig_keeper')}",
        ((WARNING, "xtrig"),),
        "ALTER EVENT TRIGGER t ENABLE REPLICA",  # now the keeper is needed
    ),
    Case("triggers-of-others", trigger("t"), ((NOTE, "event login"),), without("t")),
    Case(
        "triggers-of-others",
        f"{trigger('a', event='sql_drop')}; {trigger('b', event='sql_drop')}",
        ((NOTE, "event sql_drop"),),
        without("a"),
    ),
    Case(
        "event-triggers-off",
        "ALTER ROLE doctor_ordinary SET event_triggers = 'f'; ALTER ROLE postgres SET event_triggers = off",
        ((WARNING, "event_triggers"),),
        "ALTER ROLE doctor_ordinary RESET event_triggers; ALTER ROLE postgres RESET event_triggers",
    ),
    Case(
        "replica-mode",
        "ALTER ROLE doctor_ordinary SET session_replication_role = replica",
        ((WARNING, "session_replication_role"),),
        "ALTER ROLE doctor_ordinary SET session_replication_role = local",
    ),
    Case(
        "read-only-by-default",
        "ALTER ROLE doctor_ordinary SET default_transaction_read_only = on",
        ((WARNING, "default_transaction_read_only"),),
        "ALTER ROLE doctor_ordinary SET default_transaction_read_only = off",
    ),
    Case(
        "transaction-timeout-for-all",
        "ALTER ROLE ALL SET transaction_timeout = '1min'",
        ((NOTE, "transaction_timeout"),),
        "ALTER ROLE ALL RESET transaction_timeout",
    ),
    Case(
        "no-other-database",
        "UPDATE pg_database SET dathasloginevt = true WHERE datname <> current_database()",
        ((WARNING, "databases"),),
        "UPDATE pg_database SET dathasloginevt = false",
    ),
    Case(
        "other-databases",
        "UPDATE pg_database SET dathasloginevt = true WHERE datname = 'template1'",
        ((NOTE, "databases"),),
        "UPDATE pg_database SET dathasloginevt = false",
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    settings = {"wal_level": "logical", "max_connections": "20"}
    with EmbeddedServer(18, settings=settings) as server:
        with server.connect() as admin:
            admin.execute("CREATE ROLE doctor_ordinary LOGIN; CREATE ROLE doctor_locked")
        yield server


@pytest.fixture
def database(server: EmbeddedServer) -> Iterator[Database]:
    with fresh_database(server) as database:
        yield database


@pytest.fixture
def admin(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(options="-c event_triggers=off") as admin:
        yield admin


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_situation(case: Case, database: Database, admin: psycopg.Connection[Any]) -> None:
    assert told(database.url, case.name) == []
    try:
        admin.execute(case.make.encode())
        assert told(database.url, case.name) == list(case.found)
    finally:
        admin.execute(case.unmake.encode())
    assert told(database.url, case.name) == []


NO_COMMANDS = {
    "owners-differ",
    "leftovers",
    "triggers-of-others",
    "no-other-database",
    "other-databases",
    "missing-exempt-role",
}
"""What the doctor leaves to people: the remedy is no SQL."""
WITH_COMMANDS = [
    *(case for case in CASES if case.name not in NO_COMMANDS),
    Case(
        "replaceable-function",
        f"{trigger('t', f'{DEFINER} {HARMLESS}')}; ALTER FUNCTION public.t() OWNER TO doctor_ordinary",
        ((ERROR, "function public.t"),),
        without("t"),
    ),
    Case(
        "transaction-timeout-for-all",
        "ALTER SYSTEM SET transaction_timeout = '1min'; SELECT pg_reload_conf()",
        ((NOTE, "transaction_timeout"),),
        "ALTER SYSTEM RESET transaction_timeout; SELECT pg_reload_conf()",
    ),
]
OWNED = "SELECT FROM pg_proc WHERE proname = 't' AND prosecdef AND proowner = 'postgres'::regrole"


@pytest.mark.parametrize("case", WITH_COMMANDS, ids=lambda case: case.name)
def test_a_remedy_can_be_run_and_the_doctor_is_then_silent(
    case: Case, database: Database, admin: psycopg.Connection[Any]
) -> None:
    """Its commands are the whole remedy, or what is behind its last colon."""

    def run(commands: str) -> None:
        # ALTER SYSTEM wants to be alone.
        for command in commands.split("; ") if "ALTER SYSTEM" in commands else [commands]:
            admin.execute(command.encode())

    try:
        run(case.make)
        found = problems(database.url, case.name)
        assert [(each.severity, each.subject) for each in found] == list(case.found)
        for each in found:
            commands = each.remedy.rpartition(": ")[2]
            assert commands.startswith("ALTER "), each.remedy
            run(commands)
        assert problems(database.url, case.name) == []
        # The text of a definer's function does not get a superuser's rights by it.
        assert case.name != "replaceable-function" or not admin.execute(OWNED).fetchall()
    finally:
        run(case.unmake)


def test_a_database_in_which_triggers_are_off(database: Database, admin: psycopg.Connection[Any]) -> None:
    admin.execute(f"ALTER DATABASE {database.name} SET event_triggers = off")
    (found,) = problems(database.url, "event-triggers-off")
    assert f"ALTER DATABASE {database.name} RESET event_triggers" in found.remedy
    admin.execute(f"ALTER DATABASE {database.name} RESET event_triggers")
    assert told(database.url, "event-triggers-off") == []


def test_a_database_that_a_standby_would_not_let_anybody_into(
    database: Database, admin: psycopg.Connection[Any]
) -> None:
    admin.execute(f"{trigger('t')}; ALTER EVENT TRIGGER t ENABLE REPLICA".encode())
    assert told(database.url, "standbys-shut") == [(WARNING, f"database {database.name}")]
    admin.execute("ALTER EVENT TRIGGER t ENABLE ALWAYS")
    assert told(database.url, "standbys-shut") == []


def test_what_holds_for_one_role_in_one_database(database: Database, admin: psycopg.Connection[Any]) -> None:
    altered = f"ALTER ROLE doctor_ordinary IN DATABASE {database.name}"
    admin.execute(f"{altered} SET session_replication_role = replica")
    (found,) = problems(database.url, "replica-mode")
    assert found.remedy == f"{altered} RESET session_replication_role"
    assert f"role doctor_ordinary in database {database.name}" in found.message
    with fresh_database(database.server) as other:
        assert told(other.url, "replica-mode") == []


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("event-triggers-off", "event_triggers", "off"),
        ("replica-mode", "session_replication_role", "replica"),
        ("read-only-by-default", "default_transaction_read_only", "on"),
        ("transaction-timeout-for-all", "transaction_timeout", "1h"),
        ("log-lines-lost", "log_min_messages", "fatal"),
    ],
)
def test_setting_of_the_server(name: str, setting: str, value: str, database: Database) -> None:
    with reloaded(database.server, **{setting: value}):
        wait_until(lambda: bool(told(database.url, name)), f"{name} is seen")
        assert setting in [subject for _, subject in told(database.url, name)]
    wait_until(lambda: not told(database.url, name), f"{name} is seen no more")


def test_commits_that_nobody_confirms(database: Database) -> None:
    with reloaded(database.server, synchronous_standby_names="ANY 2 (a, b, c)"):
        wait_until(lambda: bool(told(database.url, "nobody-confirms")), "it is seen")
        (found,) = problems(database.url, "nobody-confirms")
        assert (found.severity, "0 of 2" in found.message) == (ERROR, True)
        with reloaded(database.server, synchronous_commit="local"):
            wait_until(lambda: not told(database.url, "nobody-confirms"), "such commits wait for nobody")
    wait_until(lambda: not told(database.url, "nobody-confirms"), "it is seen no more")


def test_few_connections_are_left(database: Database) -> None:
    assert told(database.url, "few-connections-left") == []
    held = [database.connect() for _ in range(14)]
    try:
        assert told(database.url, "few-connections-left") == [(WARNING, "connections")]
    finally:
        for each in held:
            each.close()
    wait_until(lambda: not told(database.url, "few-connections-left"), "they are gone")


def test_pools(database: Database, admin: psycopg.Connection[Any]) -> None:
    with database.connect() as one, database.connect() as two, database.connect() as three:
        one.execute("DISCARD ALL")
        two.execute("discard all;")
        assert told(database.url, "pools") == []
        three.execute("DISCARD ALL")
        (found,) = problems(database.url, "pools")
        assert "3 sessions from this machine reset by DISCARD ALL" in found.message
        one.execute("SELECT 1")
        assert told(database.url, "pools") == []
        one.execute("SET application_name = 'PgBouncer 1'")
        (found,) = problems(database.url, "pools")
        assert found.message.startswith("application PgBouncer 1:")


def test_logical_slots_of_this_database(database: Database, admin: psycopg.Connection[Any]) -> None:
    admin.execute("SELECT pg_create_logical_replication_slot('feed', 'pgoutput')")
    try:
        assert told(database.url, "logical-replication") == [(NOTE, "logical replication")]
        with fresh_database(database.server) as other:
            assert told(other.url, "logical-replication") == []
    finally:
        admin.execute("SELECT pg_drop_replication_slot('feed')")
    assert told(database.url, "logical-replication") == []


def test_logins_that_hang_in_a_trigger_are_seen_and_can_be_ended(
    database: Database, admin: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.execute("CREATE TABLE public.log (who text)")
    admin.execute(trigger("t", "", "INSERT INTO public.log VALUES (session_user);").encode())
    monkeypatch.setenv("PGOPTIONS", "-c event_triggers=off")
    url = f"host={database.server.socket_dir} port={database.server.port} user=postgres dbname={database.name}"
    ended: list[str] = []
    with admin.transaction():
        admin.execute("LOCK TABLE public.log")
        login = threading.Thread(target=lambda: ended.append(refusal(database)))
        login.start()
        assert told(url, "hanging-logins") == []
        wait_until(lambda: told(url, "hanging-logins") == [(ERROR, "logins")], "it is seen")
        text = next(each.text for each in examine(url).commands if each.purpose == "End the logins that hang")
        run_shell(database.server, text)
        login.join(20)
    assert "terminating connection due to administrator command" in ended[0]
    assert told(url, "hanging-logins") == []


def test_logins_that_are_held_before_their_first_trigger(database: Database, admin: psycopg.Connection[Any]) -> None:
    admin.execute(function("t").encode())
    url = database.server.conninfo()
    login = threading.Thread(target=lambda: refusal(database))
    with admin.transaction():
        admin.execute("CREATE EVENT TRIGGER t ON login EXECUTE FUNCTION public.t()")
        login.start()
        wait_until(lambda: told(url, "hanging-logins") == [(ERROR, "logins")], "it is seen")
    login.join()
    assert told(url, "hanging-logins") == []


def refusal(database: Database) -> str:
    """Log in; return what refused it, else nothing."""
    try:
        database.connect("doctor_ordinary").close()
    except psycopg.OperationalError as error:
        return str(error)
    return ""
