"""One set on a server of AcmeDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import ClassVar

from xtrig.dialect.deployment import Deployment, Inventory, Proof, Stage
from xtrig.dialect.driver import Row
from xtrig.dialect.objects import Action, Change
from xtrig.dialect.platform import Server
from xtrig.plugin import ObjectKind, Statement, Verified, read_mark
from xtrig_acmedb.compilation import Compilation
from xtrig_acmedb.objects import MARKS, AcmeObject, MarkTable, Table, Trigger
from xtrig_acmedb.words import folded

_UNGUARDED = (
    "AcmeDB commits each command at once: if xtrig is killed before it has logged in to prove the triggers, they stay; "
    "and if they refuse everybody, a connection with triggers=False drops them"
)


class AcmeDBDeployment(Deployment):
    """Tables first; what triggers do is rehearsed and rolled back; then they are made, and logins prove them."""

    verified: ClassVar[Verified] = Verified.SERVER

    def __init__(self, compilation: Compilation) -> None:
        self.objects: tuple[AcmeObject, ...] = tuple(compilation.objects())
        self.set_name = compilation.triggers.name

    def notes(self, server: Server) -> Iterator[str]:
        """Yield what AcmeDB cannot do."""
        yield _UNGUARDED

    def queries(self) -> Sequence[str]:
        """Return the queries of the catalogs."""
        return (
            "SELECT NAME, EVENT, OPTIONS, BODY FROM ACME_TRIGGERS ORDER BY NAME",
            "SELECT * FROM ACME_COLUMNS ORDER BY TABLE_NAME, PLACE",
        )

    def further_queries(self, results: Sequence[Sequence[Row]]) -> Sequence[str]:
        """Return the query of the table of marks, once there is one."""
        is_there = any(row["TABLE_NAME"] == MARKS for row in results[1])
        return (f"SELECT KIND, NAME, MARK FROM {MARKS}",) if is_there else ()

    def inventory(self, results: Sequence[Sequence[Row]]) -> Inventory:
        """Return the triggers and tables that the rows tell of, with their marks."""
        triggers, columns, *marks = results
        made = {(row["KIND"], row["NAME"]): row["MARK"] for rows in marks for row in rows}
        found: list[AcmeObject] = [
            Trigger(path=(row["NAME"],), event=row["EVENT"], options=row["OPTIONS"], body=row["BODY"])
            for row in triggers
        ]
        for table, rows in groupby(columns, key=lambda row: str(row["TABLE_NAME"])):
            is_marks = table == MARKS
            found.append(MarkTable(path=(MARKS,)) if is_marks else Table.of(table, map(_column, rows)))
        return Inventory(tuple(_marked(each, made.get((each.kind.word, folded(each.path[0])))) for each in found))

    def direct(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Statement]:
        """Return all statements; what they cannot do together, :attr:`Statement.after_commit` separates."""
        return [statement for change in changes for statement in change.make()]

    def stages(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Stage]:
        """Return the stages: tables, the rehearsal, the triggers."""
        quiet = [change for change in changes if change.kind is not ObjectKind.TRIGGER]
        firing = [change for change in changes if change.kind is ObjectKind.TRIGGER]
        new = [change.object for change in firing if change.action in (Action.CREATE, Action.REPLACE)]
        probes = tuple(each.rehearsal for each in new if isinstance(each, Trigger))
        stages = []
        if quiet:
            stages.append(_stage("tables", "Tables, which no trigger fills yet", quiet, Proof.NONE))
        if probes:
            purpose = "What the triggers do, in a transaction that is rolled back"
            stages.append(Stage("rehearsal", purpose, (), proof=Proof.REHEARSAL, probes=probes))
        if firing:
            stages.append(_stage("live", "The triggers, each of which new logins meet at once", firing, Proof.LOGINS))
        return stages

    def removal(self, inventory: Inventory, *, with_data: bool) -> Sequence[Stage]:
        """Return the stages that drop the triggers, and with their rows the tables."""
        own = inventory.of(self.set_name)
        triggers = [Change(Action.DROP, found=each) for each in own if each.kind is ObjectKind.TRIGGER]
        tables = [each for each in own if each.kind is ObjectKind.TABLE and with_data]
        stages = []
        if triggers:
            stages.append(_stage("triggers", "The triggers", triggers, Proof.LOGINS))
        gone = [statement for each in tables for statement in each.drop()]
        if own:
            gone += MarkTable(path=(MARKS,)).drop()
            purpose = (
                "Tables with their rows, and the table of marks" if tables else "The table of marks, if it is empty"
            )
            stages.append(Stage("finish", purpose, tuple(gone)))
        return stages


def _stage(name: str, purpose: str, changes: Sequence[Change], proof: Proof) -> Stage:
    made = [statement for change in changes for statement in change.make()]
    undo = [statement for change in reversed(changes) for statement in change.take_back()]
    return Stage(name, purpose, tuple(made), tuple(undo), proof=proof)


def _column(row: Row) -> tuple[str, str, bool, str | None, bool]:
    return row["NAME"], row["TYPE"], bool(row["IS_REQUIRED"]), row["FILLED_WITH"], bool(row["KEY_PLACE"])


def _marked(found: AcmeObject, comment: str | None) -> AcmeObject:
    return replace(found, mark=read_mark(comment), comment=comment)
