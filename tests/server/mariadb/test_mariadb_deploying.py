"""plan, apply, status and drop on a real MariaDB."""

from __future__ import annotations

from typing import Any

import pytest

import xtrig
from tests.server.mariadb.server import MariaDB
from tests.server.mariadb.test_mariadb_logon import RECORD, definition, logged
from xtrig.deploy import Canary, ProofError

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("mariadb")]

THEIRS = "SET @theirs = 1; -- it's theirs;"


def loaded(*steps: str, **given: Any) -> xtrig.TriggerSet:
    return xtrig.load_text(definition(*steps, **given))


@pytest.fixture
def url(mariadb: MariaDB) -> str:
    mariadb.rows(f"SET GLOBAL init_connect = {mariadb.admin.escape(THEIRS)}")
    mariadb.user("bob")
    return mariadb.server.url().replace("mysql+pymysql", "mariadb")


@pytest.fixture
def canary(mariadb: MariaDB, url: str) -> Canary:
    return Canary(urls=[mariadb.server.url("bob")])


def test_a_set_is_planned_applied_and_dropped(mariadb: MariaDB, url: str, canary: Canary) -> None:
    wanted = loaded(RECORD)
    plan = xtrig.plan(wanted, url)
    assert [str(each) for each in plan.changes] == [
        "create schema `audit`",
        "create table `audit`.`log`",
        "create procedure `audit`.`seen`",
        "create trigger 'seen'",
    ]
    report = xtrig.apply(wanted, url, canary=canary)
    assert report.done == ["objects", "rehearsal", "live"]
    assert any("until the server is restarted" in note for note in report.notes)
    assert any("never meet init_connect" in note for note in report.notes)
    assert mariadb.init_connect.endswith(THEIRS)
    assert "bob" in logged(mariadb)
    assert xtrig.plan(wanted, url).is_empty
    dropped = xtrig.drop(wanted, url)
    assert dropped.done == ["triggers", "finish"]
    assert mariadb.init_connect == THEIRS
    assert "bob" in logged(mariadb)
    xtrig.drop(wanted, url, with_data=True)
    assert mariadb.rows("SHOW TABLES FROM audit") == []


def test_a_script_and_a_deployment_leave_the_same(mariadb: MariaDB, url: str, canary: Canary) -> None:
    wanted = loaded(RECORD)
    mariadb.run(str(xtrig.render(wanted, "mariadb", target_version=mariadb.version)))
    assert xtrig.plan(wanted, url).is_empty


def test_what_refuses_people_is_taken_back(mariadb: MariaDB, url: str, canary: Canary) -> None:
    with pytest.raises(ProofError, match="everything was taken back, and logins work again"):
        xtrig.apply(loaded(RECORD, "{deny: nobody}"), url, canary=canary)
    assert mariadb.init_connect == THEIRS
    assert mariadb.log_in("bob") is None
    names = mariadb.rows("SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'audit'")
    assert names == []


def test_what_was_there_before_comes_back(mariadb: MariaDB, url: str, canary: Canary) -> None:
    xtrig.apply(loaded(RECORD), url, canary=canary)
    before = (
        mariadb.init_connect,
        mariadb.value("SELECT ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_NAME = 'seen'"),
    )
    with pytest.raises(ProofError):
        xtrig.apply(loaded("{deny: nobody}", more="timeout: 2s"), url, canary=canary)
    assert mariadb.init_connect == before[0]
    assert xtrig.plan(loaded(RECORD), url).is_empty
    assert mariadb.log_in("bob") is None


def test_what_somebody_changed_is_found(mariadb: MariaDB, url: str, canary: Canary) -> None:
    wanted = loaded(RECORD)
    xtrig.apply(wanted, url, canary=canary)
    assert xtrig.status(wanted, url).is_in_sync
    mariadb.rows(
        "SET GLOBAL init_connect = REPLACE(@@GLOBAL.init_connect, 'max_statement_time = 5', 'max_statement_time = 9')"
    )
    assert not xtrig.status(wanted, url).is_in_sync
    assert [str(each) for each in xtrig.plan(wanted, url).changes] == ["replace trigger 'seen'"]
    mariadb.rows("SET GLOBAL init_connect = ''")
    assert [str(each) for each in xtrig.plan(wanted, url).changes] == ["create trigger 'seen'"]
    xtrig.apply(wanted, url, canary=canary)
    assert xtrig.status(wanted, url).is_in_sync


def test_what_is_of_others_is_refused(mariadb: MariaDB, url: str) -> None:
    mariadb.rows("CREATE DATABASE audit")
    mariadb.rows("CREATE PROCEDURE audit.seen() DO 1")
    assert "was not made by xtrig" in xtrig.plan(loaded(RECORD), url).refusals[0]


def test_who_may_not_set_it_is_told(mariadb: MariaDB, url: str) -> None:
    assert "may not set init_connect" in xtrig.plan(loaded(RECORD), mariadb.server.url("bob")).refusals[0]


@pytest.mark.parametrize("wrong", ["mariadb://h:x/", "mariadb://bob@h/?nothing=1", "mysql://bob@h/", "mariadb:///db"])
def test_a_url_that_is_none_is_one_line_without_its_password(wrong: str) -> None:
    with pytest.raises(xtrig.XtrigError) as caught:
        xtrig.plan(loaded(RECORD), wrong, dialect="mariadb")
    assert "\n" not in str(caught.value)
