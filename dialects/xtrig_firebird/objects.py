"""Tables, triggers and the exception of refusals: what Firebird keeps of a definition. Their marks are comments."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from xtrig.dialect.objects import DISABLED, ENABLED, DatabaseObject, ObjectKind
from xtrig.plugin import PREFIX, Hazard, Lines, Statement, layout, mark
from xtrig_firebird.words import folded, name, text

EXCEPTION = ObjectKind("exception", 20, is_kept=True, is_shared=True)


def execute_block(lines: Lines, declared: Lines | None = None) -> str:
    """Return an anonymous block."""
    return layout(["EXECUTE BLOCK AS", *([declared] if declared else []), "BEGIN", lines, "END"])


def _if(condition: str, *commands: str) -> Lines:
    """Return commands that are executed if a condition holds, as texts: what they name may not be there."""
    executed: Lines = [f"EXECUTE STATEMENT {text(command)};" for command in commands]
    return [f"IF ({condition}) THEN", *(["BEGIN", executed, "END"] if len(commands) > 1 else [executed])]


def is_ours(column: str = "rdb$description") -> str:
    """Return the condition that a comment is a mark; a longer comment than one is none."""
    return f"{column} STARTING WITH {text(PREFIX)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirebirdObject(DatabaseObject):
    """An object of a database. It has no owner to compare: a database trigger has none at all."""

    word: ClassVar[str]
    """What COMMENT ON and DROP call it."""
    catalog: ClassVar[str]
    catalog_name: ClassVar[str]
    """The catalog that it is in, and the column with its name."""

    @property
    def name(self) -> str:
        """The name in SQL."""
        return name(self.path[0])

    @property
    def stored(self) -> str:
        """The name as the catalogs have it, as a literal."""
        return text(folded(self.path[0]))

    @property
    def key(self) -> Hashable:
        """What tells it from others: ``log`` and ``LOG`` are one name."""
        return (self.kind, folded(self.path[0]))

    @property
    def is_there(self) -> str:
        """The condition that there is one of its name."""
        return f"EXISTS(SELECT 1 FROM {self.catalog} WHERE {self.catalog_name} = {self.stored})"

    @property
    def is_there_and_ours(self) -> str:
        """The condition that there is one of its name that xtrig made."""
        return self.is_there.removesuffix(")") + f" AND {is_ours()})"

    def marked(self, set_name: str) -> Self:
        """Return it with the mark of its state."""
        return replace(self, mark=mark(self.state, set_name))

    def commented(self, said: str | None) -> Statement:
        """Return COMMENT ON; None takes the comment away."""
        return Statement(f"COMMENT ON {self.word} {self.name} IS {'NULL' if said is None else text(said)}", "")

    def remark(self, found: Self) -> Iterator[Statement]:
        """Yield the statement that writes the mark."""
        yield self.commented(str(self.mark))

    def restore_comment(self) -> Iterator[Statement]:
        """Yield the statement that brings back the comment."""
        yield self.commented(self.comment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial(FirebirdObject):
    """The exception with which triggers refuse. All sets share it, so that it carries the mark of none."""

    kind: ClassVar[ObjectKind] = EXCEPTION
    word: ClassVar[str] = "EXCEPTION"
    catalog: ClassVar[str] = "rdb$exceptions"
    catalog_name: ClassVar[str] = "rdb$exception_name"

    @property
    def state(self) -> Mapping[str, str]:
        """Only that it is there: each trigger gives the message."""
        return {}

    def printed(self) -> Iterator[Statement]:
        """Yield the exception."""
        sql = f"CREATE OR ALTER EXCEPTION {self.name} 'refused'"
        yield Statement(sql, "What a refusal is raised as", tuple(self.drop()))

    def drop(self) -> Iterator[Statement]:
        """Yield its end, unless a trigger still needs it."""
        used = f"EXISTS(SELECT 1 FROM rdb$dependencies WHERE rdb$depended_on_name = {self.stored})"
        command = _if(f"{self.is_there} AND NOT {used}", f"DROP EXCEPTION {self.name}")
        purpose = "Drop what refusals were raised as, if nothing else needs it"
        yield Statement(execute_block(command), purpose, after_commit=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column, by its stored name; ``type`` is Firebird's, ``rest`` what stands behind it."""

    name: str
    type: str
    rest: str = ""

    @property
    def line(self) -> str:
        """The column as CREATE TABLE and ALTER TABLE take it."""
        return f"{name(self.name)} {self.type}{self.rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(FirebirdObject):
    """A table that a definition makes, or one that is there."""

    kind: ClassVar[ObjectKind] = ObjectKind.TABLE
    word: ClassVar[str] = "TABLE"
    catalog: ClassVar[str] = "rdb$relations"
    catalog_name: ClassVar[str] = "rdb$relation_name"

    columns: tuple[TableColumn, ...]
    key_columns: tuple[str, ...] = ()

    @property
    def state(self) -> Mapping[str, str]:
        """Its columns with their types."""
        return {f"column {folded(each.name)}": f"{each.type}{each.rest}" for each in self.columns}

    def printed(self) -> Iterator[Statement]:
        """Yield the table, the columns that one of an older definition lacks, and the mark."""
        lines = [each.line for each in self.columns]
        if self.key_columns:
            lines.append(f"PRIMARY KEY ({', '.join(map(name, self.key_columns))})")
        body: Lines = [line + ("," if number < len(lines) else "") for number, line in enumerate(lines, 1)]
        create = layout([f"CREATE TABLE {self.name} (", body, ")"])
        # Columns that a table of an older definition lacks; no others can be given to rows that are there.
        missing = [line for each in self.columns if not each.rest for line in self._added(each)]
        block = execute_block([*_if(f"NOT {self.is_there}", create), *missing])
        yield Statement(block, f"Table {self.name}", tuple(self.drop()))
        yield self.commented(str(self.mark))

    def _added(self, column: TableColumn) -> Lines:
        there = [
            f"NOT EXISTS(SELECT 1 FROM rdb$relation_fields WHERE rdb$relation_name = {self.stored}",
            f"  AND rdb$field_name = {text(folded(column.name))})",
        ]
        return _if("\n    ".join(there), f"ALTER TABLE {self.name} ADD {column.line}")

    def refusals(self, found: Self) -> Iterator[str]:
        """Yield that a table with other columns is left alone; columns that may be NULL are added."""
        for wanted in self.columns:
            live = found.state.get(f"column {folded(wanted.name)}")
            if live is None and wanted.rest:
                yield f"table {found.name} lacks the column {wanted.name}; add it by hand: {wanted.line}"
            elif live is not None and live != f"{wanted.type}{wanted.rest}":
                what = f"column {wanted.name} of table {found.name} is {live}, and not {wanted.type}{wanted.rest}"
                yield f"{what}; alter it by hand, or give the definition's another name"

    def drop(self) -> Iterator[Statement]:
        """Yield its end, with all rows."""
        command = _if(self.is_there_and_ours, f"DROP TABLE {self.name}")
        yield Statement(execute_block(command), f"Drop table {self.name}", hazards=(Hazard.LOSES_DATA,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(FirebirdObject):
    """A trigger with its body in it."""

    kind: ClassVar[ObjectKind] = ObjectKind.TRIGGER
    word: ClassVar[str] = "TRIGGER"
    catalog: ClassVar[str] = "rdb$triggers"
    catalog_name: ClassVar[str] = "rdb$trigger_name"

    clause: str
    """Such as ``ON CONNECT``."""
    position: int
    enabled: bool
    body: str
    grants: tuple[str, ...] = ()
    """What may be executed with its rights, as GRANT names it."""
    hazards: tuple[Hazard, ...] = field(default=(), compare=False)

    @property
    def state(self) -> Mapping[str, str]:
        """All of it is in RDB$TRIGGERS and RDB$USER_PRIVILEGES."""
        return {
            "event": self.clause,
            "position": str(self.position),
            ENABLED: "enabled" if self.enabled else DISABLED,
            "body": self.body,
            **({"grants": "\n".join(self.grants)} if self.grants else {}),
        }

    def as_disabled(self, former: str | None = None) -> Self | None:
        """Return the trigger INACTIVE, with a mark that remembers its firing state."""
        if self.mark is None:
            return None
        return replace(self, enabled=False, mark=replace(self.mark, disabled=former or self.state[ENABLED]))

    def as_enabled(self, former: str) -> Self:
        """Return the trigger with a firing state, and a mark that remembers none."""
        return replace(self, enabled=former != DISABLED, mark=self.mark and replace(self.mark, disabled=""))

    def statement(self, verb: str = "CREATE OR ALTER") -> str:
        """Return the statement that makes it. State and position are always said: an ALTER would keep the old ones."""
        active = "ACTIVE" if self.enabled else "INACTIVE"
        return f"{verb} TRIGGER {self.name}\n{active} {self.clause} POSITION {self.position}\nAS\n{self.body}"

    def printed(self) -> Iterator[Statement]:
        """Yield the trigger, what it may execute, and the mark."""
        undo = tuple(self.drop())
        yield Statement(self.statement(), f"Trigger {self.name}", undo, hazards=self.hazards)
        yield from self.granted()
        yield self.commented(str(self.mark))

    def granted(self) -> Iterator[Statement]:
        """Yield what lets the trigger execute routines that its users may not."""
        for each in self.grants:
            yield Statement(f"GRANT EXECUTE ON {each} TO TRIGGER {self.name}", "")

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements after which the live trigger is this one. CREATE OR ALTER cannot change the event."""
        yield Statement(
            self.statement("CREATE OR ALTER" if self.clause == found.clause else "RECREATE"),
            f"Trigger {self.name}",
            hazards=self.hazards,
        )
        for each in found.grants:
            if each not in self.grants:
                yield Statement(f"REVOKE EXECUTE ON {each} FROM TRIGGER {self.name}", "")
        yield from self.granted()
        yield self.commented(None if self.mark is None else str(self.mark))

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the trigger as it was."""
        yield Statement(self.statement("RECREATE"), f"Trigger {self.name} as it was")
        yield from self.granted()
        yield self.commented(self.comment)

    def drop(self) -> Iterator[Statement]:
        """Yield its end."""
        command = _if(self.is_there_and_ours, f"DROP TRIGGER {self.name}")
        yield Statement(execute_block(command), f"Drop trigger {self.name}")


def taken(objects: Iterable[FirebirdObject], set_name: str) -> Iterator[Lines]:
    """Yield a query for each kind of object: those of a name of ours that this set did not make."""
    for kind in (Table, Trigger):
        names = [each.stored for each in objects if isinstance(each, kind)]
        if names:
            marks = "coalesce(substring(rdb$description FROM 1 FOR 500), '')"
            yield [
                f"SELECT '{kind.kind} ' || trim({kind.catalog_name}) || ' is there, and this set did not make it'",
                f"FROM {kind.catalog} WHERE {kind.catalog_name} IN ({', '.join(names)})",
                f"  AND {marks} NOT SIMILAR TO {text(_marks(set_name))} ESCAPE '#'",
            ]


def _marks(set_name: str) -> str:
    """Return the pattern of the marks of a set."""
    return f"{PREFIX}%:" + "".join(f"#{char}" if char in "[]()|^-+*%_?{}#" else char for char in set_name)
