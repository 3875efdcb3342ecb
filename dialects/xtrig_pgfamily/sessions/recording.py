"""All parts of a session record, in the order in which they can be created."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xtrig.plugin import Hazard, Mark, ObjectKind, Part, ResolvedSet, Statement, mark
from xtrig_pgfamily import statements
from xtrig_pgfamily.sessions import roles
from xtrig_pgfamily.sessions.names import Names
from xtrig_pgfamily.sessions.routines import routines
from xtrig_pgfamily.sessions.tables import tables
from xtrig_pgfamily.sessions.views import views
from xtrig_pgfamily.words import name, split


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

    def quiet_parts(self) -> Iterator[Part]:
        """Yield the parts that do not run at login."""
        yield from roles.roles(self.names)
        yield self._schema()
        yield from tables(self.names)
        yield from routines(self.names)
        yield from views(self.names)

    def relations(self) -> frozenset[tuple[str, str]]:
        """Return schema and name of the tables and views of the record."""
        kinds = (ObjectKind.TABLE, ObjectKind.VIEW)
        return frozenset(split(part.name) for part in self.quiet_parts() if part.kind in kinds)

    def problems(self) -> str:
        """Return a query with a row for each thing on the server that makes the record unsafe."""
        return roles.problems(self.names)

    def trigger(self) -> Part:
        """Return the login trigger, with ENABLE ALWAYS: session_replication_role does not disable it."""
        called = self.names.called("logon")
        trigger = self.names.trigger
        sql = statements.create_event_trigger(trigger, "login", (), called, "always")
        drop = Statement(statements.drop_event_trigger(trigger), f"Drop trigger {trigger}")
        definition = self.names.sessions.model_dump_json(exclude_defaults=True)
        state = {**statements.trigger_state("login", called, (), "always"), "comment": definition}
        # ``xtrig import`` reads the definition back from it.
        made = replace(mark(state, self.names.set_name), witness=definition)
        hazards = (Hazard.BLOCKS_LOGINS, Hazard.REFUSES_LOGINS)
        return Part(
            ObjectKind.TRIGGER,
            name(trigger),
            (
                Statement(
                    sql, f"Trigger {trigger}: logon", undo=(drop, statements.login_flag_cleared()), hazards=hazards
                ),
                Statement(statements.comment("EVENT TRIGGER", name(trigger), str(made)), ""),
            ),
            state,
            made,
        )

    def _schema(self) -> Part:
        """Return the schema. It belongs to the deploying role; the owner of the record creates partitions in it."""
        sessions, schema = self.names.sessions, name(self.names.schema)
        grants = (
            f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {name(sessions.owner)}",
            f"GRANT USAGE ON SCHEMA {schema} TO {name(sessions.writer)}, {name(sessions.reader)}",
        )
        create = Statement(statements.create_schema(self.names.schema), f"Schema {self.names.schema}")
        made = Mark("", self.names.set_name)
        return Part(ObjectKind.SCHEMA, schema, (create, *(Statement(sql, "") for sql in grants)), mark=made)
