"""Facts that are asked about something, and the number of sessions: no client moves them on 17 and 18."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

import xtrig
from tests.server.conftest import Database
from tests.server.deploy import execute, wait_until_gone

pytestmark = pytest.mark.server

VALUES = {
    "hour": "${hour('Asia/Seoul')}",
    "weekday": "${weekday('Asia/Seoul')}",
    "reader": "${member_of('asked_reader')}",
    "grandparent": "${member_of('asked_all')}",
    "itself": "${member_of('asked_alice')}",
    "quoted": "${member_of('asked ''odd'' role')}",
    "nobody": "${member_of('no such role')}",
    "local": "${client_in('127.0.0.0/8')}",
    "remote": "${client_in('10.0.0.0/8')}",
    "v6": "${client_in('::1/128')}",
    "sessions": "${user_sessions}",
}
COLUMNS = {
    "hour": "integer",
    "weekday": "integer",
    **dict.fromkeys(("reader", "grandparent", "itself", "quoted", "nobody", "local", "remote", "v6"), "boolean"),
    "sessions": "integer",
}
HOSTILE = (
    "-c TimeZone=<ASIA/SEOUL>+5 -c DateStyle=SQL,DMY -c IntervalStyle=sql_standard -c search_path=alice_own"
    " -c timezone_abbreviations=India -c default_transaction_read_only=off -c application_name=asia"
)
ROLES = """
    CREATE ROLE asked_all; CREATE ROLE asked_reader IN ROLE asked_all; CREATE ROLE "asked 'odd' role";
    CREATE ROLE asked_alice LOGIN PASSWORD 'x';
    CREATE ROLE asked_bob LOGIN PASSWORD 'x'; GRANT asked_reader, "asked 'odd' role" TO asked_alice;
    CREATE SCHEMA alice_own AUTHORIZATION asked_alice;
"""
# What a client could put in the way of names that are not qualified.
CAPTURE = """
    CREATE FUNCTION alice_own.timezone(text, timestamptz) RETURNS timestamp LANGUAGE sql AS
        $$ SELECT 'epoch'::timestamp $$;
    CREATE FUNCTION alice_own.inet_client_addr() RETURNS inet LANGUAGE sql AS $$ SELECT '10.0.0.1'::inet $$;
    CREATE TABLE alice_own.pg_roles (oid oid, rolname name);
    CREATE TABLE alice_own.pg_auth_members (roleid oid, member oid);
"""


def definition(**policies: object) -> xtrig.TriggerSet:
    step = {"insert": "seen", "values": {"who": "${login_user}"} | VALUES}
    return xtrig.TriggerSet.model_validate(
        {
            "schema": "audit",
            "tables": {"seen": {"columns": {"who": "text"} | COLUMNS}},
            "triggers": {"note": {"event": "logon", "on_error": "deny", "steps": [step], **policies}},
        }
    )


@pytest.fixture
def asked(login_database: Database):
    with login_database.connect() as admin:
        execute(admin, xtrig.render(definition(), target_version="17"))
        execute(admin, ROLES)
        admin.execute("TRUNCATE audit.seen")
        admin.commit()
        yield login_database, admin
        admin.rollback()
        execute(admin, "DROP OWNED BY asked_alice; DROP SCHEMA IF EXISTS alice_own CASCADE")
        execute(admin, "DROP ROLE asked_alice, asked_bob, asked_reader, asked_all, \"asked 'odd' role\"")
        admin.commit()


def test_a_hostile_client_moves_none_of_them(asked):
    database, admin = asked
    with database.connect("asked_alice") as alice:
        execute(alice, CAPTURE)
        pid = alice.info.backend_pid
    with database.connect() as other:
        wait_until_gone(other, pid)  # it would be counted as an open session
    admin.execute("TRUNCATE audit.seen")
    admin.commit()
    before = datetime.now(ZoneInfo("Asia/Seoul"))
    with (
        database.connect("asked_alice", tcp=True, password="x", options=HOSTILE),
        database.connect("asked_alice"),  # a unix socket: no address
        database.connect("asked_bob", tcp=True, password="x"),
    ):
        rows = admin.execute("SELECT * FROM audit.seen ORDER BY sessions, local DESC, who").fetchall()
    after = datetime.now(ZoneInfo("Asia/Seoul"))
    hours, days = {before.hour, after.hour}, {before.isoweekday(), after.isoweekday()}
    assert all(row[1] in hours and row[2] in days for row in rows)
    assert [(row[0], *row[3:]) for row in rows] == [
        ("asked_alice", True, True, True, True, False, True, False, False, 1),
        ("asked_bob", False, False, False, False, False, True, False, False, 1),
        ("asked_alice", True, True, True, True, False, False, False, False, 2),
    ]


def test_being_a_superuser_is_no_membership(asked):
    database, admin = asked
    with database.connect(tcp=True):
        pass
    (row,) = admin.execute("SELECT reader, nobody, sessions >= 2 FROM audit.seen WHERE who = 'postgres'").fetchall()
    assert row == (False, False, True)  # the connection of the test itself is the other session


def test_without_its_own_time_zone_the_function_would_be_moved(login_database: Database):
    """What the TimeZone clause is for: without it 18 takes the client's word, 17 does not."""
    with login_database.connect(options=HOSTILE) as client:
        (moved,) = client.execute(
            "SELECT extract(hour FROM timezone('Asia/Seoul', timestamptz '2026-01-01 00:00Z'))"
        ).fetchone() or (None,)
    assert moved == (19 if login_database.server.version >= 18 else 9)
    assert datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo("Asia/Seoul")).hour == 9
