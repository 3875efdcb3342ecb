"""Expressions and messages as SQL: each fact spelled as at the event of the text being written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from xtrig.model import Deny
from xtrig.plugin import Event, Fact, Item, Spelling, Version, find_spelling, literal, parse_template
from xtrig_pgfamily.words import name

TRACE = "xtrig_rehearsed_step"
"""A variable of a function that is rehearsed: the path of the step that runs, as JSON."""

Value = str | bool | int | float | None


@dataclass(frozen=True, slots=True)
class Scope:
    """All that the SQL of a step depends on besides the step.

    ``events`` are those that run the text; ``replaced`` has the SQL of facts about another session than the one
    that runs it, which an inferred logoff needs.
    """

    dialect: str
    spellings: Mapping[Fact, tuple[Spelling, ...]]
    version: Version
    events: tuple[Event, ...]
    native_events: Mapping[str, Event]
    item: Item | None = None
    replaced: Mapping[Fact, str] = field(default_factory=dict)
    traced: Mapping[int, str] = field(default_factory=dict)
    """Of steps, by ``id``, what :data:`TRACE` is set to before them, so that an error can say where; usually none."""
    event_expression: str = ""
    """How to tell apart several events of one function, where the vendor's names for them are not known."""

    @property
    def is_session(self) -> bool:
        """Whether the text runs at logon or logoff."""
        return any(event.is_session for event in self.events)

    quoted: Callable[[str], str] = name
    """Returns a name as an identifier, by the words that the vendor reserves."""

    result: str = ""
    """What the function returns, as SQL; "" for a trigger function, which returns nothing."""

    ends_denied_sessions: bool = False
    """Whether a deny with ``enforce: terminate`` has to end the session, since an error would not."""

    def raises(self, deny: Deny) -> bool:
        """Whether a deny is an error here, and not the end of the session."""
        return not (self.ends_denied_sessions and deny.enforce == "terminate")

    def qualified(self, schema: str, word: str) -> str:
        """Return a schema-qualified identifier as SQL."""
        return f"{self.quoted(schema)}.{self.quoted(word)}"

    def inside(self, item: Item) -> Scope:
        """Return the scope within a for_each."""
        return replace(self, item=item)

    def fact(self, fact: Fact) -> str:
        """Return the SQL operand for a fact."""
        if fact in self.replaced:
            return self.replaced[fact]
        if fact is Fact.EVENT:
            return self._event()
        spelling = find_spelling(self.spellings, fact, self.events[0], self.item, self.version)
        if spelling is None:  # check_translation refuses such a set before anything is compiled
            raise ValueError(f"{self.dialect} has no {fact} at {self.events[0]}")
        return spelling.sql

    def expression(self, text: str) -> str:
        """Return an expression with its facts filled in."""
        return parse_template(text).fill(self.fact)

    def condition(self, text: str) -> str:
        """Return an expression fit to stand between IF and THEN.

        PL/pgSQL ends it at the first THEN outside parentheses, which may be that of a CASE.
        """
        filled = self.expression(text)
        return f"({filled})" if re.search(r"\bcase\b", filled, re.IGNORECASE) else filled

    def operand(self, text: str) -> str:
        """Return an expression fit to stand beside an operator or a cast."""
        filled = self.expression(text)
        return filled if text.startswith("${") and text.find("}") == len(text) - 1 else f"({filled})"

    def value(self, value: Value) -> str:
        """Return what a column or argument gets."""
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "true" if value else "false"
        return self.expression(value) if isinstance(value, str) else repr(value)

    def message(self, text: str) -> str:
        """Return a message as one text expression; a fact that is NULL leaves a gap, not a NULL message."""
        template = parse_template(text)
        if not template.facts:
            return literal("".join(map(str, template.parts)))
        pattern = "".join("%s" if isinstance(part, Fact) else part.replace("%", "%%") for part in template.parts)
        arguments = ", ".join(self.fact(fact) for fact in template.facts)
        return f"format({literal(pattern)}, {arguments})"

    def _event(self) -> str:
        if len(self.events) == 1:
            return literal(self.events[0])
        if self.event_expression:
            return self.event_expression
        portable = {native: event for native, event in self.native_events.items() if event in self.events}
        renamed = "".join(
            f" WHEN {literal(native)} THEN {literal(event)}" for native, event in portable.items() if native != event
        )
        return f"CASE tg_event{renamed} ELSE tg_event END" if renamed else "tg_event"
