"""``sessions:`` on PolarDB: ordinary triggers on logon and logoff, and the views that every vendor has.

PolarDB has a logoff event, so both ends of a session are rows of one table, and the view pairs them. What it has
no words for, or none that its pages show, is not here: partitions, seals, a role whose rights the triggers have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xtrig.model import Insert, Sessions, Table
from xtrig.plugin import (
    EffectivePolicies,
    Event,
    Mark,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTable,
    ResolvedTrigger,
    Statement,
    literal,
)
from xtrig_pgfamily.objects import Grant
from xtrig_polardb.objects import Role, View
from xtrig_polardb.words import name, qualified

EVENTS = "session_event"
_PATH = ("sessions",)
_COLUMNS = {
    "event": "varchar(16)",
    "at": "timestamptz",
    "login_user": "varchar(64)",
    "database_name": "varchar(64)",
    "client_ip": "varchar(64)",
    "client_port": "integer",
    "application": "text",
    "backend_pid": "integer",
}
_VALUES = {
    "event": "${event}",
    "at": "${now}",
    "login_user": "${login_user}",
    "database_name": "${database}",
    "client_ip": "${client_ip}",
    "client_port": "${client_port}",
    "application": "${application}",
    "backend_pid": "${backend_pid}",
}

# A pid is used again: the next event of the same pid ends a session, if it is a logoff.
_SESSIONS = """
SELECT to_hex(CAST(floor(extract(epoch FROM "at")) AS bigint)) || '.' || to_hex(backend_pid) AS session_id,
    CAST(login_user AS text) AS login_user, CAST(database_name AS text) AS database_name,
    CAST(client_ip AS text) AS client_ip, client_port, application, CAST(NULL AS text) AS auth_method, backend_pid,
    CAST({instance} AS text) AS instance, "at" AS logon_at, CASE next_event WHEN 'logoff' THEN next_at END AS logoff_at,
    CASE WHEN next_event = 'logoff' THEN 'logoff' WHEN is_gone THEN 'unknown' END AS ended_by,
    CASE WHEN is_gone THEN "at" END AS last_seen_at,
    CASE WHEN is_gone THEN coalesce(next_at, CURRENT_TIMESTAMP) END AS detected_at,
    CAST('login trigger' AS text) AS source, CASE next_event WHEN 'logoff' THEN next_at - "at" END AS duration,
    CAST(NULL AS interval) AS duration_at_least,
    CASE WHEN is_gone THEN coalesce(next_at, CURRENT_TIMESTAMP) - "at" END AS duration_at_most
FROM (
    SELECT paired.*, coalesce(next_event, '') <> 'logoff' AND (next_event = 'logon' OR NOT EXISTS (
        SELECT 1 FROM pg_catalog.pg_stat_activity AS a
        WHERE a.pid = paired.backend_pid AND a.backend_start <= paired."at"
    )) AS is_gone
    FROM (
        SELECT e.*, lead(event) OVER w AS next_event, lead("at") OVER w AS next_at
        FROM {events} AS e WINDOW w AS (PARTITION BY backend_pid ORDER BY "at")
    ) AS paired
    WHERE event = 'logon'
) AS told
""".strip()
_REFUSED = """
SELECT CAST(NULL AS timestamptz) AS "at", CAST(NULL AS text) AS session_id, CAST(NULL AS text) AS login_user,
    CAST(NULL AS text) AS database_name, CAST(NULL AS text) AS client_ip, CAST(NULL AS text) AS application,
    CAST(NULL AS text) AS sqlstate, CAST(NULL AS text) AS message
WHERE false
""".strip()
_GAPS = """
SELECT min("at") AS since, CAST(NULL AS timestamptz) AS until,
    CAST('PolarDB lets in a session whose record fails, and refused logins reach no trigger: both leave nothing here'
        AS text) AS reason
FROM {events}
HAVING min("at") IS NOT NULL
""".strip()
_VIEWS = (
    ("sessions", "one row for each session", _SESSIONS),
    ("refused_logins", "empty: no trigger of PolarDB's sees a refused login", _REFUSED),
    ("coverage_gaps", "what is not recorded", _GAPS),
)


def with_triggers(triggers: ResolvedSet) -> ResolvedSet:
    """Return the set with the table and the triggers that record sessions, if it asks for that."""
    sessions = triggers.sessions
    if sessions is None:
        return triggers
    columns = {column: {"type": kind} for column, kind in _COLUMNS.items()}
    table = ResolvedTable(triggers.schema, EVENTS, Table.model_validate({"columns": columns}), _PATH)
    function = _function(triggers, sessions)
    made = tuple(
        ResolvedTrigger(f"{triggers.name}_{event}", event, (), "origin", "refuse", function, _PATH)
        for event in (Event.LOGON, Event.LOGOFF)
    )
    return replace(
        triggers,
        tables={**triggers.tables, EVENTS: table},
        functions=(*triggers.functions, function),
        triggers=(*triggers.triggers, *made),
    )


def _function(triggers: ResolvedSet, sessions: Sessions) -> ResolvedFunction:
    policies = EffectivePolicies("definer", "allow", "skip", "250ms", None, sessions.durability, (), "native")
    insert = Insert.model_validate({"insert": EVENTS, "values": _VALUES})
    events = (Event.LOGON, Event.LOGOFF)
    return ResolvedFunction(triggers.schema, "record_session", (insert,), {}, events, policies, _PATH)


@dataclass(frozen=True, slots=True)
class Record:
    """What a record of sessions needs besides its triggers: the role that reads, and the views."""

    triggers: ResolvedSet
    sessions: Sessions

    @classmethod
    def of(cls, triggers: ResolvedSet) -> Record | None:
        """Return the record that a set asks for; None if it asks for none."""
        return None if triggers.sessions is None else cls(triggers, triggers.sessions)

    def role(self) -> Role:
        """Return the role of those who read."""
        reader = self.sessions.reader
        purpose = f"Role {reader} reads the record of sessions"
        return Role(path=(reader,), purpose=purpose, mark=Mark("", self.triggers.name))

    def views(self) -> Iterator[View]:
        """Yield the views; nobody but the reader gets a right to them."""
        schema = self.triggers.schema
        for word, purpose, query in _VIEWS:
            view = View(
                path=(schema, word),
                query=query.format(events=qualified(schema, EVENTS), instance=literal(self.sessions.instance)),
                grants=(Grant(self.sessions.reader, "SELECT"),),
                before=tuple(self._usage()) if word == "sessions" else (),
                purpose=f"View {qualified(schema, word)}: {purpose}",
            )
            yield view.marked(self.triggers.name)

    def _usage(self) -> Iterator[Statement]:
        """Yield the grants without which the reader sees nothing of the schema, nor what other triggers record."""
        reader = name(self.sessions.reader)
        yield Statement(f"GRANT USAGE ON SCHEMA {name(self.triggers.schema)} TO {reader}", "")
        for table in self.triggers.tables.values():
            if table.table.create and table.name != EVENTS:
                yield Statement(f"GRANT SELECT ON {qualified(table.schema, table.name)} TO {reader}", "")
