"""Event triggers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from xtrig.dialect.objects import COMMENT, DISABLED, ENABLED, ObjectKind
from xtrig.marks import read_mark
from xtrig.plugin import Hazard, Lines, Statement, literal, mark
from xtrig_pgfamily.objects.catalog_object import CatalogObject
from xtrig_pgfamily.statements import do_block, drop_ours, literals, procedure

if TYPE_CHECKING:
    from xtrig.dialect.driver import Row

STATES = {
    "origin": ("O", "ENABLE"),
    "always": ("A", "ENABLE ALWAYS"),
    "replica": ("R", "ENABLE REPLICA"),
    "disabled": ("D", "DISABLE"),
}
"""Firing state: pg_event_trigger.evtenabled, and the clause of ALTER EVENT TRIGGER that sets it."""

FIRING = ("origin", "always")
"""The states in which a trigger fires in ordinary sessions."""

LOGIN = "login"
"""pg_event_trigger.evtevent of triggers that fire at a login."""

_LETTERS = {letter: state for state, (letter, _) in STATES.items()}
_FIRES = {
    "origin": "It fires unless session_replication_role is replica.",
    "always": "It fires whatever session_replication_role is.",
    "replica": "It fires only where session_replication_role is replica.",
    "disabled": "It does not fire.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger(CatalogObject):
    """An event trigger; its ``path`` is one name, as it is in no schema."""

    kind: ClassVar[ObjectKind] = ObjectKind.TRIGGER
    keywords: ClassVar[str] = "EVENT TRIGGER"

    event: str
    """As pg_event_trigger.evtevent has it."""
    clause: str
    """What stands for the event in CREATE EVENT TRIGGER, such as ``ON login``."""
    function: tuple[str, ...]
    """Schema and name of the function that it runs."""
    tags: tuple[str, ...] = ()
    enabled: str = "origin"
    """A key of :data:`STATES`."""
    definition: str = ""
    """What its comment holds besides the mark: of a definition, what no other object shows."""
    execute: str = "EXECUTE FUNCTION"

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Return the live trigger of a row of :data:`xtrig_pgfamily.catalog.queries.EVENT_TRIGGERS`."""
        made = read_mark(row["comment"])
        return cls(
            path=(row["name"],),
            event=row["event"],
            clause=f"ON {row['event']}",
            function=(row["function_schema"], row["function_name"]),
            # A script writes them as the definition does, a deployment sorted: their order means nothing.
            tags=tuple(sorted(row["tags"] or ())),
            enabled=_LETTERS[row["enabled"]],
            owner=row["owner"],
            mark=made,
            comment=row["comment"],
            definition=made.witness if made is not None else "",
            is_live=True,
        )

    @property
    def called(self) -> str:
        """The function's qualified name in SQL."""
        return ".".join(map(self.quoted, self.function))

    @property
    def shown(self) -> Mapping[str, str]:
        """What the catalogs say of it."""
        tags = ", ".join(sorted(self.tags))
        told = {COMMENT: self.definition} if self.definition else {}
        return {"event": self.event, "function": self.called, "tags": tags, ENABLED: self.enabled, **told}

    @property
    def state(self) -> Mapping[str, str]:
        """What the catalogs say of it, and what its comment says of the definition."""
        return self.shown

    def marked(self, set_name: str) -> Self:
        """Return the trigger with the mark of its state, and in it what it says of the definition."""
        return replace(self, mark=replace(mark(self.state, set_name), witness=self.definition))

    def firing(self, state: str) -> Self:
        """Return the trigger with a firing state."""
        return replace(self, enabled=state)

    @property
    def is_login(self) -> bool:
        """Whether it fires at logins."""
        return self.event == LOGIN

    @property
    def is_enabled(self) -> bool:
        """Whether it fires in any session."""
        return self.enabled != DISABLED

    @property
    def is_firing(self) -> bool:
        """Whether it fires in ordinary sessions."""
        return self.enabled in FIRING

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """What making it may do to others."""
        return (Hazard.BLOCKS_LOGINS, Hazard.REFUSES_LOGINS) if self.is_login else (Hazard.REFUSES_DDL,)

    def create_sql(self, tags: tuple[str, ...]) -> str:
        """Return CREATE EVENT TRIGGER."""
        when = f"\n    WHEN TAG IN ({literals(tags)})" if tags else ""
        return f"CREATE EVENT TRIGGER {self.name} {self.clause}{when}\n    {self.execute} {self.called}()"

    def set_to(self, enabled: str, purpose: str = "") -> Statement:
        """Return ALTER EVENT TRIGGER, which sets the firing state."""
        return Statement(f"ALTER EVENT TRIGGER {self.name} {STATES[enabled][1]}", purpose)

    def printed(self) -> Iterator[Statement]:
        """Yield the block that makes or replaces it where it differs, and else leaves it alone, and its mark.

        PostgreSQL has neither OR REPLACE nor IF NOT EXISTS for event triggers.
        """
        letter, clause = STATES[self.enabled]
        (raw,) = self.path
        same_tags = f"evttags = ARRAY[{literals(self.tags)}]" if self.tags else "evttags IS NULL"
        when = [f"WHEN TAG IN ({literals(self.tags)})"] if self.tags else []
        lines: Lines = [
            f"-- enable: {self.enabled}. {_FIRES[self.enabled]}",
            "IF NOT EXISTS (",
            [
                "SELECT FROM pg_event_trigger",
                f"WHERE evtname = {literal(raw)} AND evtevent = {literal(self.event)}",
                f"  AND evtfoid = {procedure(self.called)} AND {same_tags}",
            ],
            ") THEN",
            [
                f"DROP EVENT TRIGGER IF EXISTS {self.name};",
                f"CREATE EVENT TRIGGER {self.name} {self.clause}",
                [*when, f"{self.execute} {self.called}();"],
            ],
            "END IF;",
            f"IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = {literal(raw)}) <> {literal(letter)} THEN",
            [f"ALTER EVENT TRIGGER {self.name} {clause};"],
            "END IF;",
        ]
        gone = drop_ours("pg_event_trigger", f"evtname = {literal(raw)}", f"DROP EVENT TRIGGER {self.name};")
        undo = (Statement(gone, f"Drop trigger {raw}"),)
        yield Statement(do_block(lines), self.purpose, undo=undo, hazards=self.hazards)
        yield self.commented(str(self.mark))

    def create(self) -> Iterator[Statement]:
        """Yield the statements that make it in its firing state, where it is not there."""
        yield from self._made()
        yield self.commented(str(self.mark))

    def _made(self) -> Iterator[Statement]:
        purpose = f"Trigger {self.name}: {self.event}, {self.enabled}"
        yield Statement(self.create_sql(tuple(sorted(self.tags))), purpose, hazards=self.hazards)
        if self.enabled != "origin":
            yield self.set_to(self.enabled)

    def replace(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that drop the live trigger and make this one."""
        yield self.dropped(f"Replace trigger {self.name}")
        yield from self.create()

    def enable(self, found: Self) -> Iterator[Statement]:
        """Yield the statements that set the firing state."""
        yield self.set_to(self.enabled, f"Trigger {self.name}: {self.enabled}")
        yield from self.remark(found)

    def restore(self, instead: Self | None) -> Iterator[Statement]:
        """Yield the statements that make it just as it was."""
        yield self.dropped("")
        yield from self._made()
        yield from self.restore_comment()

    def restore_enabled(self) -> Iterator[Statement]:
        """Yield the statements that bring back firing state and comment."""
        yield self.set_to(self.enabled, f"Trigger {self.name} as it was")
        yield self.commented(self.comment)
