"""Functions."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from xtrig.dialect.objects import Difference, ObjectKind
from xtrig.marks import read_mark
from xtrig.plugin import Lines, Statement, dollar_quoted, layout
from xtrig_pgfamily.objects.catalog_object import CatalogObject, read_grants
from xtrig_pgfamily.statements import drop_ours, procedure

if TYPE_CHECKING:
    from xtrig.dialect.driver import Row


class Setting(NamedTuple):
    """A SET clause: ``value`` is as pg_proc.proconfig has it, ``sql`` as the clause is written where that differs."""

    parameter: str
    value: str
    sql: str = ""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.parameter}={self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(CatalogObject):
    """A function."""

    kind: ClassVar[ObjectKind] = ObjectKind.FUNCTION
    keywords: ClassVar[str] = "FUNCTION"
    granted_on: ClassVar[str] = "FUNCTION "

    body: str
    language: str = "plpgsql"
    security: str | None = None
    """``definer`` or ``invoker``; None: not said, which makes it invoker."""
    settings: tuple[Setting, ...] = ()
    types: str = ""
    """The types of the arguments as the catalogs name them."""
    arguments: str = ""
    """The arguments as CREATE FUNCTION declares them."""
    returns: str = "event_trigger"
    is_stable: bool = False
    attributes: str | None = None
    """Of a live function, its volatility and all that CREATE OR REPLACE sets besides the state."""
    security_note: str = ""
    """What a comment in the text says of whose rights it has."""
    after: tuple[Statement, ...] = ()
    """What is done once it is there."""
    text: str | None = None
    """Live: the statement as the server writes it. Else what follows CREATE where the language has other clauses; None:
    it is made of the other fields."""

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Return the live function of a row of :func:`xtrig_pgfamily.catalog.queries.functions`."""
        settings = (each.partition("=") for each in row["settings"] or ())
        return cls(
            path=(row["schema"], row["name"]),
            types=row["arguments"],
            language=row["language"],
            security="definer" if row["is_definer"] else "invoker",
            settings=tuple(Setting(parameter, value) for parameter, _, value in settings),
            body=row["body"],
            attributes=row.get("attributes"),
            text=(row["definition"] or "").rstrip(),
            grants=read_grants(row["grants"]),
            states_grants=True,
            owner=row["owner"],
            mark=read_mark(row["comment"]),
            comment=row["comment"],
            is_live=True,
        )

    @property
    def key(self) -> Hashable:
        """A function is told from others by its arguments, too."""
        return (self.kind, self.path, self.types)

    @property
    def qualified(self) -> str:
        """The name with its schema."""
        return ".".join(map(self.quoted, self.path))

    @property
    def name(self) -> str:
        """The qualified name, with the types of the arguments if it has any."""
        return f"{self.qualified}({self.types})" if self.types else self.qualified

    @property
    def signature(self) -> str:
        """The qualified name with the types of the arguments."""
        return f"{self.qualified}({self.types})"

    @property
    def shown(self) -> Mapping[str, str]:
        """What the catalogs say of it."""
        return {
            "language": self.language,
            "security": self.security or "invoker",
            "settings": "\n".join(sorted(map(str, self.settings))),
            "body": self.body,
            **self.granted_state,
        }

    @property
    def state(self) -> Mapping[str, str]:
        """What the catalogs say of it."""
        return self.shown

    def differences(self, found: Self) -> Iterator[Difference]:
        """Yield what the live function has otherwise. The attributes of plpgsql are known; no mark covers them."""
        yield from CatalogObject.differences(self, found)
        wanted = f"{'stable' if self.is_stable else 'volatile'}, parallel unsafe, cost 100"
        if self.language == "plpgsql" and found.attributes not in (None, wanted):
            yield Difference("attributes", found.attributes, wanted)

    @property
    def sql(self) -> str:
        """CREATE OR REPLACE FUNCTION; an omitted clause would be dropped from a live one, so none is."""
        return self._made_by("CREATE OR REPLACE")

    def _made_by(self, create: str) -> str:
        if self.text is not None:
            return self.text if self.is_live else f"{create} {self.text}"
        header: Lines = [
            f"{create} FUNCTION {self.qualified}({self.arguments})",
            [
                f"RETURNS {self.returns}",
                f"LANGUAGE {self.language}{' STABLE' if self.is_stable else ''}",
                *self._clauses(),
            ],
        ]
        return f"{layout(header)}\nAS {dollar_quoted(self.body)}"

    def _clauses(self) -> Iterator[str]:
        if self.security_note:
            yield f"-- {self.security_note}"
        if self.security is not None:
            yield f"SECURITY {self.security.upper()}"
        for each in self.settings:
            if each.why:
                yield f"-- {each.why}"
            yield f"SET {each.parameter} = {each.sql or each.value}"

    def printed(self) -> Iterator[Statement]:
        """Yield the statements that make it, or replace it."""
        yield from self._with_rights(self.sql)

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make it; one that somebody else has made meanwhile is an error."""
        yield from self._with_rights(self._made_by("CREATE"))

    def _with_rights(self, sql: str) -> Iterator[Statement]:
        if self.owner is None:
            # Firing a trigger needs no right to execute its function.
            given: tuple[Statement, ...] = (self.revoked(),)
            gone = drop_ours("pg_proc", f"oid = {procedure(self.qualified)}", f"DROP FUNCTION {self.signature};")
            undo = Statement(gone, f"Drop function {self.name}")
        else:
            given = tuple(self.given())
            undo = self.dropped(f"Drop function {self.signature}")
        yield Statement(sql, self.purpose, undo=(undo,))
        yield from given
        yield from self.granting(self.grants)
        yield self.commented(str(self.mark))
        yield from self.after

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that replace the live function, and leave others just the rights of this one."""
        yield from self.ungranted(found)
        yield from self.printed()

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the statements that make it just as it was."""
        yield Statement(self.sql, f"Function {self.name} as it was")
        yield from self.restore_comment()
        # PUBLIC may execute a function that is new.
        yield self.revoked()
        yield from self.granting(self.grants)
