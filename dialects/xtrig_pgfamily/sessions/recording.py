"""All objects of a session record, in the order in which they can be created."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xtrig.plugin import Mark, ResolvedSet, Statement, literal
from xtrig_pgfamily.objects import CatalogObject, EventTrigger, Function, Grant, Schema, Table, View
from xtrig_pgfamily.objects.event_trigger import LOGIN
from xtrig_pgfamily.sessions import roles
from xtrig_pgfamily.sessions.names import Names
from xtrig_pgfamily.sessions.routines import routines
from xtrig_pgfamily.sessions.tables import shown, tables
from xtrig_pgfamily.sessions.views import views
from xtrig_pgfamily.words import name


@dataclass(frozen=True, slots=True)
class Recording:
    """The record of one definition."""

    names: Names

    @classmethod
    def of(cls, triggers: ResolvedSet) -> Recording | None:
        """Return the session record of a set; None without ``sessions``."""
        if triggers.sessions is None:
            return None
        return cls(Names(triggers.schema, triggers.name, triggers.sessions))

    def objects(self) -> Iterator[CatalogObject]:
        """Yield the objects that do not run at login."""
        yield from roles.roles(self.names)
        yield self._schema()
        yield from tables(self.names)
        yield from routines(self.names)
        yield from views(self.names)

    def relations(self) -> frozenset[tuple[str, ...]]:
        """Return schema and name of the tables and views of the record."""
        return frozenset(each.path for each in self.objects() if isinstance(each, (Table, View)))

    def manipulations(self) -> str:
        """Return a query with a row for each thing on the server by which somebody could bend the record."""
        functions = [each for each in self.objects() if isinstance(each, Function)]
        return self.names.query(
            "manipulations.sql",
            tables=shown(),
            functions=", ".join(literal(each.path[1]) for each in functions),
            signatures=", ".join(literal(f"{each.path[1]}({each.types})") for each in functions),
        )

    def trigger(self) -> EventTrigger:
        """Return the login trigger, with ENABLE ALWAYS: session_replication_role does not disable it."""
        names = self.names
        trigger = EventTrigger(
            path=(names.trigger,),
            event=LOGIN,
            clause=f"ON {LOGIN}",
            function=names.path("logon"),
            enabled="always",
            # ``xtrig import`` reads the definition back from it.
            definition=names.sessions.model_dump_json(exclude_defaults=True),
            purpose=f"Trigger {names.trigger}: logon",
        )
        return trigger.marked(names.set_name)

    def _schema(self) -> Schema:
        """Return the schema. It belongs to the deploying role; the owner of the record creates partitions in it."""
        sessions, schema = self.names.sessions, name(self.names.schema)
        grants = (
            f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {name(sessions.owner)}",
            f"GRANT USAGE ON SCHEMA {schema} TO {name(sessions.writer)}, {name(sessions.reader)}",
        )
        granted = tuple(Statement(sql, "") for sql in grants)
        needed = (
            Grant(sessions.owner, "USAGE"),
            Grant(sessions.owner, "CREATE"),
            Grant(sessions.writer, "USAGE"),
            Grant(sessions.reader, "USAGE"),
        )
        return Schema(path=(self.names.schema,), after=granted, grants=needed, mark=Mark("", self.names.set_name))
