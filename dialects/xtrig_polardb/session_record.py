"""``sessions:`` on PolarDB: ordinary triggers on logon and logoff, and the views that every vendor has.

PolarDB has a logoff event, so both ends of a session are rows of one table, and the view pairs them. The table has no
partitions: maintain() deletes what is older than the retention.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files

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
from xtrig_pgfamily.objects.function import Setting
from xtrig_polardb.objects import Function, Role, View
from xtrig_polardb.words import name, qualified

EVENTS = "session_event"
_PATH = ("sessions",)
_COLUMNS = {
    "event": ("varchar(16)", "${event}"),
    "at": ("timestamptz", "${now}"),
    "login_user": ("varchar(64)", "${login_user}"),
    "database_name": ("varchar(64)", "${database}"),
    "client_ip": ("varchar(64)", "${client_ip}"),
    "client_port": ("integer", "${client_port}"),
    "application": ("text", "${application}"),
    "backend_pid": ("integer", "${backend_pid}"),
}
"""The columns of the table: type and value."""

_VIEWS = {
    "sessions": "one row for each session",
    "refused_logins": "empty: no trigger of PolarDB's sees a refused login",
    "coverage_gaps": "what is not recorded",
}


def with_triggers(triggers: ResolvedSet) -> ResolvedSet:
    """Return the set with the table and the triggers that record sessions, if it asks for that."""
    sessions = triggers.sessions
    if sessions is None:
        return triggers
    columns = {column: {"type": kind} for column, (kind, _) in _COLUMNS.items()}
    table = ResolvedTable(triggers.schema, EVENTS, Table.model_validate({"columns": columns}), _PATH)
    function = _function(triggers, sessions)
    made = tuple(
        ResolvedTrigger(f"{triggers.name}_{event}", event, (), "always", "refuse", function, _PATH)
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
    values = {column: value for column, (_, value) in _COLUMNS.items()}
    insert = Insert.model_validate({"insert": EVENTS, "values": values})
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
        """Yield the views; only the reader gets a right to them."""
        schema = self.triggers.schema
        for word, purpose in _VIEWS.items():
            # A pid is used again: the next event of the same pid ends a session, if it is a logoff.
            view = View(
                path=(schema, word),
                query=self._filled(word),
                grants=(Grant(self.sessions.reader, "SELECT"),),
                before=tuple(self._usage()) if word == "sessions" else (),
                purpose=f"View {qualified(schema, word)}: {purpose}",
            )
            yield view.marked(self.triggers.name)

    def maintenance(self) -> Function:
        """Return maintain(), which a scheduler calls: as on every vendor, but all it does is to delete old rows."""
        made = Function(
            path=(self.triggers.schema, "maintain"),
            types="integer",
            arguments="at_most integer DEFAULT 100000",
            returns="jsonb",
            security="definer",
            settings=(Setting("search_path", "pg_catalog, pg_temp"), Setting("lock_timeout", "500ms", "'500ms'")),
            body=f"\n{self._filled('maintain')}\n",
        )
        return replace(made, purpose=f"Function {made.name}: for a scheduler").marked(self.triggers.name)

    def _filled(self, file: str) -> str:
        """Return a text of ``sql/``."""
        text = files(__package__).joinpath("sql", f"{file}.sql").read_text("utf-8").rstrip()
        sessions, events = self.sessions, qualified(self.triggers.schema, EVENTS)
        return text.format(events=events, instance=literal(sessions.instance), retention=literal(sessions.retention))

    def _usage(self) -> Iterator[Statement]:
        """Yield the grants without which the reader sees nothing of the schema, nor what other triggers record."""
        reader = name(self.sessions.reader)
        yield Statement(f"GRANT USAGE ON SCHEMA {name(self.triggers.schema)} TO {reader}", "")
        for table in self.triggers.tables.values():
            if table.table.create and table.name != EVENTS:
                yield Statement(f"GRANT SELECT ON {qualified(table.schema, table.name)} TO {reader}", "")
