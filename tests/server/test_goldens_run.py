"""The golden PostgreSQL scripts, executed: as they are, again, with logins, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.sql import Identifier

import xtrig
from tests import goldens
from tests.server.conftest import Database
from tests.server.deploy import execute, wait_until
from tests.test_golden import POSTGRESQL, definition, options, render
from xtrig.model import Deny
from xtrig.resolve import resolve, walk

pytestmark = pytest.mark.server

CREATED = [case for case in POSTGRESQL if not options(case).get("drop")]
FOR_18 = [case for case in CREATED if "target_version" not in options(case)]
OLD = [case for case in CREATED if options(case).get("target_version", {}).get("postgresql") == "16"]
WITH_DDL_ONLY = [
    case
    for case in FOR_18
    if not definition(case).sessions
    and all(not trigger.event.is_session for trigger in definition(case).triggers.values())
]
STATE = "SELECT oid, evtname, evtevent, evtenabled, evttags, evtfoid FROM pg_event_trigger ORDER BY evtname"
OURS = "SELECT count(*) FROM pg_proc WHERE obj_description(oid, 'pg_proc') LIKE 'xtrig:%'"
ROLES = ("night_worker", "day_worker", "night_shift", "plain", "breakglass", "dba", "o'brien", "release", "Emergency")


@pytest.fixture
def deployer(database18: Database) -> Iterator[psycopg.Connection[Any]]:
    with database18.connect(options="-c event_triggers=off") as connection:
        make_roles(connection)
        yield connection
        connection.rollback()
    drop_roles(database18)


def make_roles(connection: psycopg.Connection[Any]) -> None:
    """Create the roles that definitions name; they belong to the whole server, so they may be there."""
    for role in ROLES:
        create = f"CREATE ROLE {Identifier(role).as_string()} LOGIN"
        connection.execute(f"DO $$BEGIN {create}; EXCEPTION WHEN duplicate_object OR unique_violation THEN END$$")


def drop_roles(database: Database) -> None:
    """Drop them again: other tests of the same server make roles of these names."""
    with database.server.connect() as admin:
        # A session that is closed drops its temporary tables before it leaves this view.
        sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = ANY(%s)"
        wait_until(lambda: admin.execute(sessions, [[*ROLES]]).fetchone() == (0,), "the roles' sessions end")
        for role in ROLES:
            admin.execute(f"DROP ROLE IF EXISTS {Identifier(role).as_string()}")


def golden(case: str) -> str:
    """Return the golden script's text."""
    return goldens.golden(case, "postgresql")


@pytest.mark.parametrize("case", FOR_18)
def test_script_runs_twice_and_changes_nothing_the_second_time(
    case: str, database18: Database, deployer: psycopg.Connection[Any]
) -> None:
    execute(deployer, golden(case))
    before = deployer.execute(STATE).fetchall()
    assert {row[1] for row in before} >= {
        name for name, trigger in definition(case).triggers.items() if trigger.event != "logoff"
    }
    # A second run by an ordinary superuser's session, in which the triggers are live unless they may refuse it.
    with database18.connect(options="-c event_triggers=off" if may_deny(definition(case)) else "") as live:
        execute(live, golden(case))
    assert deployer.execute(STATE).fetchall() == before


def may_deny(triggers: xtrig.TriggerSet) -> bool:
    """Whether a step may refuse the login, such as one that does so at some hours of the day."""
    return any(
        isinstance(visit.step, Deny) and "logon" in function.events
        for function in resolve(triggers).functions
        for visit in walk(function)
    )


@pytest.mark.parametrize("case", [case for case in FOR_18 if not may_deny(definition(case))])
def test_an_ordinary_role_still_logs_in(case: str, database18: Database, deployer: psycopg.Connection[Any]) -> None:
    execute(deployer, golden(case))
    with database18.connect("plain") as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("case", FOR_18)
def test_drop_script_leaves_no_trigger_and_no_function(
    case: str, database18: Database, deployer: psycopg.Connection[Any]
) -> None:
    execute(deployer, golden(case))
    execute(deployer, xtrig.render(definition(case), "postgresql", drop=True, with_data=True))
    assert deployer.execute(STATE).fetchall() == []
    assert deployer.execute(OURS).fetchone() == (0,)
    flag = "SELECT dathasloginevt FROM pg_database WHERE datname = current_database()"
    assert deployer.execute(flag).fetchone() == (False,)


@pytest.mark.parametrize("case", OLD)
def test_old_golden_runs_on_16(case: str, database16: Database) -> None:
    with database16.connect() as connection:
        execute(connection, golden(case))
        assert len(connection.execute(STATE).fetchall()) == len(definition(case).triggers)


@pytest.mark.parametrize("case", WITH_DDL_ONLY)
def test_ddl_triggers_rendered_for_16_run_there_and_drop(case: str, database16: Database) -> None:
    with database16.connect() as connection:
        make_roles(connection)
        script = xtrig.render(definition(case), "postgresql", target_version="16")
        execute(connection, script)
        execute(connection, script)
        assert {row[1] for row in connection.execute(STATE)} == set(definition(case).triggers)
        execute(connection, xtrig.render(definition(case), "postgresql", target_version="16", drop=True))
        assert connection.execute(STATE).fetchall() == []
    drop_roles(database16)


def test_16_refuses_what_we_refuse(database16: Database) -> None:
    script = render("logon-log-line", "postgresql")
    with database16.connect() as connection:
        connection.execute("CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'")
        with pytest.raises(psycopg.Error, match="unrecognized event name"):
            connection.execute("CREATE EVENT TRIGGER greet ON login EXECUTE FUNCTION f()")
    with pytest.raises(xtrig.RefusedError):
        xtrig.render(definition("logon-log-line"), "postgresql", target_version="16")
    assert script.target_version == "18"


def test_preflight_stops_before_a_stranger_is_replaced(deployer: psycopg.Connection[Any]) -> None:
    deployer.execute("CREATE FUNCTION public.mine() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'")
    deployer.execute("CREATE EVENT TRIGGER noddl ON sql_drop EXECUTE FUNCTION public.mine()")
    before = deployer.execute(STATE).fetchall()
    with pytest.raises(psycopg.errors.RaiseException, match="event trigger noddl exists and was not made by xtrig"):
        execute(deployer, golden("example-no-ddl"))
    deployer.rollback()
    assert deployer.execute(STATE).fetchall() == before
    execute(deployer, xtrig.render(definition("example-no-ddl"), drop=True))
    assert deployer.execute(STATE).fetchall() == before


def test_preflight_stops_before_a_strangers_function_is_replaced(deployer: psycopg.Connection[Any]) -> None:
    deployer.execute("CREATE FUNCTION public.noddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END'")
    with pytest.raises(psycopg.errors.RaiseException, match=r"function public.noddl\(\) exists and was not made"):
        execute(deployer, golden("example-no-ddl"))
    deployer.rollback()
    assert deployer.execute("SELECT prosrc FROM pg_proc WHERE proname = 'noddl'").fetchone() == ("BEGIN NULL; END",)


def test_preflight_names_a_missing_role(database18: Database) -> None:
    with database18.connect() as connection:
        triggers = xtrig.load_text(
            'xtrig: 1\ntriggers:\n  t: {event: logon, steps: [{grant_role: No Such, to: "${login_user}"}]}\n'
        )
        with pytest.raises(psycopg.errors.RaiseException, match='role "No Such" does not exist; create it first'):
            execute(connection, xtrig.render(triggers))
        connection.rollback()
        assert connection.execute(STATE).fetchall() == []
