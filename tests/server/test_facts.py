"""Every session fact, as it is recorded on PostgreSQL 16, 17 and 18."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.conftest import fresh_database
from tests.server.deploy import execute
from xtrig.facts import FACTS, Event, Fact, Item, example
from xtrig.registry import get_dialect
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

COMMANDS = "CREATE TABLE t (a integer); ALTER TABLE t ALTER a TYPE bigint; DROP TABLE t"
ITEMS = {item.event: item for item in Item}


def facts(event: Event, item: Item | None, version: int) -> list[Fact]:
    """Return the facts that the dialect has there."""
    dialect = get_dialect("postgresql")
    known = [fact for fact, info in FACTS.items() if event in info.events and (item or not info.items_only)]
    return [fact for fact in known if not dialect.lacks(fact, event, item, (version,))]


def definition(version: int) -> str:
    """Return a definition that records every fact at every event."""
    dialect = get_dialect("postgresql")
    offered = [event for event in Event if dialect.capability(event, (version,)).support == "native"]
    columns = "".join(f"      {fact}: text\n" for fact in FACTS)
    text = f"xtrig: 1\nschema: audit\ntables:\n  log:\n    columns:\n{columns}triggers:\n"
    for event in offered:
        steps = [step(facts(event, None, version))]
        if event in ITEMS:
            inner = step(facts(event, ITEMS[event], version)).replace("\n", "\n    ")
            steps.append(f"      - for_each: {ITEMS[event]}\n        do:\n    {inner}")
        text += f"  on_{event}:\n    event: {event}\n    steps:\n" + "".join(f"{each.rstrip()}\n" for each in steps)
    return text


def step(known: list[Fact]) -> str:
    values = "".join(f'          {fact}: "CAST(${{{example(fact)}}} AS text)"\n' for fact in known)
    return f"      - insert: log\n        values:\n{values}"


def expected(server: EmbeddedServer, session: psycopg.Connection[Any]) -> dict[str, str | None]:
    """Return the facts that are the same at every event of one session over TCP."""
    row = session.execute("SELECT split_part(system_user, ':', 1), inet_client_port(), current_database()").fetchone()
    assert row is not None
    return {
        "login_user": "postgres",
        "current_user": "postgres",
        "database": row[2],
        "client_ip": "127.0.0.1",
        "client_port": str(row[1]),
        "client_host": None,
        "application": "who knows",
        "backend_pid": str(session.info.backend_pid),
        "instance": "1",
        "auth_method": row[0],
        "ssl": "false",
    }


@pytest.mark.parametrize("version", [16, 17, 18])
def test_every_fact_is_what_it_says(version: int, request: pytest.FixtureRequest) -> None:
    server: EmbeddedServer = request.getfixturevalue(f"server{version}")
    triggers = xtrig.load_text(definition(version))
    with fresh_database(server) as database, database.connect() as admin:
        execute(admin, xtrig.render(triggers, target_version=str(version)))
        admin.execute("TRUNCATE audit.log")
        with database.connect(tcp=True, application_name="who knows") as session:
            session.execute(COMMANDS)
            same = expected(server, session)
        cursor = admin.execute("SELECT * FROM audit.log")
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
    seen = {name for row in rows for name, value in row.items() if value is not None}
    assert {str(fact) for fact in FACTS} - seen == {"client_host"}  # log_hostname is off
    for row in rows:
        assert {name: row[name] for name in same} == same
        assert 0 <= int(row["hour_utc"]) < 24
        assert row["server_version"].startswith(str(version))
        assert int(row["session_id"].partition(".")[2], 16) == int(row["backend_pid"])
        native = {"logon": "login"}.get(row["event"], row["event"])
        assert row["native_event"] == native
        assert row["tag"] == ("LOGIN" if native == "login" else row["command_tag"])
    check_objects(rows)


def check_objects(rows: list[dict[str, Any]]) -> None:
    """Check what is known of commands, dropped objects and rewrites."""
    listed = {(row["event"], row["command_tag"], row["object_type"], row["object_identity"]) for row in rows}
    assert ("ddl_command_end", "CREATE TABLE", "table", "public.t") in listed
    assert ("sql_drop", "DROP TABLE", "table", "public.t") in listed
    assert {row["object_schema"] for row in rows if row["object_type"] == "table"} == {"public"}
    (rewrite,) = [row for row in rows if row["event"] == "table_rewrite"]
    assert (rewrite["table"], rewrite["table_pages"], rewrite["rewrite_reason"]) == ("public.t", "0", "4")
    assert int(rewrite["table_oid"]) > 16384
    assert {row["event"] for row in rows} >= {event for event in Event if not event.is_session}
