"""``xtrig import --url`` of init_connect: what xtrig has in it comes back, what others have is named and stays."""

from __future__ import annotations

import pytest

import xtrig
from tests.server.mariadb.server import MariaDB
from tests.server.mariadb.test_mariadb_logon import RECORD, definition, logged
from xtrig.audit import read as read_records
from xtrig.deploy.live import import_database
from xtrig.errors import DefinitionError, UsageError
from xtrig.importer import to_yaml
from xtrig_mariadb.words import COLUMN_TYPES

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("mariadb")]

THEIRS = "SET @theirs = 1; -- it's theirs;"
DENY = '{deny: "no, ${login_user}", when: "${login_user} = \'alice\'"}'


def set_to(mariadb: MariaDB, statements: str) -> None:
    mariadb.rows(f"SET GLOBAL init_connect = {mariadb.admin.escape(statements)}")


@pytest.mark.parametrize(
    "more", ["", "on_error: deny", "timeout: 3s", "security: invoker\n    on_error: deny\n    timeout: 0"]
)
def test_a_deployed_set_comes_back_and_goes_in_again_without_a_change(mariadb: MariaDB, more: str) -> None:
    set_to(mariadb, THEIRS)
    url = mariadb.server.url()
    wanted = xtrig.load_text(definition(RECORD, DENY, more=more))
    xtrig.apply(wanted, url)
    before = mariadb.init_connect
    read = import_database(url)
    assert {each.code for each in read.findings} >= {"XT402", "XT405"}
    (theirs,) = [each for each in read.findings if each.subject == "init_connect"]
    assert "SET @theirs = 1;" in theirs.message
    again = xtrig.load_text(to_yaml(read))
    assert again.tables == wanted.tables
    assert xtrig.plan(again, url).is_empty
    for name in ("bob", "alice"):
        mariadb.user(name)
    xtrig.apply(again, url)
    assert mariadb.init_connect == before
    if "invoker" not in more:
        assert mariadb.log_in("bob") is None
        assert "init_connect command failed" in str(mariadb.log_in("alice"))
        assert logged(mariadb) == ["bob", "alice"]


def test_a_set_that_xtrig_disabled_comes_back_and_stays_disabled(mariadb: MariaDB) -> None:
    wanted, url = xtrig.load_text(definition(RECORD)), mariadb.server.url()
    xtrig.apply(wanted, url)
    xtrig.disable(wanted, url)
    before = mariadb.init_connect
    again = xtrig.load_text(to_yaml(import_database(url)))
    assert "disabled" in {str(each.condition) for each in xtrig.status(again, url).objects}
    xtrig.apply(again, url)
    assert mariadb.init_connect == before


def test_tables_with_a_default_are_left_out_and_named(mariadb: MariaDB) -> None:
    url = mariadb.server.url()
    text = definition(RECORD).replace("what: text", "what: {type: text, default: \"'x'\"}")
    xtrig.apply(xtrig.load_text(text), url)
    read = import_database(url)
    assert read.triggers.tables == {}
    assert [each.subject for each in read.findings if each.code == "XT402"] == ["table '`audit`.`log`'"]


def test_every_type_comes_back(mariadb: MariaDB) -> None:
    types = [*(each.replace("()", "(9,2)" if each.startswith("numeric") else "(9)") for each in COLUMN_TYPES)]
    columns = "".join(f"      c{number}: {each}\n" for number, each in enumerate(types))
    wanted = xtrig.load_text(definition(RECORD).replace("triggers:", f"  all_types:\n    columns:\n{columns}triggers:"))
    url = mariadb.server.url()
    xtrig.apply(wanted, url)
    again = xtrig.load_text(to_yaml(import_database(url)))
    assert again.tables == wanted.tables
    assert xtrig.plan(again, url).is_empty


def test_audit_says_that_there_is_no_record_to_read(mariadb: MariaDB) -> None:
    with pytest.raises(UsageError, match="xtrig keeps no record of sessions on MariaDB"):
        read_records(mariadb.server.url())


@pytest.mark.parametrize("statements", ["SET @a = 1", "set @a=1; /* xtrig: half */ set @b=2;", "/* a */"])
def test_where_only_others_have_statements_they_are_named(mariadb: MariaDB, statements: str) -> None:
    set_to(mariadb, statements)
    with pytest.raises(DefinitionError, match="nothing here can be imported") as caught:
        import_database(mariadb.server.url())
    assert any(statements in each.message for each in caught.value.findings)
    assert mariadb.init_connect == statements


def test_an_empty_server_has_nothing_to_import(mariadb: MariaDB) -> None:
    with pytest.raises(DefinitionError, match="XT403"):
        import_database(mariadb.server.url())


def test_a_procedure_that_is_gone_or_not_to_be_read_is_named(mariadb: MariaDB) -> None:
    url = mariadb.server.url()
    xtrig.apply(xtrig.load_text(definition(RECORD)), url)
    mariadb.user("bob")
    for where in (mariadb.server.url("bob"), url):
        with pytest.raises(DefinitionError, match="nothing here can be imported") as caught:
            import_database(where)
        assert any("procedure audit.seen that it calls is not there" in each.message for each in caught.value.findings)
        mariadb.rows("DROP PROCEDURE IF EXISTS audit.seen")
