"""The page on Oracle: each script becomes the definition that is shown, and that does what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database
from xtrig.importer import import_script, to_yaml

pytestmark = [pytest.mark.server]

PAGE = (Path(__file__).parents[2] / "docs" / "from-oracle.md").read_text("utf-8")
PAIRS = re.findall(r"```sql\n(.*?)```\n\nbecomes\n\n```yaml\n(.*?)```", PAGE, re.DOTALL)
AUDIT, PROGRAMS, SETTINGS, GUARD = (after for _, after in PAIRS)


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=["audit", "programs", "settings", "guard"])
def test_each_script_becomes_what_the_page_shows(before: str, after: str) -> None:
    lines = to_yaml(import_script(before.encode(), "oracle", "old.sql")).splitlines(keepends=True)
    assert "".join(line for line in lines if not line.lstrip().startswith("#")) == after


@contextmanager
def roles(database: Database, *names: str) -> Iterator[None]:
    """Make roles that may log in, for the time of a test: they belong to the server, not to the database."""
    with database.connect() as admin:
        for name in names:
            admin.execute(f"CREATE ROLE {name} LOGIN")
    try:
        yield
    finally:
        with database.connect() as admin:
            admin.execute("SET event_triggers = off")
            for name in names:
                admin.execute(f"DROP OWNED BY {name}")
                admin.execute(f"DROP ROLE {name}")


def deploy(database: Database, definition: str) -> None:
    xtrig.apply(xtrig.load_text(definition), database.url, canary=None)


def one(connection: psycopg.Connection[Any], sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


def test_a_login_is_recorded_and_an_exempt_user_is_not(database18: Database) -> None:
    with roles(database18, "sys", "ora_anna"):
        deploy(database18, AUDIT)
        for user in ("ora_anna", "sys"):
            database18.connect(user, application_name="Toad.exe").close()
        with database18.connect() as admin:
            rows = admin.execute("SELECT username, program, ip FROM sec.logon_audit WHERE username <> 'postgres'")
            assert rows.fetchall() == [("ora_anna", "Toad.exe", "local")]
            # An error of the trigger keeps nobody out.
            admin.execute("DROP TABLE sec.logon_audit")
        database18.connect("ora_anna").close()


def test_only_the_program_and_the_user_together_are_refused(database18: Database) -> None:
    with roles(database18, "app", "ora_anna"):
        deploy(database18, PROGRAMS)
        database18.connect("app", application_name="psql").close()
        database18.connect("ora_anna", application_name="toad").close()
        for program in ("Toad.exe", "microsoft excel"):
            with pytest.raises(psycopg.OperationalError, match="User app may not use this program"):
                database18.connect("app", application_name=program)


def test_a_session_gets_what_its_role_says(database18: Database) -> None:
    with roles(database18, "reporting", "ora_anna", "ora_bert"):
        with database18.connect() as admin:
            admin.execute("GRANT reporting TO ora_anna")
        deploy(database18, SETTINGS)
        with database18.connect("ora_anna") as anna, database18.connect("ora_bert") as bert:
            assert one(anna, "SHOW search_path") == "reports"
            assert one(bert, "SHOW search_path") != "reports"
            assert one(bert, "SHOW TimeZone") == "Asia/Seoul"
            assert one(anna, "SHOW TimeZone") != "Asia/Seoul"
            assert one(bert, "SELECT current_setting('userenv.client_identifier')") == "ora_bert@"


@pytest.mark.parametrize("command", ["DROP TABLE hr.staff", "ALTER TABLE hr.staff ADD age int"])
def test_a_table_is_changed_by_a_release_alone(database18: Database, command: str) -> None:
    with roles(database18, "release", "hr"):
        with database18.connect() as admin:
            admin.execute("CREATE SCHEMA hr AUTHORIZATION hr")
            admin.execute("SET ROLE hr")
            admin.execute("CREATE TABLE hr.staff (); CREATE TABLE hr.other (); CREATE VIEW hr.v AS SELECT 1 AS a")
            admin.execute("RESET ROLE; GRANT hr TO release")
        deploy(database18, GUARD)
        with database18.connect("hr") as hr:
            with pytest.raises(
                psycopg.errors.InsufficientPrivilege, match="Tables of HR are changed by a release: table"
            ):
                hr.execute(command)
            hr.execute("DROP VIEW hr.v")
            hr.execute("TRUNCATE hr.other")  # what no trigger sees
            assert one(hr, "SELECT to_regclass('hr.staff') IS NOT NULL")
        with database18.connect("release") as release:
            release.execute(command)
