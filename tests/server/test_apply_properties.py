"""What passes check and apply records each login and lets DDL through; all else is refused, not found in the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, event, given, settings

import xtrig
from tests.properties.definitions import definitions
from tests.properties.steps import ROLES, Data
from tests.server.conftest import Database
from tests.server.test_whole_model_properties import COMMANDS, TOOLS, fires, may_deny_ddl
from xtrig.deploy import Bounds, Canary, DeploymentError, ProofError, RefusedPlanError, apply
from xtrig.errors import FindingsError
from xtrig.resolve import resolve
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("apply_properties")]

CASES = max(6, settings.default.max_examples // 4)
NUMBERS = count(1)
QUICK = Canary(login_timeout=10, rounds=0)
WITNESS = "witness"
CAUGHT = '"outcome" : "error"'


@pytest.fixture(scope="module")
def template(login_server: EmbeddedServer) -> Iterator[Database]:
    """A database with what definitions call, for others to be copied from."""
    names = [psycopg.sql.Identifier(name).as_string() for name in ROLES]
    with login_server.connect() as admin:
        admin.execute("CREATE DATABASE model_template TEMPLATE template0")
        for name in ("ordinary LOGIN", *names):
            admin.execute(f"CREATE ROLE {name}".encode())
        with login_server.connect(database="model_template") as session:
            session.execute(TOOLS)
        try:
            yield Database(login_server, "model_template")
        finally:
            admin.execute("DROP DATABASE model_template WITH (FORCE)")
            admin.execute(f"DROP ROLE ordinary, {', '.join(names)}".encode())


@contextmanager
def copied(template: Database) -> Iterator[Database]:
    """Lend a database of its own to one example."""
    name = f"model_{next(NUMBERS)}"
    with template.server.connect() as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template.name}".encode())
        try:
            yield Database(template.server, name)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def witnessed(given: Data) -> Data:
    """Return the definition with a row for each run of a logon function, written after all else."""
    step = {"insert": WITNESS, "values": {"who": "${login_user}"}}
    run = {each.get("run") for each in given["triggers"].values() if each["event"] == "logon"}
    own = [each for each in given["triggers"].values() if each["event"] == "logon" and "steps" in each]
    named = [each for name, each in given["functions"].items() if name in run and "steps" in each]
    alone = [each for each in named if not _is_shared(given, each)]
    for each in (*own, *alone):
        each["steps"] = [*each["steps"], step]
    given["tables"] = given["tables"] | {WITNESS: {"schema": "witnesses", "columns": {"who": "text"}}}
    return given


def _is_shared(given: Data, function: Data) -> bool:
    """Whether other events run the function, too."""
    runs = [each["event"] for each in given["triggers"].values() if given["functions"].get(each.get("run")) is function]
    return set(runs) != {"logon"}


def rows_for_each_login(triggers: xtrig.TriggerSet) -> int:
    """Return how many rows a login has to leave."""
    logons = [each.function for each in resolve(triggers).triggers if fires(each)]
    return sum(bool(each.steps) and getattr(each.steps[-1], "table", None) == WITNESS for each in logons)


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(given=definitions(sound=False))
def test_what_apply_lets_through_works_at_every_login(template: Database, given: Data) -> None:
    triggers = xtrig.TriggerSet.model_validate(witnessed(given))
    with copied(template) as database:
        try:
            report = apply(triggers, database.url, canary=QUICK, bounds=Bounds(lock_timeout=5))
        except (FindingsError, RefusedPlanError, ProofError, DeploymentError) as refused:
            event(f"refused: {type(refused).__name__}")
            with database.connect("ordinary", options=""):
                return
        event("applied")
        assert report.failed is None
        if any("lacks a right" in each for each in report.unproved):
            return
        log = len(database.server.log_text())
        for _ in range(2):
            database.connect("ordinary").close()
        with database.connect("ordinary") as session:
            if not any(may_deny_ddl(trigger) for trigger in resolve(triggers).triggers):
                for command in COMMANDS:
                    session.execute(command)
        with database.connect(options="-c event_triggers=off") as admin:
            rows = admin.execute("SELECT count(*) FROM witnesses.witness WHERE who = 'ordinary'").fetchone()
        assert rows == (3 * rows_for_each_login(triggers),)
        assert CAUGHT not in database.server.log_text()[log:]
