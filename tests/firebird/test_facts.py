"""Session facts on real servers: each is what it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.firebird.servers import Database
from xtrig.facts import DDL_EVENTS, FACTS, Event, Fact, Item, example
from xtrig.registry import get_dialect

DIALECT = get_dialect("firebird")


def recorded(database: Database, facts: list[str], event: str = "logon", item: str = "") -> list[object]:
    """Return what facts are for BOB, who logs in and out, or for SYSDBA, who makes a table."""
    columns = {f"c{number}": "varchar(300)" for number in range(len(facts))}
    step: object = {"insert": "log", "values": dict(zip(columns, facts, strict=True))}
    trigger = {"event": event, "on_error": "allow", "steps": [{"for_each": item, "do": [step]} if item else step]}
    database.deploy(json.dumps({"xtrig": 1, "tables": {"log": {"columns": columns}}, "triggers": {"t": trigger}}))
    if event in DDL_EVENTS:
        database.execute("CREATE TABLE t (a INTEGER)", no_db_triggers=False)
    else:
        assert database.login("BOB") is None
    (row,) = database.rows("SELECT * FROM log")
    return list(row)


@pytest.mark.parametrize("event", [Event.LOGON, Event.LOGOFF, Event.DDL_COMMAND_START, Event.DDL_COMMAND_END])
def test_every_fact_is_what_it_says(event: Event, database: Database) -> None:
    version = DIALECT.parse_version(database.server.version)
    item = Item.DDL_COMMAND if event is Event.DDL_COMMAND_END else None
    facts = [
        fact
        for fact in DIALECT.spellings
        if event in FACTS[fact].events and DIALECT.spelling(fact, event, item, version) is not None
    ]
    found = recorded(database, [f"${{{example(fact)}}}" for fact in facts], event, item or "")
    is_remote = bool(database.server.host)
    user = "SYSDBA" if event in DDL_EVENTS else "BOB"
    now = datetime.now(UTC)
    seoul = now.astimezone(ZoneInfo("Asia/Seoul"))
    session = {Event.LOGON: "CONNECT", Event.LOGOFF: "DISCONNECT"}
    expected: dict[Fact, object] = {
        Fact.LOGIN_USER: user,
        Fact.CURRENT_USER: user,
        Fact.DATABASE: str(database.path),
        Fact.CLIENT_IP: "127.0.0.1" if is_remote else None,
        Fact.INSTANCE: "1",
        Fact.SSL: "true" if is_remote else "false",
        Fact.NATIVE_EVENT: session.get(event, "BEFORE DDL" if event is Event.DDL_COMMAND_START else "AFTER DDL"),
        Fact.TAG: session.get(event, "CREATE TABLE"),
        Fact.HOUR_UTC: str(now.hour),
        Fact.HOUR: str(seoul.hour),
        Fact.WEEKDAY: str(seoul.isoweekday()),
        Fact.MEMBER_OF: "false",
        Fact.CLIENT_IN: "false",
        Fact.COMMAND_TAG: "CREATE TABLE",
        Fact.OBJECT_TYPE: "table",
        Fact.OBJECT_SCHEMA: None,
        Fact.OBJECT_IDENTITY: "T",
    }
    said = dict(zip(facts, found, strict=True))
    assert {fact: said[fact] for fact in said if fact in expected} == {
        fact: value for fact, value in expected.items() if fact in said
    }
    for fact in (Fact.CLIENT_PORT, Fact.CLIENT_HOST, Fact.APPLICATION):
        assert (said[fact] is not None) == is_remote
    assert not is_remote or 1024 <= int(str(said[Fact.CLIENT_PORT])) < 65536
    assert str(said[Fact.SERVER_VERSION]).startswith(database.server.version)
    assert str(said[Fact.NOW]).startswith(now.strftime("%Y-%m-%d %H"))
    assert str(said[Fact.SESSION_ID]).isdigit()


def test_membership_by_way_of_another_role(database: Database) -> None:
    database.execute("CREATE ROLE readers", "CREATE ROLE staff", "CREATE ROLE others")
    # Roles are granted to roles from 4.0 on.
    is_nested = database.server.version != "3.0"
    database.execute("GRANT staff TO USER bob")
    database.execute(f"GRANT readers TO {'ROLE staff' if is_nested else 'USER bob'}")
    facts = ["${member_of('readers')}", "${member_of('staff')}", "${member_of('others')}"]
    assert recorded(database, facts) == ["true", "true", "false"]


def test_a_client_is_in_its_networks_and_in_no_others(database: Database) -> None:
    inside = ("127.0.0.0/8", "127.0.0.1/32", "127.0.0.0/30", "0.0.0.0/0", "126.0.0.0/7")
    outside = ("10.0.0.0/8", "127.0.0.2/32", "127.0.0.2/31", "128.0.0.0/1", "127.0.1.0/24", "12.0.0.0/8")
    found = recorded(database, [f"${{client_in('{each}')}}" for each in (*inside, *outside)])
    is_remote = bool(database.server.host)
    assert found == ["true" if is_remote else "false"] * len(inside) + ["false"] * len(outside)


def test_a_zone_of_the_client_moves_nothing(database: Database) -> None:
    if database.server.version == "3.0":
        pytest.skip("no time zones before 4.0")
    database.deploy(
        "{xtrig: 1, tables: {log: {columns: {at: timestamptz, hour: integer}}}, "
        'triggers: {t: {event: logon, steps: [{insert: log, values: {at: "${now}", hour: "${hour_utc}"}}]}}}'
    )
    database.connect("BOB", session_time_zone="Asia/Tokyo").close()
    (row,) = database.rows("""SELECT extract(hour FROM "AT" AT TIME ZONE 'UTC'), "HOUR" FROM log""")
    assert row[0] == row[1] == datetime.now(UTC).hour


CLIENT = """
import sys
from pathlib import Path
from tests.firebird.servers import PASSWORD, load_client
load_client().connect(sys.argv[1], user="BOB", password=PASSWORD, charset="UTF8").close()
"""


def test_a_path_of_many_bytes_is_recorded_whole(database: Database, tmp_path: Path) -> None:
    """The server's own limit of 255 is one of bytes, and cuts a character in two: no row may be lost by that."""
    if not database.server.host:
        pytest.skip("an embedded session has no client")
    database.deploy(
        "{xtrig: 1, name: set, sessions: {}, tables: {log: {columns: {program: varchar(255)}}}, "
        'triggers: {t: {event: logon, steps: [{insert: log, values: {program: "${application}"}}]}}}'
    )
    programs = []
    for number in range(4):
        folder = tmp_path / ("p" * number + "가" * 60) / ("나" * 60)
        folder.mkdir(parents=True)
        programs.append(str(folder / "프로그램"))
        shutil.copy(Path(sys.executable).resolve(), programs[-1])
        environment = {
            **os.environ,
            "PYTHONHOME": sys.base_prefix,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path]),
        }
        subprocess.run([programs[-1], "-c", CLIENT, database.dsn], env=environment, check=True)
    expected = [(each[:255],) for each in programs]
    assert (
        database.rows("SELECT program FROM log WHERE program LIKE '%프로그램' ORDER BY char_length(program)")
        == expected
    )
    assert database.rows("SELECT application FROM sessions ORDER BY logon_at") == expected
