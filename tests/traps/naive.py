"""Triggers as people write them by hand, and what becomes of a login."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.deploy import deploy
from tests.server.sides import Side, refusal

OBSERVER = "-c event_triggers=off"
"""How a superuser gets in whatever the triggers do."""
LOG = """
    CREATE SCHEMA IF NOT EXISTS audit;
    CREATE TABLE IF NOT EXISTS audit.log (at timestamptz DEFAULT clock_timestamp(), who text, what text);
"""
TABLE = "tables: {log: {columns: {at: {type: timestamptz, default: clock_timestamp()}, who: text, what: text}}}"


def definition(*triggers: str, head: str = "") -> str:
    """Return YAML: the table audit.log and triggers, each one line in flow style."""
    lines = ["xtrig: 1", "schema: audit", TABLE, *filter(None, [head]), "triggers:"]
    return "\n".join([*lines, *(f"  {trigger}" for trigger in triggers)])


def by_hand(place: Side, body: str, *, name: str = "naive", event: str = "login", clauses: str = "") -> None:
    """Create a function around ``body`` and an event trigger that runs it, without any guard."""
    place.admin.execute(LOG)
    place.admin.execute(
        f"CREATE FUNCTION audit.{name}() RETURNS event_trigger LANGUAGE plpgsql {clauses} AS $$ BEGIN {body} END $$"
    )
    place.admin.execute(f"CREATE EVENT TRIGGER {name} ON {event} EXECUTE FUNCTION audit.{name}()")


def rendered(place: Side, *triggers: str, head: str = "") -> xtrig.TriggerSet:
    """Deploy xtrig's rendering of such a definition, beside the naive one; its table is taken over from that."""
    made = "SELECT FROM pg_class WHERE oid = to_regclass('audit.log')"
    if place.admin.execute(made).fetchone() is not None:
        place.admin.execute("COMMENT ON TABLE audit.log IS 'xtrig:1::audit'")
    return deploy(place.admin, definition(*triggers, head=head))


def log_in(place: Side, user: str = "alice", options: str = "", **kw: Any) -> str | None:
    """Log in and out; return what the server said if it refused."""
    return refusal(lambda: place.database.connect(user, options=options, **kw).close())


def rows(place: Side, columns: str = "who") -> list[Any]:
    """Return what is recorded, in order; of one column its values alone."""
    found = place.admin.execute(f"SELECT {columns} FROM audit.log ORDER BY at, who").fetchall()
    return [row[0] if len(row) == 1 else row for row in found]


def said(place: Side, statement: str) -> tuple[str | None, str]:
    """Run a statement that fails; return SQLSTATE and message."""
    with pytest.raises(psycopg.Error) as caught:
        place.admin.execute(statement)
    return caught.value.sqlstate, caught.value.diag.message_primary or ""


def logged(place: Side, start: int) -> list[dict[str, Any]]:
    """Return xtrig's own lines of the server's log from an offset on."""
    begin = f"@{place.database.name} LOG:  xtrig "
    lines = (line.partition(begin) for line in place.database.server.log_text()[start:].splitlines())
    return [json.loads(rest) for _, found, rest in lines if found]


def log_end(place: Side) -> int:
    """Return the offset at which the server's log ends now."""
    return len(place.database.server.log_text())


def refused(text: str, dialect: str = "postgresql", **options: Any) -> set[str]:
    """Return the codes for which xtrig refuses a definition."""
    with pytest.raises(xtrig.XtrigError) as caught:
        xtrig.render(xtrig.load_text(text), dialect, **options)
    return {finding.code for finding in getattr(caught.value, "findings", ()) if finding.severity == "error"}
