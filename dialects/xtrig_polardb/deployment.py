"""The deployment of one set to PolarDB, of either edition.

Nothing here was seen on a PolarDB server, so the first stage tries everything in a transaction that is rolled back:
whether the server has these events and clauses, whether it makes them inside a transaction, and whether what would
take them back works. There is no canary, since no page says which sessions meet a trigger in state ENABLE REPLICA at
logon; and a login that fails to run its trigger is let in, so logins prove only that none is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from xtrig.dialect.deployment import Deployment, Inventory, Proof, Stage
from xtrig.dialect.driver import Row
from xtrig.dialect.objects import Action, Change
from xtrig.dialect.platform import Server
from xtrig.plugin import Event, ObjectKind, Statement, UsageError, Verified
from xtrig_pgfamily.catalog.inventory import Catalogs, with_grants_said
from xtrig_pgfamily.deploy.stages import changed_triggers, drops, is_unrecoverable, made_by
from xtrig_pgfamily.deploy.temporary import firing_on_ddl, undisturbed
from xtrig_pgfamily.objects import CatalogObject
from xtrig_pgfamily.preflight import Preflight, asked_roles, exempt_roles, granted_roles, notes, refusals, trusted
from xtrig_pgfamily.statements import do_block
from xtrig_polardb.compilation import Compilation
from xtrig_polardb.objects import EventTrigger, Function, Role, Schema, Table, View

FAIL_OPEN = (
    "PolarDB documents that it lets in a login whose trigger fails, and logs the error: logins that work do not show "
    "that the triggers do, and what they record may be missing unnoticed; log in once, and look at the rows"
)

BY_MARK = (
    "a PL/SQL function and what an event trigger is made with are compared by their marks: a change by hand that "
    "leaves the comment as it is will not be seen"
)

_DDL = frozenset(str(event) for event in Event if not event.is_session)


class PolarDBDeployment(Deployment):
    """Event triggers, their functions and their tables.

    Read by the family's queries of pg_event_trigger, pg_proc and pg_class, which the open-source kernel has. What
    a catalog is not documented to show, as the text of a PL/SQL function, is held against the mark.
    """

    verified: ClassVar[Verified] = Verified.UNVERIFIED

    def __init__(self, compilation: Compilation) -> None:
        """Raise :class:`~xtrig.errors.UsageError` for a set with a system trigger: xtrig could not see it again."""
        if compilation.system:
            raise UsageError(_unseen(compilation))
        self.objects: tuple[CatalogObject, ...] = tuple(compilation.objects())
        self.set_name = compilation.triggers.name
        self._compilation = compilation
        self._problems = _preflight(compilation, self.objects).query()
        self._catalogs = Catalogs(
            self.objects,
            self.set_name,
            # Whatever the kernel: to_regtypemod() is PostgreSQL 17's, and most kernels are older.
            (),
            event_trigger=EventTrigger,
            function=Function,
            table=Table,
            view=View,
            schema=Schema,
            role=Role,
        )

    def notes(self, server: Server) -> Iterator[str]:
        """Yield what is particular to triggers at logon and logoff."""
        if any(trigger.event.is_session for trigger in self._compilation.triggers.triggers):
            yield FAIL_OPEN
            yield BY_MARK

    def queries(self) -> Sequence[str]:
        """Return the queries of the catalogs: seven, whatever the set and the server hold."""
        return (*self._catalogs.queries(), self._problems)

    def inventory(self, results: Sequence[Sequence[Row]]) -> Inventory:
        """Return the objects that the rows tell of."""
        *catalogs, problems = results
        objects = tuple(map(self._clausal, with_grants_said(self._catalogs.read(catalogs), self.objects)))
        return Inventory(objects, {}, refusals(problems), notes=notes(problems))

    def _clausal(self, found: CatalogObject) -> CatalogObject:
        """Return a live trigger with what CREATE EVENT TRIGGER wants: the clause of its event is the edition's.

        What pg_event_trigger shows for logon and logoff is not documented; both editions' names have these words.
        """
        if not isinstance(found, EventTrigger):
            return found
        compilation = self._compilation
        clause = found.clause
        for event in (Event.LOGOFF, Event.LOGON):
            if str(event) in found.event.lower():
                clause = compilation.dialect.capability(event, compilation.version).spelling
                break
        is_session = found.event not in _DDL
        return replace(found, clause=clause, execute=compilation.flavour.execute, is_session=is_session)

    def undisturbed(self, statements: Sequence[Statement], inventory: Inventory) -> Sequence[Statement]:
        """Return the statements between those that disable the set's triggers on DDL, and enable them again."""
        return undisturbed(self._own_triggers(inventory), statements)

    def direct(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Statement]:
        """Return one transaction's statements; triggers that go are first, those that come are last."""
        return list(_made(changes, self._own_triggers(inventory)))

    def stages(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Stage]:
        """Return the probe, and the transaction that makes all changes."""
        if not changes:
            return ()
        own = self._own_triggers(inventory)
        made, undo = tuple(_made(changes, own)), tuple(_taken_back(changes, own))
        # A block that the server does not take would go unnoticed: the guard's is run when xtrig is gone.
        block = Statement(do_block(["NULL;"]), "A block, such as takes a deployment back if it is not finished")
        purpose = "Everything made and taken back, in a transaction that is rolled back: does this server take it?"
        on_commands = [each for each in self._compilation.triggers.triggers if not each.event.is_session]
        unproved = ("triggers on commands: none is given, and what they do is first seen at the next one",)
        rehearsed = (block, *made, *self._compilation.rehearsals(), *undo)
        return (
            Stage("probe", purpose, rehearsed, proof=Proof.REHEARSAL, unproved=unproved if on_commands else ()),
            Stage("apply", "Everything, in one transaction", made, undo, proof=Proof.LOGINS),
        )

    def removal(self, inventory: Inventory, *, with_data: bool) -> Sequence[Stage]:
        """Return the stages that drop triggers and functions, and then what cannot be brought back."""
        changes = drops(inventory.of(self.set_name), with_data=with_data)
        running = [change for change in changes if not is_unrecoverable(change)]
        keeping = [change for change in changes if is_unrecoverable(change)]
        stages = []
        if running:
            own = self._own_triggers(inventory)
            made, undo = tuple(_made(running, own)), tuple(_taken_back(running, own))
            purpose = "Triggers and functions, in one transaction"
            stages.append(Stage("remove", purpose, made, undo, proof=Proof.LOGINS))
        if keeping:
            stages.append(Stage("finish", "What is empty, or was to go with its rows", tuple(made_by(keeping))))
        return stages

    def _own_triggers(self, inventory: Inventory) -> list[EventTrigger]:
        """Return the set's triggers that fire on DDL, and so on a deployment."""
        own = firing_on_ddl(inventory.of(self.set_name))
        return [each for each in own if isinstance(each, EventTrigger) and not each.is_session]


