"""The golden scripts of MariaDB, executed: as they are, again, with a login, and taken back."""

from __future__ import annotations

import pytest

from tests.goldens import CASES, golden, is_script, options
from tests.server.mariadb.server import MariaDB
from tests.test_golden import render

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("mariadb")]

SCRIPTS = [case for case in CASES if is_script(case, "mariadb")]
CREATED = [case for case in SCRIPTS if not options(case).get("drop")]
THEIRS = {
    "logon-call": ["CREATE DATABASE app", "CREATE PROCEDURE app.greet(who text) DO 1"],
    "logon-existing-table": ["CREATE DATABASE ops"],
    "logon-portable": ["CREATE DATABASE site", "CREATE TABLE site.allowed (who text, since timestamp)"],
}
"""What a definition takes for granted."""
REFUSED = {"logon-portable"}
"""Where bob is kept out; logon-deny-exempt refuses by the hour."""


@pytest.mark.parametrize("case", CREATED)
def test_golden_runs_twice_and_is_taken_back(mariadb: MariaDB, case: str) -> None:
    for sql in THEIRS.get(case, ()):
        mariadb.rows(sql)
    mariadb.user("bob")
    for _ in range(2):
        mariadb.run(golden(case, "mariadb"))
    assert mariadb.init_connect
    is_refused = mariadb.log_in("bob") is not None
    assert is_refused is (case in REFUSED) or case == "logon-deny-exempt"
    mariadb.run(str(render(case, "mariadb").undone("removal", with_data=True)))
    assert mariadb.init_connect == ""
    assert (
        mariadb.rows("SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_COMMENT LIKE 'xtrig:%'") == []
    )
    assert mariadb.rows("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_COMMENT LIKE 'xtrig:%'") == []
    assert mariadb.log_in("bob") is None


def test_a_removal_runs_where_nothing_is(mariadb: MariaDB) -> None:
    mariadb.rows("SET GLOBAL init_connect = 'SET @theirs = 1'")
    mariadb.rows("CREATE DATABASE audit")
    mariadb.run(golden("logon-portable-removal", "mariadb"))
    assert mariadb.init_connect == "SET @theirs = 1"
