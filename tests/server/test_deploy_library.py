"""The functions for programs: engines, pools, and connections in a transaction of the caller's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

import xtrig
from tests.server.conftest import on_17_and_18
from tests.server.deployed import AUDIT, NO_DROP, QUICK, Here
from tests.unit.test_once import counted
from xtrig.deploy import Bounds, load_plan, save_plan
from xtrig.errors import DatabaseError, UsageError

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
SETTINGS = "SELECT name, setting FROM pg_settings WHERE context IN ('user', 'superuser') ORDER BY 1"
TRIGGERS = xtrig.load_text(AUDIT)


@pytest.fixture
def engine(here: Here) -> Iterator[Engine]:
    engine = create_engine(here.url.replace("postgresql://", "postgresql+psycopg://"), poolclass=QueuePool, pool_size=2)
    yield engine
    engine.dispose()


def settings_of(connection: Connection) -> dict[str, str]:
    # Those of plpgsql are there once it is loaded.
    return {row[0]: row[1] for row in connection.exec_driver_sql(SETTINGS) if "." not in row[0]}


@on_17_and_18("here")
def test_an_engine_goes_all_the_way(here: Here, engine: Engine) -> None:
    before = here.site.snapshot()
    assert not xtrig.status(TRIGGERS, engine).is_in_sync
    assert [str(change.kind) for change in xtrig.plan(TRIGGERS, engine).changes][-1] == "trigger"
    report = xtrig.apply(TRIGGERS, engine, canary=QUICK)
    assert {login.proof for login in report.logins} >= {"rehearsal", "canary", "live"}
    assert all(login.refusal is None for login in report.logins)
    assert report.latency is not None
    assert xtrig.status(TRIGGERS, engine).is_in_sync
    xtrig.drop(TRIGGERS, engine, with_data=True)
    assert here.site.snapshot() == before


def test_a_pool_gets_its_connections_back_as_they_were(engine: Engine) -> None:
    with engine.connect() as connection:
        before = settings_of(connection)
    xtrig.plan(TRIGGERS, engine)
    xtrig.apply(TRIGGERS, engine, canary=QUICK)
    xtrig.status(TRIGGERS, engine)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    with engine.connect() as connection:
        assert settings_of(connection) == before


def test_a_set_is_resolved_and_translated_once(here: Here, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted(monkeypatch)
    for command in (
        lambda: xtrig.plan(TRIGGERS, engine),
        lambda: xtrig.apply(TRIGGERS, engine, canary=QUICK),
        lambda: xtrig.status(TRIGGERS, engine),
        lambda: xtrig.drop(TRIGGERS, engine, with_data=True),
    ):
        calls.clear()
        command()
        assert calls == {"resolve": 1, "translate": 1}


@on_17_and_18("here")
def test_a_plan_is_applied_by_the_library(here: Here, engine: Engine, tmp_path: Path) -> None:
    plan = xtrig.plan(TRIGGERS, engine)
    save_plan(plan, tmp_path / "plan.json")
    assert load_plan(tmp_path / "plan.json").fingerprint == plan.fingerprint
    assert xtrig.apply(plan, engine, canary=QUICK).failed is None
    assert here.status(AUDIT).is_in_sync


def test_a_connection_needs_the_word_that_there_is_no_canary(engine: Engine) -> None:
    with engine.connect() as connection:
        with pytest.raises(UsageError, match="say canary=None, or give the engine"):
            xtrig.apply(TRIGGERS, connection)
        assert not connection.in_transaction()


@on_17_and_18("here")
@pytest.mark.parametrize("commits", [True, False])
def test_the_callers_transaction_decides(commits: bool, here: Here, engine: Engine) -> None:
    before = here.site.snapshot()
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(text("SET LOCAL search_path = pg_temp, public"))
        connection.execute(text("SET LOCAL lock_timeout = '7s'"))
        connection.execute(text("CREATE TABLE public.own (a integer)"))
        kept = settings_of(connection)
        report = xtrig.apply(TRIGGERS, connection, canary=None)
        assert transaction.is_active
        assert report.done == ["apply"]
        assert report.notes == [
            "the caller's transaction is still open; nobody has logged in to prove that logins will work"
        ]
        assert settings_of(connection) == kept
        assert xtrig.status(TRIGGERS, connection).is_in_sync
        assert xtrig.plan(TRIGGERS, connection).is_empty
        assert transaction.is_active
        if commits:
            transaction.commit()
        else:
            transaction.rollback()
    assert here.site.value("SELECT to_regclass('public.own') IS NOT NULL") is commits
    assert here.status(AUDIT).is_in_sync is commits
    assert (here.site.snapshot() == before) is not commits
    if commits:
        here.admin.execute("DROP TABLE public.own")
        assert here.site.log_in("postgres") is None


def test_looking_leaves_a_connection_without_a_transaction(engine: Engine) -> None:
    with engine.connect() as connection:
        before = settings_of(connection)
        connection.rollback()
        xtrig.plan(TRIGGERS, connection)
        xtrig.status(TRIGGERS, connection)
        assert not connection.in_transaction()
        assert settings_of(connection) == before


def test_a_failure_in_the_callers_transaction_leaves_it_to_the_caller(here: Here, engine: Engine) -> None:
    before = here.site.snapshot()
    bad = xtrig.load_text(AUDIT.replace("who: text", "who: no_such_type"))
    with engine.connect() as connection, connection.begin() as transaction:
        with pytest.raises(DatabaseError, match='type "no_such_type" does not exist') as caught:
            xtrig.apply(bad, connection, canary=None)
        assert str(caught.value).endswith("; nothing was changed")
        assert "\n" not in str(caught.value)
        assert transaction.is_active
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    assert here.site.snapshot() == before


@pytest.mark.parametrize("verb", [xtrig.plan, xtrig.status])
def test_a_transaction_that_has_failed_is_one_line(verb: Callable[..., object], engine: Engine) -> None:
    with engine.connect() as connection:
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT no_such_column"))
        with pytest.raises(
            DatabaseError,
            match=r"^cannot (use the connection|read the database): current transaction is aborted, .*\)$",
        ):
            verb(TRIGGERS, connection)


def test_an_engine_without_a_canary_takes_one_transaction(here: Here, engine: Engine) -> None:
    report = xtrig.apply(TRIGGERS, engine, canary=None)
    assert (report.done, report.logins) == (["apply"], [])
    assert report.notes == ["no canary was wanted, so no function was run and nobody has logged in as a proof"]
    assert here.status(AUDIT).is_in_sync
    assert here.site.log_in("postgres") is None


def test_a_failure_without_a_canary_changes_nothing(here: Here, engine: Engine) -> None:
    before = here.site.snapshot()
    bad = xtrig.load_text(AUDIT.replace("who: text", "who: no_such_type"))
    with pytest.raises(DatabaseError, match="nothing was changed"):
        xtrig.apply(bad, engine, canary=None)
    assert here.site.snapshot() == before


def test_one_deployment_at_a_time(here: Here, engine: Engine) -> None:
    from xtrig_pgfamily.driver.lock import ADVISORY

    short = Bounds(lock_timeout=0.2)
    with here.site.database.connect() as other:
        other.execute(ADVISORY.replace("_xact", "").encode())
        with pytest.raises(DatabaseError, match="another deployment to this database is under way"):
            xtrig.apply(TRIGGERS, engine, canary=QUICK, bounds=short)
        with engine.connect() as connection, pytest.raises(DatabaseError, match="lock timeout"):
            xtrig.apply(TRIGGERS, connection, canary=None, bounds=short)
    assert here.apply(AUDIT).failed is None


def test_an_engine_that_autocommits_is_used_with_transactions(here: Here) -> None:
    url = here.url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    assert not xtrig.status(TRIGGERS, engine).is_in_sync
    assert xtrig.apply(TRIGGERS, engine, canary=QUICK).failed is None
    with engine.connect() as connection, pytest.raises(UsageError, match="the connection is in AUTOCOMMIT; give one"):
        xtrig.apply(TRIGGERS, connection, canary=None)
    with engine.connect() as connection:
        assert connection.connection.driver_connection.autocommit is True  # type: ignore[union-attr]
    engine.dispose()


def test_a_dialect_that_does_not_know_the_server_is_refused(here: Here) -> None:
    with pytest.raises(UsageError, match=r"this server is not one of dialect 'polardb'|cannot be deployed by xtrig"):
        xtrig.plan(TRIGGERS, here.url, dialect="polardb")
    assert xtrig.plan(TRIGGERS, here.url, dialect="postgresql").dialect == "postgresql"


def test_the_example_script_deploys_reviews_and_reports(here: Here, tmp_path: Path) -> None:
    here.apply(NO_DROP)
    here.admin.execute("CREATE ROLE app_user LOGIN")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "dialects")]),
        "XTRIG_DATABASE_URL": here.url,
        "CANARY_ROLES": "app_user",
        "CANARY_URLS": here.site.url("app_user"),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "examples" / "deploy.py"), here.file(AUDIT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)

    try:
        looked = run()
        assert (looked.returncode, looked.stderr) == (2, "")
        assert "+ create trigger on_logon" in looked.stdout
        done = run("--yes")
        assert (done.returncode, done.stderr) == (0, ""), done
        assert "login as app_user (live): ok" in done.stdout
        assert done.stdout.endswith("in sync\n")
        again = run()
        assert (again.returncode, again.stderr) == (0, "")
        assert "The database is as the definition says." in again.stdout
    finally:
        here.admin.execute("DROP OWNED BY app_user; DROP ROLE app_user")