def _made(changes: Sequence[Change], own: Sequence[EventTrigger]) -> Iterator[Statement]:
    gone, quiet, come = _divided(changes)
    yield from undisturbed(own, made_by([*gone, *quiet]), changed_triggers(changes))
    yield from made_by(come)


def _taken_back(changes: Sequence[Change], own: Sequence[EventTrigger]) -> Iterator[Statement]:
    """Yield the statements that take the changes back: no trigger of the set may fire on them meanwhile."""
    _, quiet, _ = _divided(changes)
    switched = [change for change in changes if change.kind is ObjectKind.TRIGGER]
    for change in switched:
        trigger = change.object
        if change.action in (Action.CREATE, Action.REPLACE):
            yield from trigger.drop()
        elif change.action is Action.ENABLE and isinstance(trigger, EventTrigger):
            yield trigger.set_to("disabled")
    changed = changed_triggers(changes)
    others = [each for each in own if each.name not in changed]
    yield from undisturbed(others, [each for change in reversed(quiet) for each in change.take_back()])
    for change in reversed(switched):
        if change.action is not Action.CREATE:
            yield from change.take_back()


def _divided(changes: Sequence[Change]) -> tuple[list[Change], list[Change], list[Change]]:
    """Return the triggers that go, what is no trigger, and the triggers that come or change."""
    triggers_ = [change for change in changes if change.kind is ObjectKind.TRIGGER]
    gone = [change for change in triggers_ if change.action is Action.DROP]
    quiet = [change for change in changes if change not in triggers_]
    return gone, quiet, [change for change in triggers_ if change not in gone]


def _preflight(compilation: Compilation, objects: Sequence[CatalogObject]) -> Preflight:
    """Return what has to be looked at: roles that must be there, and who could make what is used run his code."""
    triggers = compilation.triggers
    trust = trusted(triggers, objects, (), compilation.dialect.name)
    tables = [each for each in objects if isinstance(each, Table)]
    asked, exempt = asked_roles(triggers), exempt_roles(triggers)
    return Preflight(roles=granted_roles(triggers), exempt=exempt, asked=asked, tables=tables, trust=trust)


def _unseen(compilation: Compilation) -> str:
    names = ", ".join(repr(trigger.name) for trigger in compilation.system)
    return (
        f"{names}: a system trigger on this version, and no page of the vendor's says which catalog shows one, so "
        f"xtrig could neither compare nor drop it; render the script and run it yourself: "
        f"xtrig render -d {compilation.dialect.name}"
    )
