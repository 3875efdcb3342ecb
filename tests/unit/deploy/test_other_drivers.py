"""A vendor that is not PostgreSQL: AcmeDB of tests/example_plugin, whose driver has hardly anything optional."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import acmedb
import pytest
from xtrig_acmedb.dialect import AcmeDBDialect
from xtrig_acmedb.driver import AcmeDBAddress, AcmeDBDriver

from xtrig.connect import find_driver, open_place
from xtrig.deploy import Bounds, Canary, DeploymentError, ProofError, Report
from xtrig.deploy.run import Deploying
from xtrig.deploy.target import Target, recognised
from xtrig.dialect import Dialect
from xtrig.dialect.deployment import Proof, Stage
from xtrig.errors import UsageError
from xtrig.progress import NoProgress
from xtrig.registry import get_dialect
from xtrig.script import Statement

INSERT = Statement("INSERT INTO made VALUES (1)", "A row")
FAILS = "INSERT INTO no_such_table VALUES (1)"
DELETE = Statement("DELETE FROM made", "")
QUICK = Canary(rounds=1)


@pytest.fixture
def address(tmp_path: Path) -> AcmeDBAddress:
    acmedb.create(tmp_path / "file")
    with closing(acmedb.Connection(tmp_path / "file", "ann")) as connection:
        connection.execute("CREATE TABLE made (a INT32)")
    return AcmeDBAddress(tmp_path / "file", "ann")


def rows(address: AcmeDBAddress) -> int:
    with closing(address.without_triggers().open()) as session:
        return len(session.rows("SELECT a FROM made"))


def run(address: AcmeDBAddress, stages: Sequence[Stage], canary: Canary = QUICK) -> Report:
    """Do the stages, as ``xtrig apply`` does; return what became of them."""
    dialect = AcmeDBDialect()
    with closing(address.open()) as session:
        server = dialect.platform.server(session.row(dialect.platform.recognition))
        target = Target(dialect, (5,), None, server, ())  # type: ignore[arg-type]  # the stages are given
        report = Report(server.title, server.database)
        guard = address.guard()
        guard.lock(1)
        Deploying(session, address, target, guard, canary, Bounds(lock_timeout=1), report, NoProgress()).run(stages)
        guard.close()
    return report


def test_logins_before_the_commit_let_it_happen(address: AcmeDBAddress) -> None:
    report = run(address, [Stage("apply", "All of it", (INSERT,), (DELETE,), proof=Proof.BEFORE_COMMIT)])
    assert [(login.proof, login.refusal) for login in report.logins] == [("before commit", None)]
    assert (report.done, report.latency, report.notes) == (["apply"], None, [])
    assert rows(address) == 1


def test_a_login_that_is_refused_before_the_commit_rolls_it_back(address: AcmeDBAddress) -> None:
    """The login is made while the transaction is open: its trigger writes, and so has to wait for that one."""
    with closing(address.open()) as session:
        session.execute(
            "CREATE OR REPLACE TRIGGER `writes` AFTER LOGON\nWITH (LOCK_TIMEOUT = 0) AS\n"
            "BEGIN UPDATE ACME_LOG SET MESSAGE = ''; END"
        )
    with pytest.raises(ProofError, match="could not log in: database is locked; nothing was changed, and") as caught:
        run(address, [Stage("apply", "All of it", (INSERT,), (DELETE,), proof=Proof.BEFORE_COMMIT)])
    assert (caught.value.report.taken_back, caught.value.report.restored) == ([], True)
    assert rows(address) == 0


def test_a_stage_of_one_transaction_that_fails_has_nothing_to_take_back(address: AcmeDBAddress) -> None:
    with pytest.raises(DeploymentError, match=r"Again: no such table: .*; nothing was changed") as caught:
        run(address, [Stage("apply", "All of it", (INSERT, Statement(FAILS, "Again")), (DELETE,))])
    assert caught.value.report.taken_back == []
    assert rows(address) == 0


def test_what_was_committed_on_the_way_is_taken_back(address: AcmeDBAddress) -> None:
    fails = Statement(FAILS, "Again", after_commit=True)
    with pytest.raises(DeploymentError, match=r"Again: .*; everything was taken back, and logins work") as caught:
        run(address, [Stage("apply", "All of it", (INSERT, fails), (DELETE,))])
    assert caught.value.report.taken_back == ["apply"]
    assert rows(address) == 0


def test_no_role_is_rehearsed_where_no_session_can_be_another(address: AcmeDBAddress) -> None:
    with pytest.raises(UsageError, match="AcmeDB lets no session act as another role; leave out --canary-role"):
        run(address, [Stage("apply", "All of it", (INSERT,), (DELETE,))], Canary(roles=("ann",)))
    assert rows(address) == 0


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the dialect beside PostgreSQL's."""

    def named(name: str) -> Dialect:
        return AcmeDBDialect() if name == "acmedb" else get_dialect(name)

    monkeypatch.setattr("xtrig.connect.dialect_names", lambda: ("acmedb", "postgresql"))
    monkeypatch.setattr("xtrig.connect.get_dialect", named)


@pytest.mark.usefixtures("installed")
def test_a_url_finds_its_driver(address: AcmeDBAddress) -> None:
    assert isinstance(find_driver("acmedb:///file")[0], AcmeDBDriver)
    assert not isinstance(find_driver("dbname=x")[0], AcmeDBDriver)
    with open_place(f"acmedb://{address.file}") as place:
        assert recognised(place.session, None).server.title == "AcmeDB 5.2"


@pytest.mark.usefixtures("installed")
def test_what_no_driver_takes_is_refused_in_the_words_of_each() -> None:
    with pytest.raises(UsageError) as caught:
        find_driver("firebird://ann@h/x")
    assert str(caught.value) == (
        "the database is none of AcmeDB; write acmedb://user@/path/of/file; or: the database URL begins with "
        "firebird://, but xtrig connects by psycopg; write postgresql://user@host/dbname, or a connection string of "
        "libpq such as 'service=name'"
    )


@pytest.mark.usefixtures("installed")
def test_a_driver_whose_library_is_missing_stands_in_no_ones_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: object, version: object = None) -> AcmeDBDriver:
        raise ImportError("No module named 'acmedb'")

    monkeypatch.setattr("xtrig_acmedb.platform.AcmeDBPlatform.driver", missing)
    assert find_driver("dbname=x")[1] == "dbname=x"
    with pytest.raises(UsageError, match="dialect 'acmedb' has no driver here: No module named 'acmedb'; install it"):
        find_driver("acmedb:///file", "acmedb")
