"""What the dialects declare, as tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from _generate.cases import TITLES, code, escaped, known_from
from xtrig.dialect import Capability, Dialect, Spelling, Support
from xtrig.facts import DDL_EVENTS, FACTS, Event, Fact, Item
from xtrig.registry import get_dialect

Place = tuple[Event, Item | None]

_DETAILS = {
    "on_error": "an error",
    "exempt": "who is exempt",
    "transaction": "transaction",
    "order": "order",
    "way_out": "way out",
    "reason": "why it is not native",
    "remedy": "what to do",
    "source": "source",
}


def listed() -> str:
    """Return the dialects with their versions."""
    rows = ["| dialect | product | versions | default |", "|---|---|---|---|"]
    for name in TITLES:
        each = get_dialect(name)
        rows.append(f"| `{name}` | {each.title} | {', '.join(each.versions)} | {each.default_version} |")
    return "\n".join(rows)


def support_matrix() -> str:
    """Return event by dialect."""
    rows = ["| event | " + " | ".join(f"`{name}`" for name in TITLES) + " |", "|---" * (len(TITLES) + 1) + "|"]
    for event in Event:
        cells = [_brief(get_dialect(name), event) for name in TITLES]
        rows.append(f"| `{event}` | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def events(name: str) -> str:
    """Return what a dialect can do at each event: an overview, then the details of events that are alike."""
    dialect = get_dialect(name)
    rows = ["| event | support | clause | a `deny` | known from |", "|---|---|---|---|---|"]
    for event, found in dialect.described():
        binds = "binds" if found.deny_binds else "does not bind"
        clause = f"`{found.spelling}`" if found.spelling else ""
        rows.append(f"| `{event}` | {found.support}{_since(dialect, event)} | {clause} | {binds} | {found.verified} |")
    parts = ["\n".join(rows)]
    for details, same in groupby(dialect.described(), key=lambda each: _details(each[1])):
        names = ", ".join(f"`{event}`" for event, _ in same)
        parts.append("\n".join([f"| {names} | |", "|---|---|", *details]))
    return "\n\n".join(parts)


def facts(name: str) -> str:
    """Return a dialect's expression for each fact, on its default version."""
    dialect = get_dialect(name)
    rows = ["| fact | expression, and how it is known |", "|---|---|"]
    for fact in FACTS:
        rows += _fact_rows(dialect, fact)
    return "\n".join(rows)


def _brief(dialect: Dialect, event: Event) -> str:
    found = dialect.capability(event, dialect.parse_version(None))
    return f"{found.support}{_since(dialect, event)}, {found.verified}"


def _since(dialect: Dialect, event: Event) -> str:
    """Return from which version on the support is what it is now, where it was less before."""
    now = dialect.capability(event, dialect.parse_version(None))
    before = [each for each in dialect.capabilities if each.event is event and each.support is not now.support]
    return f" from {'.'.join(map(str, now.since))}" if before and now.since else ""


def _details(found: Capability) -> tuple[str, ...]:
    texts = {said: getattr(found, attribute) for attribute, said in _DETAILS.items()}
    if found.support is Support.NATIVE:
        texts["why it is not native"] = texts["what to do"] = ""
    return tuple(f"| {said} | {escaped(text)} |" for said, text in texts.items() if text)


def _fact_rows(dialect: Dialect, fact: Fact) -> list[str]:
    if fact is Fact.EVENT:
        return [f"| `{fact}` | the portable name, as a literal or derived from `tg_event` |"]
    groups: dict[Spelling | None, list[Place]] = {}
    for place in _places(fact):
        found = dialect.spelling(fact, *place, dialect.parse_version(None))
        groups.setdefault(found, []).append(place)
    return [_fact_row(fact, found, _where(places) if len(groups) > 1 else "") for found, places in groups.items()]


def _places(fact: Fact) -> Iterator[Place]:
    """Yield where a fact can be used: at its events, and in their items where it means something of its own."""
    info = FACTS[fact]
    if not info.items_only:
        yield from ((event, None) for event in Event if event in info.events)
    if info.items_only or fact is Fact.COMMAND_TAG:
        yield from ((item.event, item) for item in Item)


def _where(places: list[Place]) -> str:
    events = {event for event, item in places if item is None}
    found = [f"for each `{item}`" for _, item in places if item is not None]
    if events == DDL_EVENTS:
        return ", ".join(["in DDL events", *found])
    return ", ".join([f"at {' and '.join(event for event in Event if event in events)}"] * bool(events) + found)


def _fact_row(fact: Fact, found: Spelling | None, where: str) -> str:
    said = f"{code(found.sql)} {known_from(found)}" if found else "none; refused with `XT202`"
    return f"| `{fact}`{' ' if where else ''}{where} | {said} |"
