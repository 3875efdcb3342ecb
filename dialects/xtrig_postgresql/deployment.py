"""The deployment of one set to PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xtrig.dialect.deployment import Deployment, Inventory, Stage
from xtrig.dialect.driver import Row
from xtrig.dialect.objects import Action, Change
from xtrig.plugin import DatabaseObject, Dialect, ObjectKind, ResolvedSet, Statement, Verified, Version
from xtrig_pgfamily import statements
from xtrig_pgfamily.catalog import queries
from xtrig_pgfamily.catalog.expected import marks_expected
from xtrig_pgfamily.catalog.inventory import Catalogs, triggers, with_grants_said
from xtrig_pgfamily.deploy.rehearsed import Rehearsed
from xtrig_pgfamily.deploy.stages import Staging, changed_triggers, drops, made_by
from xtrig_pgfamily.deploy.temporary import firing_on_ddl, is_candidate, is_placeholder, undisturbed
from xtrig_pgfamily.objects import CatalogObject, EventTrigger, Table
from xtrig_pgfamily.preflight import notes, refusals
from xtrig_postgresql.compilation import Compilation


class PostgreSQLDeployment(Deployment):
    """Event triggers, their functions and their tables."""

    verified: ClassVar[Verified] = Verified.SERVER

    def __init__(self, dialect: Dialect, triggers: ResolvedSet, version: Version) -> None:
        compilation = Compilation(dialect, triggers, version)
        self._compilation = compilation
        self.objects: tuple[CatalogObject, ...] = tuple(compilation.objects())
        self.set_name = triggers.name
        self._catalogs = Catalogs(self.objects, triggers.name, version)
        recording = compilation.recording
        recorded = recording.relations() if recording is not None else ()
        filled = [
            (
                each.path,
                [column.name for column in each.columns],
                any("PRIMARY KEY" in line for line in each.constraints),
            )
            for each in self.objects
            if isinstance(each, Table) and each.path not in recorded
        ]
        self._manipulations = (
            *([recording.manipulations()] if recording is not None else ()),
            *([queries.besides(filled)] if filled else ()),
        )
        self._problems = compilation.preflight().query() if triggers.triggers or triggers.sessions else queries.NOTHING

    def queries(self) -> Sequence[str]:
        """Return the queries of the catalogs: seven, whatever the set and the server hold."""
        return (*self._catalogs.queries(), self._problems)

    def further_queries(self, results: Sequence[Sequence[Row]]) -> Sequence[str]:
        """Return what is asked of a record of sessions, and of other tables: one query each."""
        return self._manipulations

    def inventory(self, results: Sequence[Sequence[Row]]) -> Inventory:
        """Return the objects that the rows tell of."""
        *catalogs, problems = results[:7]
        manipulations = [row["problem"] for rows in results[7:] for row in rows]
        objects = tuple(with_grants_said(self._catalogs.read(catalogs), self.objects))
        others = [each for each in triggers(objects) if each.is_login and not each.is_of(self.set_name)]
        facts = {f"login trigger {each.name}": each.enabled for each in others}
        return Inventory(objects, facts, refusals(problems), tuple(manipulations), notes(problems))

    def leftover(self, found: DatabaseObject, inventory: Inventory) -> bool:
        """Whether an earlier deployment was cut short and left this behind."""
        if is_candidate(found):
            return True
        logins = [each for each in triggers(inventory.objects) if each.is_login and not is_placeholder(each)]
        # While a trigger of ENABLE REPLICA is the only other one, the placeholder keeps standbys open.
        is_of_no_use = any(each.is_firing for each in logins) or all(each.enabled != "replica" for each in logins)
        return is_placeholder(found) and is_of_no_use

    def is_needed(self, found: DatabaseObject, inventory: Inventory) -> bool:
        """Whether an object is the placeholder, and keeps standbys open."""
        return is_placeholder(found) and not self.leftover(found, inventory)

    def undisturbed(self, statements: Sequence[Statement], inventory: Inventory) -> Sequence[Statement]:
        """Return the statements between those that disable the set's triggers on DDL, and enable them again."""
        return undisturbed(firing_on_ddl(inventory.of(self.set_name)), statements)

    def direct(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Statement]:
        """Return one transaction's statements; those that hold up logins are last."""
        changed = [change for change in changes if change.kind is ObjectKind.TRIGGER]
        gone = [change for change in changed if change.action is Action.DROP]
        come = [change for change in changed if change not in gone]
        first = made_by([*gone, *(change for change in changes if change not in changed)])
        statements_ = [
            *undisturbed(firing_on_ddl(inventory.of(self.set_name)), first, changed_triggers(changed)),
            *made_by(sorted(come, key=lambda change: _is_login(change.wanted))),
        ]
        if any(_is_login(change.object) for change in changed):
            statements_.append(Statement(statements.clear_login_flag(), ""))
        return statements_

    def expecting(self, objects: Sequence[DatabaseObject]) -> Sequence[Statement]:
        """Return the block that looks at their comments."""
        return [marks_expected(each for each in objects if isinstance(each, CatalogObject))]

    def stages(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Stage]:
        """Return rehearsal, preparation, canary, going live, and the rest."""
        compilation = self._compilation
        rehearsed = Rehearsed(
            tuple(compilation.traced()),
            tuple(compilation.planned()),
            tuple(compilation.ended_sessions()),
            compilation.version,
        )
        return list(Staging(changes, inventory, self.set_name, rehearsed).stages())

    def removal(self, inventory: Inventory, *, with_data: bool) -> Sequence[Stage]:
        """Return the stages that drop what carries the set's mark; a schema only if nothing else is in it."""
        changes = drops(inventory.of(self.set_name), with_data=with_data)
        return list(Staging(changes, inventory, self.set_name).stages())


def _is_login(each: DatabaseObject | None) -> bool:
    return isinstance(each, EventTrigger) and each.is_login
