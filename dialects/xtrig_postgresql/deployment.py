"""The deployment of one set to PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from xtrig.dialect.deployment import Action, Change, Deployment, Difference, Found, Inventory, Stage
from xtrig.dialect.driver import Row
from xtrig.plugin import Dialect, ObjectKind, Part, ResolvedSet, Statement, Verified, Version
from xtrig_pgfamily import statements
from xtrig_pgfamily.catalog import queries, reading
from xtrig_pgfamily.deploy import placeholder
from xtrig_pgfamily.deploy.candidates import CANDIDATE
from xtrig_pgfamily.deploy.changing import make
from xtrig_pgfamily.deploy.parking import parked
from xtrig_pgfamily.deploy.reckoning import FIRING, changed_triggers, login_triggers
from xtrig_pgfamily.deploy.stages import Staging
from xtrig_pgfamily.statements import NEEDED
from xtrig_pgfamily.words import split, unquoted
from xtrig_postgresql.compilation import Compilation

_RELATIONS = (ObjectKind.TABLE, ObjectKind.VIEW)
_MODIFIERS = (17,)
"""The first version with to_regtypemod(), and with login triggers."""


class PostgreSQLDeployment(Deployment):
    """Event triggers, their functions and their tables."""

    verified: ClassVar[Verified] = Verified.SERVER

    def __init__(self, dialect: Dialect, triggers: ResolvedSet, version: Version) -> None:
        compilation = Compilation(dialect, triggers, version)
        self.parts: tuple[Part, ...] = tuple(compilation.parts())
        self._granted = {(part.kind, part.name) for part in self.parts if "grants" in part.state}
        self.set_name = triggers.name
        self._version = version
        self._problems = compilation.preflight().query() if triggers.triggers or triggers.sessions else queries.NOTHING

    def queries(self) -> Sequence[str]:
        """Return the queries of the catalogs: seven, whatever the set and the server hold."""
        named = {kind: [part.name for part in self.parts if part.kind is kind] for kind in ObjectKind}
        written = {type_ for part in self.parts if part.kind is ObjectKind.TABLE for type_ in _types(part)}
        return (
            queries.EVENT_TRIGGERS,
            queries.functions([_signature(name) for name in named[ObjectKind.FUNCTION]], self.set_name),
            queries.tables([split(name) for kind in _RELATIONS for name in named[kind]], self.set_name),
            queries.schemas([unquoted(name) for name in named[ObjectKind.SCHEMA]], self.set_name),
            queries.roles([unquoted(name) for name in named[ObjectKind.ROLE]], self.set_name),
            queries.types(sorted(written), has_modifiers=self._version >= _MODIFIERS),
            self._problems,
        )

    def inventory(self, results: Sequence[Sequence[Row]]) -> Inventory:
        """Return the objects that the rows tell of."""
        triggers, functions, tables, schemas, roles, types, problems = results
        objects = (
            *reading.read_roles(roles),
            *reading.read_schemas(schemas),
            *map(self._compared, reading.read_tables(tables, types, self.parts)),
            *map(self._compared, reading.read_functions(functions)),
            *reading.read_triggers(triggers),
        )
        others = [found for found in login_triggers(objects) if not found.is_of(self.set_name)]
        facts = {f"login trigger {found.name}": found.state["enabled"] for found in others}
        return Inventory(objects, facts, tuple(row["problem"] for row in problems if row["problem"]))

    def _compared(self, found: Found) -> Found:
        """Return an object without the grants that the definition says nothing of."""
        if (found.kind, found.name) in self._granted:
            return found
        return replace(found, state={key: value for key, value in found.state.items() if key != "grants"})

    def differences(self, part: Part, found: Found) -> Iterator[Difference]:
        """Yield what differs; columns that a table has beyond the definition's are nobody's business."""
        for attribute, wanted in part.state.items():
            if found.state.get(attribute) != wanted:
                yield Difference(attribute, found.state.get(attribute), wanted)

    def refusals(self, change: Change) -> Iterator[str]:
        """Yield what a table would need that could lose or rewrite its rows."""
        if change.kind is not ObjectKind.TABLE or change.part is None or change.found is None:
            return
        if "kind" in change.found.state:
            yield f"{change.name} is no table, and cannot become one; rename one of the two"
            return
        for difference in change.differences:
            column = difference.attribute.removeprefix("column ")
            if difference.live is not None and difference.attribute.startswith("column "):
                yield (
                    f"table {change.name}: column {column} is {difference.live}, and the definition says "
                    f"{difference.wanted}; alter it yourself, or change the definition"
                )
            elif difference.live is None and (difference.wanted or "").endswith(NEEDED):
                yield (
                    f"table {change.name}: the new column {column} must have a value, which rows recorded "
                    "before do not; leave out nullable: false, or add it yourself"
                )

    def leftover(self, found: Found, inventory: Inventory) -> bool:
        """Whether an earlier deployment was cut short and left this behind."""
        last = _signature(found.name)[1] if found.kind is ObjectKind.FUNCTION else unquoted(found.name)
        if last.startswith(CANDIDATE):
            return True
        others = [each.state["enabled"] for each in login_triggers(inventory.objects) if each.name != placeholder.NAME]
        # While a trigger of ENABLE REPLICA is the only other one, the keeper keeps standbys open.
        return last == placeholder.NAME and (any(state in FIRING for state in others) or "replica" not in others)

    def is_needed(self, found: Found, inventory: Inventory) -> bool:
        """Whether an object is the keeper, and keeps standbys open."""
        return placeholder.is_part(found.name) and not self.leftover(found, inventory)

    def direct(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Statement]:
        """Return one transaction's statements; those that hold up logins are last."""
        own = inventory.of(self.set_name)
        quiet = [change for change in changes if change.kind is not ObjectKind.TRIGGER]
        triggers = [change for change in changes if change.kind is ObjectKind.TRIGGER]
        gone = [change for change in triggers if change.action is Action.DROP]
        first = [each for change in [*gone, *quiet] for each in make(change)]
        changed = changed_triggers(triggers)
        ddl = [change for change in triggers if change not in gone and not _is_login(change.part)]
        login = [change for change in triggers if change not in gone and _is_login(change.part)]
        statements_ = [
            *parked(own, first, asleep=changed),
            *(each for change in [*ddl, *login] for each in make(change)),
        ]
        looked_for = login or any(change.found and change.found.state["event"] == "login" for change in gone)
        return [*statements_, Statement(statements.clear_login_flag(), "")] if looked_for else statements_

    def stages(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Stage]:
        """Return rehearsal, preparation, canary, going live, and the rest."""
        return list(Staging(changes, inventory, self.set_name).stages())

    def removal(self, inventory: Inventory, *, with_data: bool) -> Sequence[Stage]:
        """Return the stages that drop what carries the set's mark; a schema only if nothing else is in it."""
        kept = () if with_data else (ObjectKind.TABLE, ObjectKind.ROLE)
        kinds = [kind for kind in reversed(ObjectKind) if kind not in kept]
        own = inventory.of(self.set_name)
        changes = [
            Change(Action.DROP, kind, found.name, found=found) for kind in kinds for found in own if found.kind is kind
        ]
        return list(Staging(changes, inventory, self.set_name).stages())


def _is_login(part: Part | None) -> bool:
    return part is not None and part.kind is ObjectKind.TRIGGER and part.state["event"] == "login"


def _types(part: Part) -> Iterable[str]:
    return (value.removesuffix(NEEDED) for key, value in part.state.items() if key.startswith("column "))


def _signature(called: str) -> tuple[str, str, str]:
    """Return schema, name and argument types of a function."""
    # The types are those of the catalogs, and hold no parenthesis; a quoted name may.
    named, _, arguments = called[:-1].rpartition("(") if called.endswith(")") else (called, "", "")
    return (*split(named), arguments)
