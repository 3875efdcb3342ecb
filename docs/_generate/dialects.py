"""What the dialects declare, as tables."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from itertools import groupby
from pathlib import Path

from _generate.cases import TITLES, code, escaped, known_from
from xtrig import load_text, render
from xtrig.dialect import Capability, Dialect, Evidence, Spelling, Verified
from xtrig.facts import DDL_EVENTS, FACTS, Event, Fact, Item
from xtrig.registry import get_dialect
from xtrig_polardb.doctor import questions as asked_of

Place = tuple[Event, Item | None]

_CLAIMS = {
    "on_error": "an error",
    "deny_binds": "a `deny`",
    "exempt": "who is exempt",
    "transaction": "transaction",
    "order": "order of several",
    "way_out": "way in when it is broken",
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


def versions(name: str) -> str:
    """Return event by version of a dialect."""
    dialect = get_dialect(name)
    shown = sorted({*dialect.versions, dialect.default_version}, key=dialect.parse_version)
    rows = ["| event | " + " | ".join(shown) + " |", "|---" * (len(shown) + 1) + "|"]
    for event in Event:
        found = [dialect.capability(event, dialect.parse_version(version)) for version in shown]
        rows.append(f"| `{event}` | " + " | ".join(f"{each.support}, {each.verified}" for each in found) + " |")
    return "\n".join(rows)


def events(name: str) -> str:
    """Return what a dialect can do at each event of the default version: support, clause, whether a deny binds."""
    rows = ["| event | support | clause | a `deny` |", "|---|---|---|---|"]
    dialect = get_dialect(name)
    for event, found in dialect.described():
        clause = f"`{found.spelling}`" if found.spelling else ""
        support = f"{found.support}{_since(dialect, event)}, {found.verified}"
        rows.append(f"| `{event}` | {support} | {clause} | {_binds(found)}, {found.deny_binds.verified} |")
    return "\n".join(rows)


def cells(name: str) -> str:
    """Return every claim of a dialect about the default version; events that are alike stand together."""
    dialect = get_dialect(name)
    parts = []
    for details, same in groupby(dialect.described(), key=lambda each: _details(each[1])):
        names = ", ".join(f"`{event}`" for event, _ in same)
        parts.append("\n".join([f"| {names} | | known from |", "|---|---|---|", *details]))
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
    rows = [each for each in dialect.capabilities if each.event is event]
    if all(each.support is now.support for each in rows):
        return ""
    first = min(each.since for each in rows if each.support is now.support)
    return f" from {'.'.join(map(str, first))}"


def _binds(found: Capability) -> str:
    return "binds" if found.deny_binds else "does not bind"


def _details(found: Capability) -> tuple[str, ...]:
    said = {"support": (str(found.support), found.evidence)}
    if found.reason:
        said["why it is not native"] = (found.reason, found.evidence)
    for name, title in _CLAIMS.items():
        claim = found.cells[name]
        if claim.source:
            said[title] = (_binds(found) if name == "deny_binds" else str(claim), claim.evidence)
    rows = [f"| {title} | {escaped(text)} | {_known(evidence)} |" for title, (text, evidence) in said.items()]
    return (*rows, f"| what to do | {escaped(found.remedy)} | |") if found.remedy else tuple(rows)


def _known(evidence: Evidence) -> str:
    source = f"`{evidence.source}`" if evidence.verified is Verified.SERVER else escaped(evidence.source)
    return f"*{evidence.verified}*: {source}"


def _fact_rows(dialect: Dialect, fact: Fact) -> list[str]:
    if fact is Fact.EVENT:
        return [f"| `{fact}` | the portable name, as a literal or derived from `tg_event` |"]
    groups: dict[Spelling | None, list[Place]] = {}
    for place in _places(fact):
        found = dialect.spelling(fact, *place, dialect.parse_version(None))
        groups.setdefault(found.at(dialect.parse_version(None)) if found else None, []).append(place)
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


def questions(name: str) -> str:
    """Return what only a PolarDB can answer, with the statements to run and what each answer changes."""
    sections = []
    for number, (key, asked) in enumerate(asked_of(name).items(), 1):
        how = "`xtrig doctor` tries this, and takes it back:" if "tried" in asked else "To run by hand:"
        statements = "\n".join(
            each if each.startswith("--") else f"{each};" for each in asked.get("tried", asked.get("by_hand"))
        )
        head = f"## {number}. {key}\n\n{escaped(asked['asks'])}\n\n{how}"
        sections.append(f"{head}\n\n```sql\n{statements}\n```\n\nWhat the answer changes: {escaped(asked['changes'])}")
    return "\n\n".join(sections)


def helper_difference(case: str) -> str:
    """Return how the body of PolarDB's helper differs from that of PostgreSQL's function, of a golden case."""
    text = Path(__file__).parents[2].joinpath("tests", "golden", case, "triggers.yaml").read_text("utf-8")
    theirs, ours = (_body(text, dialect) for dialect in ("postgresql", "polardb"))
    return "```diff\n" + "\n".join(list(unified_diff(theirs, ours, n=0, lineterm=""))[2:]) + "\n```"


def _body(text: str, dialect: str) -> list[str]:
    made = next(each.sql for each in render(load_text(text), dialect) if each.sql.startswith("CREATE OR REPLACE FUNC"))
    return made.partition("\nAS ")[2].splitlines()
