"""The page of session facts: each with its expression on every dialect."""

from __future__ import annotations

import re

from _generate.cases import TITLES, Case, Outcome, code, escaped, known_from, outcomes
from xtrig import Script, TriggerSet
from xtrig.facts import ALL_EVENTS, DDL_EVENTS, FACTS, Event, Fact, FactInfo, example
from xtrig.model import ForEach, Insert, Step
from xtrig.registry import get_dialect
from xtrig_polardb.spellings import SYSTEM

_PLACES = {
    "session": {"logon": "at logon", "ddl": "in DDL events"},
    "ddl": {"ddl": "in DDL events", "ddl_command": "for each command"},
    "item": {"ddl_command": "for each command", "dropped_object": "for each dropped object"},
    "rewrite": {"rewrite": "at table_rewrite"},
}
"""The cases that show a kind of fact, and the place that each stands for."""


def sections(kind: str) -> str:
    """Return the facts that are known first at a kind of event: session, ddl, item or rewrite."""
    return "\n\n".join(_section(fact, kind) for fact, info in FACTS.items() if _kind(info) == kind)


def _kind(info: FactInfo) -> str:
    if info.items_only:
        return "item"
    return {ALL_EVENTS: "session", DDL_EVENTS: "ddl"}.get(info.events, "rewrite")


def _section(fact: Fact, kind: str) -> str:
    info = FACTS[fact]
    rows = ["| dialect | expression, and how it is known |", "|---|---|"]
    for dialect, title in TITLES.items():
        found = {place: _cell(case, fact, dialect) for case, place in _PLACES[kind].items()}
        differs = len(set(found.values())) > 1
        rows += dict.fromkeys(f"| {title}{f', {place}' if differs else ''} | {cell} |" for place, cell in found.items())
    shown = f"```yaml\n{fact}: ${{{example(fact)}}}\n```"
    return "\n\n".join([f"### {fact}", f"{escaped(info.meaning)} Type: `{info.type}`.", shown, "\n".join(rows)])


def _cell(name: str, fact: Fact, dialect: str) -> str:
    triggers = Case(f"facts/{name}").load()
    found = next(each for each in outcomes(_only(triggers, fact), _value, [dialect]) if each.dialect == dialect)
    if found.errors:
        return f"refused with `{found.errors[0].code}`"
    return f"{code(found.text)} {_known(found, fact, triggers.triggers['note'].event)}"


def _only(triggers: TriggerSet, fact: Fact) -> TriggerSet:
    """Return the set with its insert cut down to one fact."""
    trigger = triggers.triggers["note"]
    changed = trigger.model_copy(update={"steps": tuple(_cut(step, fact) for step in trigger.steps)})
    return triggers.model_copy(update={"triggers": {"note": changed}})


def _cut(step: Step, fact: Fact) -> Step:
    if isinstance(step, ForEach):
        return step.model_copy(update={"do": tuple(_cut(inner, fact) for inner in step.do)})
    if isinstance(step, Insert):
        return step.model_copy(update={"values": {"value": f"${{{example(fact)}}}"}})
    raise TypeError(f"a case of facts inserts; it has a {type(step).__name__}")


_AS_TEXT = re.compile(r"CASE WHEN (.*) THEN 'true' WHEN NOT \1 THEN 'false' END")
"""A boolean as the text that PostgreSQL makes of it."""


def _value(script: Script) -> str:
    """Return the one value that the script inserts."""
    lines = str(script).splitlines()
    first = max(number for number, line in enumerate(lines) if line.strip().startswith("VALUES ("))
    text = lines[first].strip()
    value = text.removeprefix("VALUES (").removesuffix(");") if text.endswith(");") else lines[first + 1].strip()
    as_text = _AS_TEXT.fullmatch(value)
    return as_text[1] if as_text else value


def _known(found: Outcome, fact: Fact, event: Event) -> str:
    if fact is Fact.EVENT:
        return "*written by xtrig*"
    declared = get_dialect(found.dialect).spellings[fact]
    for spelling in (*declared, *SYSTEM.get(fact, ())):
        # In ``{}`` goes an argument, as the vendor reads it.
        before, is_asked, after = spelling.sql.partition("{}")
        is_written = found.text == before or (is_asked and found.text.startswith(before) and found.text.endswith(after))
        if is_written and event in spelling.events:
            return known_from(spelling)
    raise ValueError(f"{found.dialect} declares no {fact} as {found.text}")
