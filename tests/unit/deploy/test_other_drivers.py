"""A vendor that is not PostgreSQL: DDL that commits at once, proofs before the commit, nothing that is optional."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.deploy.lite import Lite, LiteAddress, LiteDriver, run
from xtrig.connect import find_driver
from xtrig.deploy import Canary, DeploymentError, ProofError
from xtrig.deploy.place import open_place
from xtrig.deploy.target import recognised
from xtrig.dialect import Dialect
from xtrig.dialect.deployment import Proof, Stage
from xtrig.errors import UsageError
from xtrig.registry import get_dialect
from xtrig.script import Statement

MAKE = Statement("CREATE TABLE made (a)", "Table made")
DROP = Statement("DROP TABLE IF EXISTS made", "")
QUICK = Canary(rounds=1)
WRITES = "INSERT INTO logins VALUES (1)"


@pytest.fixture
def address(tmp_path: Path) -> LiteAddress:
    with closing(sqlite3.connect(tmp_path / "file")) as connection:
        connection.execute("PRAGMA journal_mode = wal")  # who reads does not wait for who writes
        connection.execute("CREATE TABLE logins (a)")
    return LiteAddress(tmp_path / "file")


def tables(address: LiteAddress) -> list[str]:
    with closing(address.open()) as session:
        return [str(row["name"]) for row in session.rows("SELECT name FROM sqlite_schema ORDER BY name")]


def test_logins_before_the_commit_let_it_happen(address: LiteAddress) -> None:
    report = run(address, [Stage("apply", "All of it", (MAKE,), (DROP,), proof=Proof.BEFORE_COMMIT)], QUICK)
    assert [(login.proof, login.refusal) for login in report.logins] == [("before commit", None)]
    assert (report.done, report.latency, report.notes) == (["apply"], None, [])
    assert tables(address) == ["logins", "made"]


def test_a_login_that_is_refused_before_the_commit_rolls_it_back(address: LiteAddress) -> None:
    """The login is made while the transaction is open: it is refused because that one writes."""
    writer = LiteAddress(address.file, WRITES)
    with pytest.raises(ProofError, match="could not log in: database is locked; nothing was changed, and") as caught:
        run(writer, [Stage("apply", "All of it", (MAKE,), (DROP,), proof=Proof.BEFORE_COMMIT)], QUICK)
    assert (caught.value.report.taken_back, caught.value.report.restored) == ([], True)
    assert tables(address) == ["logins"]


def test_a_stage_of_one_transaction_that_fails_has_nothing_to_take_back(address: LiteAddress) -> None:
    stage = Stage("apply", "All of it", (MAKE, Statement("CREATE TABLE logins (a)", "Again")), (DROP,))
    with pytest.raises(DeploymentError, match="Again: table logins already exists; nothing was changed") as caught:
        run(address, [stage], QUICK)
    assert caught.value.report.taken_back == []
    assert tables(address) == ["logins"]


def test_what_was_committed_on_the_way_is_taken_back(address: LiteAddress) -> None:
    fails = Statement("CREATE TABLE logins (a)", "Again", after_commit=True)
    with pytest.raises(DeploymentError, match=r"Again: .*; everything was taken back, and logins work") as caught:
        run(address, [Stage("apply", "All of it", (MAKE, fails), (DROP,))], QUICK)
    assert caught.value.report.taken_back == ["apply"]
    assert tables(address) == ["logins"]


def test_no_role_is_rehearsed_where_no_session_can_be_another(address: LiteAddress) -> None:
    with pytest.raises(UsageError, match="SQLite lets no session act as another role; leave out --canary-role"):
        run(address, [Stage("apply", "All of it", (MAKE,), (DROP,))], Canary(roles=("ann",)))
    assert tables(address) == ["logins"]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the dialect beside PostgreSQL's."""

    def named(name: str) -> Dialect:
        return Lite() if name == "lite" else get_dialect(name)

    monkeypatch.setattr("xtrig.connect.dialect_names", lambda: ("lite", "postgresql"))
    monkeypatch.setattr("xtrig.connect.get_dialect", named)


@pytest.mark.usefixtures("installed")
def test_a_url_finds_its_driver(address: LiteAddress) -> None:
    assert isinstance(find_driver("lite://file")[0], LiteDriver)
    assert not isinstance(find_driver("dbname=x")[0], LiteDriver)
    with open_place(f"lite://{address.file}") as place:
        assert recognised(place.session, None).server.title.startswith("SQLite 3.")


@pytest.mark.usefixtures("installed")
def test_what_no_driver_takes_is_refused_in_the_words_of_each() -> None:
    with pytest.raises(UsageError) as caught:
        find_driver("firebird://ann@h/x")
    assert str(caught.value) == (
        "the database is no file; write lite://file; or: the database URL begins with firebird://, but xtrig connects "
        "by psycopg; write postgresql://user@host/dbname, or a connection string of libpq such as 'service=name'"
    )


@pytest.mark.usefixtures("installed")
def test_a_driver_whose_library_is_missing_stands_in_no_ones_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: object, version: object = None) -> LiteDriver:
        raise ImportError("No module named 'lite'")

    monkeypatch.setattr("tests.unit.deploy.lite.LitePlatform.driver", missing)
    assert find_driver("dbname=x")[1] == "dbname=x"
    with pytest.raises(UsageError, match="dialect 'lite' has no driver here: No module named 'lite'; install it"):
        find_driver("lite://file", "lite")
