"""The page of session facts: each with its expression on every dialect."""

from __future__ import annotations

import re

from _generate.cases import TITLES, Case, Outcome, code, escaped, known_from, outcomes
from xtrig import Script, TriggerSet
from xtrig.dialect import Spelling
from xtrig.expressions import parse_template
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
    if fact is Fact.EVENT:
        return f"{code(found.text)} *written by xtrig*"
    text, spelling = _declared(found, fact, triggers.triggers["note"].event)
    return f"{code(text)} {known_from(spelling)}"


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


def _is_written(sql: str, text: str) -> bool:
    """Whether a text is a spelling, with an argument in the place of ``{}`` as the vendor reads it."""
    before, is_asked, after = sql.partition("{}")
    return text == before or (bool(is_asked) and text.startswith(before) and text.endswith(after))


def _declared(found: Outcome, fact: Fact, event: Event) -> tuple[str, Spelling]:
    """Return the expression that was rendered, or where a variable holds it the one that is declared."""
    dialect = get_dialect(found.dialect)
    spellings = (*dialect.spellings[fact], *SYSTEM.get(fact, ()))
    written = parse_template(f"${{{example(fact)}}}")
    declared = [(written.fill(lambda _, each=each: each.sql), each) for each in spellings if event in each.events]
    rendered = [each for each in declared if _is_written(each[1].sql, found.text)]
    # Oracle's makes a text of it for the column.
    rendered = rendered or [each for each in declared if each[0] in found.text]
    if not rendered and found.dialect != "mariadb":
        raise ValueError(f"{found.dialect} declares no {fact} as {found.text}")
    return (rendered or declared)[0]
