"""``sessions:`` on PolarDB: ordinary triggers on logon and logoff, and the views that every vendor has.

PolarDB has a logoff event, so both ends of a session are rows of one table, and the view pairs them. maintain() puts
ended sessions away into a table with partitions, and drops those that are older than the retention, as on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from textwrap import fill, indent

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
from xtrig_pgfamily.objects import Grant, TableColumn
from xtrig_pgfamily.sessions import Names, routines
from xtrig_polardb import objects
from xtrig_polardb.objects import Function, Role, View
from xtrig_polardb.words import name, qualified

EVENTS = "session_event"
_LOG = "session_log"
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

_LOGGED = {
    "recorded_at": "timestamptz",
    **dict.fromkeys(("session_id", "login_user", "database_name", "client_ip", "application", "auth_method"), "text"),
    **dict.fromkeys(("client_port", "backend_pid"), "integer"),
    **dict.fromkeys(("logon_at", "logoff_at", "last_seen_at", "detected_at"), "timestamptz"),
    **dict.fromkeys(("ended_by", "source", "instance"), "text"),
}
"""The columns of a session that has ended, and their types."""

_VIEWS = {
    "sessions": "one row for each session",
    "refused_logins": "empty: no trigger of PolarDB's sees a refused login",
    "coverage_gaps": "what is not recorded",
}


def with_triggers(triggers: ResolvedSet, sessions: Sessions) -> ResolvedSet:
    """Return the set with the table and the triggers that record sessions."""
    columns = {column: {"type": kind} for column, (kind, _) in _COLUMNS.items()}
    table = ResolvedTable(triggers.schema, EVENTS, Table.model_validate({"columns": columns}), _PATH)
    policies = EffectivePolicies("definer", "allow", "skip", "250ms", None, sessions.durability, (), "native")
    values = {column: value for column, (_, value) in _COLUMNS.items()}
    insert = Insert.model_validate({"insert": EVENTS, "values": values})
    events = (Event.LOGON, Event.LOGOFF)
    function = ResolvedFunction(triggers.schema, "record_session", (insert,), {}, events, policies, _PATH)
    made = tuple(
        ResolvedTrigger(f"{triggers.name}_{event}", event, (), "always", "refuse", function, _PATH) for event in events
    )
    return replace(
        triggers,
        tables={**triggers.tables, EVENTS: table},
        functions=(*triggers.functions, function),
        triggers=(*triggers.triggers, *made),
    )


@dataclass(frozen=True, slots=True)
class Record:
    """What a record of sessions needs besides its triggers: the role that reads, and the views."""

    triggers: ResolvedSet
    sessions: Sessions

    @property
    def names(self) -> Names:
        """The names in what is shared with PostgreSQL's record."""
        return Names(self.triggers.schema, self.triggers.name, self.sessions)

    def role(self) -> Role:
        """Return the role of those who read."""
        reader = self.sessions.reader
        purpose = f"Role {reader} reads the record of sessions"
        return Role(path=(reader,), purpose=purpose, mark=Mark("", self.triggers.name))

    def views(self) -> Iterator[View]:
        """Yield the views; only the reader gets a right to them."""
        for word, purpose in _VIEWS.items():
            view = View(
                path=(self.triggers.schema, word),
                query=self._filled(word),
                grants=(Grant(self.sessions.reader, "SELECT"),),
                before=tuple(self._usage()) if word == "sessions" else (),
                purpose=f"View {qualified(self.triggers.schema, word)}: {purpose}",
            )
            yield view.marked(self.triggers.name)

    def log(self) -> objects.Table:
        """Return the table of the sessions that have ended."""
        made = objects.Table(
            path=(self.triggers.schema, _LOG),
            columns=tuple(TableColumn(column, kind, declared=kind) for column, kind in _LOGGED.items()),
            storage=" PARTITION BY RANGE (recorded_at)",
            indexes={"session_log_user": "login_user, logon_at", "session_log_start": "logon_at"},
        )
        return replace(made, purpose=f"Table {made.name}: sessions that have ended").marked(self.triggers.name)

    def maintenance(self) -> Function:
        """Return maintain(), which a scheduler calls: as on every vendor."""
        made = Function.of(routines.maintenance(self.names, self._filled("maintain")))
        first = Statement(f"SELECT {qualified(*made.path)}(20000)", "The first partitions")
        purpose = f"Function {made.name}: for a scheduler"
        made = replace(made, owner=None, states_grants=False, after=(first,), purpose=purpose)
        return made.marked(self.triggers.name)

    def _filled(self, file: str) -> str:
        """Return a text of ``sql/``."""
        schema, sessions = self.triggers.schema, self.sessions
        events, log = qualified(schema, EVENTS), qualified(schema, _LOG)
        is_view = file == "sessions"
        paired = _read("paired").format(
            events=events,
            instance=literal(sessions.instance),
            live="pg_catalog.pg_stat_activity AS a" if is_view else "unnest(pids, began) AS a (pid, backend_start)",
            now="CURRENT_TIMESTAMP" if is_view else "looked_at",
        )
        return _read(file).format(
            events=events,
            log=log,
            log_text=literal(log),
            schema=literal(schema),
            columns=fill(", ".join(_LOGGED), 100, subsequent_indent="        "),
            paired=indent(paired, "        "),
            retention=literal(sessions.retention),
            partitions_ahead=self.names.partitions_ahead(),
        )

    def _usage(self) -> Iterator[Statement]:
        """Yield the grants without which the reader sees nothing of the schema, nor what other triggers record."""
        reader = name(self.sessions.reader)
        yield Statement(f"GRANT USAGE ON SCHEMA {name(self.triggers.schema)} TO {reader}", "")
        for table in self.triggers.tables.values():
            if table.table.create and table.name != EVENTS:
                yield Statement(f"GRANT SELECT ON {qualified(table.schema, table.name)} TO {reader}", "")


def _read(file: str) -> str:
    return files(__package__).joinpath("sql", f"{file}.sql").read_text("utf-8").rstrip()
