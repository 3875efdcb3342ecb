"""The deployment of one set to PolarDB, of either edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from xtrig.dialect.deployment import Action, Change, Deployment, Difference, Found, Inventory, Stage
from xtrig.dialect.driver import Row
from xtrig.dialect.platform import Server
from xtrig.plugin import ObjectKind, Part, ResolvedSet, Statement, UsageError, Verified, walk
from xtrig_pgfamily.catalog import queries
from xtrig_pgfamily.preflight import Preflight
from xtrig_pgfamily.statements import NEEDED
from xtrig_pgfamily.words import split, unquoted
from xtrig_polardb.compilation import BODY, SQL, Compilation
from xtrig_polardb.deploying import reading, stages
from xtrig_postgresql.deployment import PostgreSQLDeployment

FAIL_OPEN = (
    "PolarDB documents that it lets in a login whose trigger fails, and logs the error: logins that work do not show "
    "that the triggers do, and what they record may be missing unnoticed; log in once, and look at the rows"
)

BY_MARK = (
    "a PL/SQL function and what an event trigger is made with are compared by their marks: a change by hand that "
    "leaves the comment as it is will not be seen"
)

_RELATIONS = (ObjectKind.TABLE, ObjectKind.VIEW)
_DROP_ORDER = tuple(reversed(ObjectKind))
_WITH_DATA = (ObjectKind.TABLE, ObjectKind.ROLE)


class PolarDBDeployment(PostgreSQLDeployment):
    """Event triggers, their functions and their tables.

    Read by PostgreSQL's queries of pg_event_trigger, pg_proc and pg_class, which the open-source kernel has. What
    a catalog is not documented to show, as the text of a PL/SQL function, is held against the mark.
    """

    verified: ClassVar[Verified] = Verified.UNVERIFIED

    def __init__(self, compilation: Compilation) -> None:
        """Raise :class:`~xtrig.errors.UsageError` for a set with a system trigger: xtrig could not see it again."""
        if compilation.system:
            raise UsageError(_unseen(compilation))
        triggers = compilation.triggers
        self.parts = tuple(compilation.parts())
        self.set_name = triggers.name
        self._flavour = compilation.flavour
        self._has_session_triggers = any(trigger.event.is_session for trigger in triggers.triggers)
        self._problems = _preflight(triggers).query()

    def notes(self, server: Server) -> Iterator[str]:
        """Yield what is particular to triggers at logon and logoff."""
        if self._has_session_triggers:
            yield FAIL_OPEN
            yield BY_MARK

    def queries(self) -> Sequence[str]:
        """Return the queries of the catalogs: seven, whatever the set and the server hold."""
        named = {kind: [part.name for part in self.parts if part.kind is kind] for kind in ObjectKind}
        columns = [part.state.values() for part in self.parts if part.kind is ObjectKind.TABLE]
        written = {value.removesuffix(NEEDED) for values in columns for value in values}
        return (
            queries.EVENT_TRIGGERS,
            queries.functions([(*split(called), "") for called in named[ObjectKind.FUNCTION]], self.set_name),
            queries.tables([split(called) for kind in _RELATIONS for called in named[kind]], self.set_name),
            queries.schemas([unquoted(called) for called in named[ObjectKind.SCHEMA]], self.set_name),
            queries.roles([unquoted(called) for called in named[ObjectKind.ROLE]], self.set_name),
            queries.types(sorted(written), has_modifiers=False),
            self._problems,
        )

    def inventory(self, results: Sequence[Sequence[Row]]) -> Inventory:
        """Return the objects that the rows tell of."""
        *catalogs, problems = results
        objects = tuple(reading.read_objects(catalogs, self.parts, self._flavour))
        return Inventory(objects, {}, tuple(row["problem"] for row in problems if row["problem"]))

    def differences(self, part: Part, found: Found) -> Iterator[Difference]:
        """Yield what differs. A table's columns can be read, so one that is not there is missing, whatever the mark."""
        if part.kind is ObjectKind.TABLE:
            found = replace(found, mark=None)
        differences = list(Deployment.differences(self, part, found))
        has_body = any(each.attribute == BODY for each in differences)
        # A body that differs says more than the statement that it is part of.
        yield from (each for each in differences if not (has_body and each.attribute == SQL))

    def leftover(self, found: Found, inventory: Inventory) -> bool:
        """Return false: a deployment here makes nothing for its own use."""
        return False

    def is_needed(self, found: Found, inventory: Inventory) -> bool:
        """Return false, for the same reason."""
        return False

    def direct(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Statement]:
        """Return one transaction's statements; triggers that come are last."""
        return list(stages.made_at_once(changes, inventory.of(self.set_name)))

    def stages(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Stage]:
        """Return the probe, and the transaction that makes all changes."""
        return list(stages.stages(changes, inventory.of(self.set_name)))

    def removal(self, inventory: Inventory, *, with_data: bool) -> Sequence[Stage]:
        """Return the stages that drop what carries the set's mark; a schema only if nothing else is in it."""
        own = inventory.of(self.set_name)
        changes = [
            Change(Action.DROP, kind, found.name, found=found)
            for kind in _DROP_ORDER
            for found in own
            if found.kind is kind and (with_data or kind not in _WITH_DATA)
        ]
        return list(stages.removal(changes, own))


def _preflight(triggers: ResolvedSet) -> Preflight:
    """Return what has to be looked at: roles to be granted, and who could put a trigger where definers write."""
    is_definer = any(function.policies.security == "definer" for function in triggers.functions)
    filled = [(table.schema, table.name) for table in triggers.tables.values() if is_definer]
    return Preflight(
        triggers=(),
        functions=(),
        made=(),
        roles=list(_roles(triggers)),
        schemas=list(dict.fromkeys(schema for schema, _ in filled)),
        tables=filled,
        parked=(),
    )


def _roles(triggers: ResolvedSet) -> Iterable[str]:
    """Return the roles that must exist: that granting a missing one fails, nobody would be told."""
    return dict.fromkeys(
        role for function in triggers.functions for visit in walk(function) for role in visit.step.roles
    )


def _unseen(compilation: Compilation) -> str:
    names = ", ".join(repr(trigger.name) for trigger in compilation.system)
    dialect = compilation.flavour.name
    return (
        f"{names}: a system trigger on this version, and no page of the vendor's says which catalog shows one, so "
        f"xtrig could neither compare nor drop it; render the script and run it yourself: xtrig render -d {dialect}"
    )
