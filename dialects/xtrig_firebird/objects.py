"""Triggers, procedures, roles and the exception of refusals: what Firebird keeps of a definition.

Their marks are comments. Tables and views are in :mod:`xtrig_firebird.relations`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from xtrig.dialect.objects import COMMENT, DISABLED, ENABLED, DatabaseObject, ObjectKind
from xtrig.plugin import PREFIX, Hazard, Lines, Statement, layout, mark
from xtrig_firebird.words import folded, name, text

EXCEPTION = ObjectKind("exception", 20, is_kept=True, is_shared=True)
ROLE = ObjectKind("role", 10, is_kept=True, is_shared=True)
PROCEDURE = ObjectKind("procedure", 40)


def execute_block(lines: Lines, declared: Lines | None = None) -> str:
    """Return an anonymous block."""
    return layout(["EXECUTE BLOCK AS", *([declared] if declared else []), "BEGIN", lines, "END"])


def executed_if(condition: str, *commands: str) -> Lines:
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
    loses: ClassVar[tuple[Hazard, ...]] = ()
    """What is lost with it."""

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

    def commented(self, said: str | None) -> Statement:
        """Return COMMENT ON; None takes the comment away."""
        return Statement(f"COMMENT ON {self.word} {self.name} IS {'NULL' if said is None else text(said)}", "")

    def remark(self, found: Self) -> Iterator[Statement]:
        """Yield the statement that writes the mark."""
        yield self.commented(str(self.mark))

    def restore_comment(self) -> Iterator[Statement]:
        """Yield the statement that brings back the comment."""
        yield self.commented(self.comment)

    def drop(self) -> Iterator[Statement]:
        """Yield its end, if it is there and xtrig made it."""
        command = executed_if(self.is_there_and_ours, f"DROP {self.word} {self.name}")
        yield Statement(execute_block(command), f"Drop {self.kind} {self.name}", hazards=self.loses)


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
        command = executed_if(f"{self.is_there} AND NOT {used}", f"DROP EXCEPTION {self.name}")
        purpose = "Drop what refusals were raised as, if nothing else needs it"
        yield Statement(execute_block(command), purpose, after_commit=True)


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
    definition: str = ""
    """What its comment holds besides the mark: of a definition, what no other object shows."""
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
            **({COMMENT: self.definition} if self.definition else {}),
        }

    def marked(self, set_name: str) -> Self:
        """Return the trigger with the mark of its state, and in it what it says of the definition."""
        return replace(self, mark=replace(mark(self.state, set_name), witness=self.definition))

    def firing(self, state: str) -> Self:
        """Return the trigger, INACTIVE where it is disabled."""
        return replace(self, enabled=state != DISABLED)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure(FirebirdObject):
    """A procedure that administrators execute. No trigger calls it: one with another signature would refuse logins."""

    kind: ClassVar[ObjectKind] = PROCEDURE
    word: ClassVar[str] = "PROCEDURE"
    catalog: ClassVar[str] = "rdb$procedures"
    catalog_name: ClassVar[str] = "rdb$procedure_name"
    unseen: ClassVar[frozenset[str]] = frozenset(("parameters",))

    parameters: str | None = None
    """In parentheses, and what it returns; None: not read."""
    body: str

    @property
    def state(self) -> Mapping[str, str]:
        """The catalogs have the body as a text, and the parameters in parts."""
        said = {} if self.parameters is None else {"parameters": self.parameters}
        return {**said, "body": self.body}

    def printed(self) -> Iterator[Statement]:
        """Yield the procedure and its mark."""
        sql = f"CREATE OR ALTER PROCEDURE {self.name} {self.parameters}\nAS\n{self.body}"
        yield Statement(sql, f"Procedure {self.name}", tuple(self.drop()))
        yield self.commented(str(self.mark))

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the body as it was, where there is still one whose parameters it fits."""
        if instead is not None:
            yield from replace(self, parameters=instead.parameters).printed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(FirebirdObject):
    """A role that people are granted; one that is there already is used as it is, and stays."""

    kind: ClassVar[ObjectKind] = ROLE
    word: ClassVar[str] = "ROLE"
    catalog: ClassVar[str] = "rdb$roles"
    catalog_name: ClassVar[str] = "rdb$role_name"
    loses: ClassVar[tuple[Hazard, ...]] = (Hazard.LOSES_DATA,)  # whoever has it loses it

    @property
    def state(self) -> Mapping[str, str]:
        """Only that it is there."""
        return {}

    def printed(self) -> Iterator[Statement]:
        """Yield the role."""
        made = executed_if(f"NOT {self.is_there}", f"CREATE ROLE {self.name}", self.commented(str(self.mark)).sql)
        yield Statement(execute_block(made), f"Role {self.name}", tuple(self.drop()))


def taken(objects: Iterable[FirebirdObject], set_name: str) -> Iterator[Lines]:
    """Yield a query for each kind of object: those of a name of ours that this set did not make."""
    own = [each for each in objects if not each.kind.is_shared]
    for kind in dict.fromkeys(each.kind for each in own):
        alike = [each for each in own if each.kind is kind]
        names = ", ".join(each.stored for each in alike)
        catalog, column = alike[0].catalog, alike[0].catalog_name
        more = "(\n%)?" if any(isinstance(each, Trigger) and each.definition for each in alike) else ""
        marks = "coalesce(substring(rdb$description FROM 1 FOR 500), '')"
        yield [
            f"SELECT '{kind} ' || trim({column}) || ' is there, and this set did not make it'",
            f"FROM {catalog} WHERE {column} IN ({names})",
            f"  AND {marks} NOT SIMILAR TO {text(_marks(set_name) + more)} ESCAPE '#'",
        ]


def _marks(set_name: str) -> str:
    """Return the pattern of the marks of a set."""
    return f"{PREFIX}%:" + "".join(f"#{char}" if char in "[]()|^-+*%_?{}#" else char for char in set_name)
