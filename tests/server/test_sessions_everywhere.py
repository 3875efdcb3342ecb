"""The record of sessions has the same columns on every vendor, and PolarDB's view pairs its events rightly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database
from xtrig.audit import session_audit
from xtrig.deploy import Canary
from xtrig.deploy.live import import_database

pytestmark = pytest.mark.server

VIEWS = ("sessions", "refused_logins", "coverage_gaps")
COLUMNS = """
    SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum
"""


@pytest.fixture
def admin(database18: Database) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's session; the roles that belong to the whole server go with the test."""
    with database18.connect() as connection:
        yield connection
        connection.execute("DROP SCHEMA IF EXISTS audit CASCADE")
        for role in ("audit_reader", "audit_writer", "audit_owner"):
            exists = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            if exists is not None:
                connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def polardb_record(admin: psycopg.Connection[Any], dialect: str = "polardb") -> None:
    """Make what of PolarDB's script a community server understands: everything but the triggers."""
    script = xtrig.render(session_audit(ddl=False), dialect)
    for statement in script.statements:
        if not any(word in statement.sql for word in ("event_trigger", "EVENT TRIGGER", "COMMENT ON FUNCTION")):
            admin.execute(statement.sql.encode())


@pytest.mark.parametrize("dialect", ["polardb", "polardb-oracle"])
def test_the_views_have_the_same_columns_on_every_vendor(
    dialect: str, admin: psycopg.Connection[Any], database18: Database
) -> None:
    found = {}
    polardb_record(admin, dialect)
    found["polardb"] = {view: admin.execute(COLUMNS, [f"audit.{view}"]).fetchall() for view in VIEWS}
    admin.execute("DROP SCHEMA audit CASCADE; DROP ROLE audit_reader")
    xtrig.apply(session_audit(ddl=False), database18.url, canary=Canary(rounds=0))
    found["postgresql"] = {view: admin.execute(COLUMNS, [f"audit.{view}"]).fetchall() for view in VIEWS}
    xtrig.drop(session_audit(ddl=False), database18.url, with_data=True)
    for view in VIEWS:
        assert found["polardb"][view] == found["postgresql"][view], view


def test_polardb_pairs_logon_and_logoff_of_a_pid_that_is_used_again(admin: psycopg.Connection[Any]) -> None:
    polardb_record(admin)
    mine = admin.info.backend_pid
    events = [
        ("logon", 1, 4242, "alice"),
        ("logoff", 5, 4242, "alice"),
        ("logon", 6, 4242, "bob"),  # its logoff is missing
        ("logon", 9, 4242, "carol"),  # and no process has that pid
        ("logon", 3, 999_999, "dave"),
    ]
    for event, minute, pid, user in events:
        admin.execute(
            'INSERT INTO audit.session_event (event, "at", login_user, backend_pid) '
            "VALUES (%s, timestamptz '2026-01-01 00:00+00' + make_interval(mins => %s), %s, %s)",
            [event, minute, user, pid],
        )
    admin.execute(
        "INSERT INTO audit.session_event (event, \"at\", login_user, backend_pid) VALUES ('logon', now(), 'me', %s)",
        [mine],
    )
    rows = admin.execute(
        "SELECT login_user, ended_by, extract(epoch FROM logoff_at - logon_at)::integer, "
        "extract(epoch FROM detected_at - logon_at)::integer FROM audit.sessions WHERE login_user <> 'me' "
        "AND ended_by IS NOT NULL ORDER BY logon_at"
    ).fetchall()
    assert [(user, ended) for user, ended, _, _ in rows] == [
        ("alice", "logoff"),
        ("dave", "unknown"),
        ("bob", "unknown"),
        ("carol", "unknown"),
    ]
    assert rows[0][2:] == (240, None)
    assert rows[2][2:] == (None, 180)
    still_open = admin.execute("SELECT login_user FROM audit.sessions WHERE ended_by IS NULL").fetchall()
    assert still_open == [("me",)]


def test_only_the_reader_reads_polardbs_record(admin: psycopg.Connection[Any], database18: Database) -> None:
    polardb_record(admin)
    admin.execute(
        "CREATE ROLE audit_nobody LOGIN; CREATE ROLE audit_somebody LOGIN; GRANT audit_reader TO audit_somebody"
    )
    try:
        with database18.connect("audit_somebody") as reader:
            assert reader.execute("SELECT count(*) FROM audit.sessions").fetchone() == (0,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("SELECT count(*) FROM audit.session_event")
        with database18.connect("audit_nobody") as nobody, pytest.raises(psycopg.errors.InsufficientPrivilege):
            nobody.execute("SELECT count(*) FROM audit.sessions")
    finally:
        admin.execute("DROP ROLE audit_nobody; DROP ROLE audit_somebody")


def test_the_record_is_imported_as_the_definition_said_it(database18: Database, admin: psycopg.Connection[Any]) -> None:
    definition = session_audit(logoff="server log", retention="90 days", durability="relaxed")
    xtrig.apply(definition, database18.url, canary=Canary(rounds=0))
    try:
        result = import_database(database18.url)
        assert result.findings == ()
        assert result.triggers.sessions == definition.sessions
        assert xtrig.plan(result.triggers, database18.url).is_empty
    finally:
        xtrig.drop(definition, database18.url, with_data=True)


def test_a_changed_value_is_a_new_function_and_a_new_comment(
    database18: Database, admin: psycopg.Connection[Any]
) -> None:
    xtrig.apply(session_audit(), database18.url, canary=Canary(rounds=0))
    changed = session_audit(retention="90 days")
    try:
        report = xtrig.apply(changed, database18.url, canary=Canary(rounds=0))
        assert report.changes == ["replace function audit.maintain(integer)", "comment on trigger session_audit_logon"]
        assert xtrig.status(changed, database18.url).is_in_sync
    finally:
        xtrig.drop(changed, database18.url, with_data=True)
