"""One set on a server of Firebird.

A trigger is live before its own commit, so the open transaction is the canary: it is made, everybody logs in, and only
then it is committed. Where xtrig is killed before, the server rolls it back. What it names is committed before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from xtrig.dialect.deployment import Deployment, Inventory, Proof, Stage
from xtrig.dialect.driver import Row
from xtrig.dialect.objects import Action, Change
from xtrig.dialect.platform import Server
from xtrig.plugin import ObjectKind, Statement, Verified
from xtrig_firebird.catalog import QUERIES, objects
from xtrig_firebird.compilation import Compilation
from xtrig_firebird.objects import PROCEDURE, ROLE, Denial
from xtrig_firebird.relations import Relation
from xtrig_firebird.steps import DENIED


class FirebirdDeployment(Deployment):
    """Tables first; what triggers do at logon is rehearsed; then they are made, and logins prove them."""

    verified: ClassVar[Verified] = Verified.SERVER

    def __init__(self, compilation: Compilation) -> None:
        self._compilation = compilation
        self.objects = tuple(compilation.objects())
        self.set_name = compilation.triggers.name

    def notes(self, server: Server) -> Iterator[str]:
        """Yield what Firebird does otherwise."""
        yield (
            "sessions that are open keep the triggers they began with; the way past one that refuses everybody: "
            "isql -nodbtriggers as SYSDBA or the owner"
        )

    def queries(self) -> Sequence[str]:
        """Return the queries of the system tables."""
        return QUERIES

    def inventory(self, results: Sequence[Sequence[Row]]) -> Inventory:
        """Return what the rows tell of; rights are part of a relation's state only where the definition says them."""
        said = {each.key for each in self.objects if isinstance(each, Relation) and each.states_grants}
        found = objects(results)
        return Inventory(
            tuple(
                replace(each, states_grants=each.key in said) if isinstance(each, Relation) else each for each in found
            )
        )

    def direct(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Statement]:
        """Return all statements; what triggers name is committed before them."""
        quiet, firing = _parted(changes)
        made = [statement for change in firing for statement in change.make()]
        if quiet and made:
            made[0] = replace(made[0], after_commit=True)
        return [*(statement for change in quiet for statement in change.make()), *made]

    def stages(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Stage]:
        """Return the stages: tables, the rehearsal, the triggers."""
        quiet, firing = _parted(changes)
        stages = []
        if quiet:
            stages.append(_stage("tables", "Tables, which no trigger fills yet", quiet, Proof.NONE))
        made = {change.object.key for change in firing if change.action in (Action.CREATE, Action.REPLACE)}
        probes = tuple(self._compilation.rehearsals(made))
        if probes:
            purpose = "What the steps at logon and logoff do, in a transaction that is rolled back"
            stages.append(Stage("rehearsal", purpose, (), proof=Proof.REHEARSAL, probes=probes))
        if firing:
            purpose = "The triggers: people log in before they are committed"
            stages.append(_stage("live", purpose, firing, Proof.BEFORE_COMMIT))
        return stages

    def removal(self, inventory: Inventory, *, with_data: bool) -> Sequence[Stage]:
        """Return the stages that drop the triggers, and with their rows the tables."""
        own = inventory.of(self.set_name)
        triggers = [Change(Action.DROP, found=each) for each in own if each.kind is ObjectKind.TRIGGER]
        gone = [each for each in own if each.kind in (ObjectKind.VIEW, PROCEDURE)]
        gone += [each for each in own if each.kind in (ObjectKind.TABLE, ROLE) and with_data]
        stages = []
        if triggers:
            stages.append(_stage("triggers", "The triggers", triggers, Proof.BEFORE_COMMIT))
        if own:
            dropped = [statement for each in gone for statement in each.drop()]
            dropped += Denial(path=(DENIED,)).drop()
            purpose = "What fires nothing" if gone else "What refusals were raised as, if nothing else needs it"
            stages.append(Stage("finish", purpose, tuple(dropped)))
        return stages


def _parted(changes: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    """Return the changes of what fires nothing, and those of triggers."""
    firing = [change for change in changes if change.kind is ObjectKind.TRIGGER]
    return [change for change in changes if change.kind is not ObjectKind.TRIGGER], firing


def _stage(name: str, purpose: str, changes: Sequence[Change], proof: Proof) -> Stage:
    made = tuple(statement for change in changes for statement in change.make())
    undo = [statement for change in reversed(changes) for statement in change.take_back()]
    return Stage(name, purpose, made, tuple(undo), proof=proof)
