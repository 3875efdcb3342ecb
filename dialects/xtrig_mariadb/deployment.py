"""One set on a server of MariaDB: procedures first, then the sections of init_connect, which logins prove."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import ClassVar

from xtrig.dialect.deployment import Deployment, Inventory, Proof, Stage
from xtrig.dialect.driver import Row
from xtrig.dialect.objects import Action, Change
from xtrig.dialect.platform import Server
from xtrig.plugin import ObjectKind, Statement, Verified, read_mark
from xtrig_mariadb.compilation import PUBLIC, Compilation
from xtrig_mariadb.evidence import administrators
from xtrig_mariadb.objects import Database, MariaDBObject, Procedure, Section, Table, parted
from xtrig_mariadb.rights import PUBLIC_GRANTS, Granted
from xtrig_mariadb.words import name, text


class MariaDBDeployment(Deployment):
    """Nothing is rolled back by the server, so each stage has what takes it back."""

    verified: ClassVar[Verified] = Verified.SERVER

    def __init__(self, compilation: Compilation) -> None:
        self.objects: tuple[MariaDBObject, ...] = tuple(compilation.objects())
        self.set_name = compilation.triggers.name
        self._version = compilation.version
        self._rehearsals = tuple(compilation.rehearsals())
        self._unrehearsed = ", ".join(function.name for function in compilation.unrehearsed)
        schemas = dict.fromkeys(each.path[0] for each in self.objects if not isinstance(each, Section))
        self._schemas = ", ".join(map(text, schemas)) or "''"

    def notes(self, server: Server) -> Iterator[str]:
        """Yield what MariaDB cannot do."""
        yield (
            f"accounts with {administrators(self._version)}, as {server.role}, never meet init_connect: only a login "
            "by --canary-url as an ordinary account proves that people can log in"
        )
        yield (
            "SET GLOBAL lasts until the server is restarted: put what SELECT @@GLOBAL.init_connect says into an option "
            "file, under [mariadbd]"
        )
        yield (
            "MariaDB commits each command at once: if xtrig is killed before the logins, the triggers stay; the way "
            "out: SET GLOBAL init_connect = ''"
        )
        if self._unrehearsed:
            yield (
                f"{self._unrehearsed}: not rehearsed, since a statement of yours may commit; with on_error: allow "
                "nothing tells that it fails at every login"
            )

    def queries(self) -> Sequence[str]:
        """Return the queries of the catalogs."""
        here = f"IN ({self._schemas})"
        return (
            "SELECT @@GLOBAL.init_connect AS init_connect",
            f"SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME {here}",
            "SELECT ROUTINE_SCHEMA AS home, ROUTINE_NAME AS name, ROUTINE_DEFINITION AS body, "
            "SECURITY_TYPE AS security, ROUTINE_COMMENT AS comment"
            " FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'PROCEDURE'"
            f" AND (ROUTINE_SCHEMA {here} OR ROUTINE_COMMENT LIKE 'xtrig:%') ORDER BY home, name",
            "SELECT c.TABLE_SCHEMA AS home, c.TABLE_NAME AS name, c.COLUMN_NAME AS col, c.COLUMN_TYPE AS type,"
            " c.IS_NULLABLE AS nullable, c.EXTRA AS extra, t.TABLE_COMMENT AS comment"
            " FROM information_schema.COLUMNS AS c"
            " JOIN information_schema.TABLES AS t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME"
            f" WHERE t.TABLE_SCHEMA {here} OR t.TABLE_COMMENT LIKE 'xtrig:%' ORDER BY home, name, c.ORDINAL_POSITION",
            "SELECT TABLE_SCHEMA AS home, TABLE_NAME AS name, INDEX_NAME AS word, COLUMN_NAME AS col"
            f" FROM information_schema.STATISTICS WHERE TABLE_SCHEMA {here} AND NON_UNIQUE = 0"
            " ORDER BY home, name, INDEX_NAME <> 'PRIMARY', word, SEQ_IN_INDEX",
            *([PUBLIC_GRANTS] if self._version >= PUBLIC else ()),
        )

    def inventory(self, results: Sequence[Sequence[Row]]) -> Inventory:
        """Return what the rows tell of."""
        variables, schemas, routines, columns, keys, *grants = results
        callable_by_all = Granted(row for rows in grants for row in rows)
        found: list[MariaDBObject] = [Database(path=(row["name"],)) for row in schemas]
        found += _tables(columns, keys)
        for row in routines:
            comment = row["comment"] or None
            procedure = Procedure(
                path=(row["home"], row["name"]),
                body=row["body"] or "",
                security=row["security"],
                execute=callable_by_all.whom(row["home"], row["name"]) if grants else "",
                mark=read_mark(comment),
                comment=comment,
            )
            found.append(procedure)
        sections, others = parted(variables[0]["init_connect"] or "")
        return Inventory((*found, *sections), {"init_connect": others})

    def direct(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Statement]:
        """Return all statements, each of which the server commits."""
        return [statement for change in changes for statement in change.make()]

    def stages(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Stage]:
        """Return the stages: what nothing calls yet, and what new logins meet."""
        quiet = [each for each in changes if each.kind is not ObjectKind.TRIGGER and each.action is Action.CREATE]
        firing = [each for each in changes if each not in quiet]
        stages = []
        if quiet:
            stages.append(_stage("objects", "Tables and procedures, which nothing calls yet", quiet, Proof.NONE))
        if self._rehearsals and any(each.action in (Action.CREATE, Action.REPLACE) for each in firing):
            purpose = "What the steps do, in a transaction that is rolled back"
            stages.append(Stage("rehearsal", purpose, (), proof=Proof.REHEARSAL, probes=self._rehearsals))
        if firing:
            stages.append(_stage("live", "What new logins meet at once", firing, Proof.LOGINS))
        return stages

    def removal(self, inventory: Inventory, *, with_data: bool) -> Sequence[Stage]:
        """Return the stages that cut out the sections, and then drop the procedures, and with their rows the tables."""
        own = sorted(inventory.of(self.set_name), key=lambda each: -each.kind.place)
        sections = [Change(Action.DROP, found=each) for each in own if each.kind is ObjectKind.TRIGGER]
        others = [each for each in own if each.kind is not ObjectKind.TRIGGER and (with_data or not each.kind.is_kept)]
        stages = []
        if sections:
            stages.append(_stage("triggers", "The sections of init_connect", sections, Proof.LOGINS))
        if others:
            gone = tuple(statement for each in others for statement in each.drop())
            stages.append(Stage("finish", "Procedures, and with --with-data tables with their rows", gone))
        return stages


def _stage(title: str, purpose: str, changes: Sequence[Change], proof: Proof) -> Stage:
    made = tuple(statement for change in changes for statement in change.make())
    undo = [statement for change in reversed(changes) for statement in change.take_back()]
    return Stage(title, purpose, made, tuple(undo), proof=proof)


def _tables(columns: Sequence[Row], keys: Sequence[Row]) -> Iterator[Table]:
    by_table: dict[tuple[str, str], list[str]] = {}
    for (home, table, word), rows in groupby(keys, key=lambda row: (row["home"], row["name"], row["word"])):
        listed = ", ".join(name(row["col"]) for row in rows)
        title = "PRIMARY KEY" if word == "PRIMARY" else f"UNIQUE KEY {name(word)}"
        by_table.setdefault((home, table), []).append(f"{title} ({listed})")
    for path, rows in groupby(columns, key=lambda row: (row["home"], row["name"])):
        lines, comment = [], None
        for row in rows:
            comment = row["comment"] or None
            line = f"{name(row['col'])} {row['type']} {'NULL' if row['nullable'] == 'YES' else 'NOT NULL'}"
            lines.append(f"{line} AUTO_INCREMENT" if "auto_increment" in row["extra"] else line)
        found = by_table.get(path, ())
        yield Table(path=path, columns=tuple(lines), keys=tuple(found), mark=read_mark(comment), comment=comment)
