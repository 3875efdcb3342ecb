"""Which lines of a rendered script a page shows."""

from __future__ import annotations

import re
from textwrap import dedent

from xtrig import Script, TriggerSet
from xtrig.model import Sql

_BEGIN, _END = "/* docs_begin */ NULL", "/* docs_end */ NULL"


def marked(triggers: TriggerSet) -> TriggerSet:
    """Return the set with a marker before and after the steps of its trigger.

    The steps run unguarded there, so that the guards of the markers do not stand between them.
    """
    (name, trigger), *_ = triggers.triggers.items()
    steps = (Sql(sql=_BEGIN), *trigger.steps, Sql(sql=_END))
    changed = trigger.model_copy(update={"steps": steps, "standby": "run"})
    return triggers.model_copy(update={"triggers": {name: changed}})


def between_markers(script: Script) -> str:
    """Return the lines of the steps."""
    lines = str(script).splitlines()
    first = next(number for number, line in enumerate(lines) if line.strip() == f"{_BEGIN};")
    last = next(number for number, line in enumerate(lines) if line.strip() == f"{_END};")
    return dedent("\n".join(lines[first + 1 : last]))


def function(script: Script) -> str:
    """Return the statements that create functions, or triggers which hold their body themselves."""
    wanted = re.compile(r"CREATE OR (REPLACE|ALTER) (FUNCTION|TRIGGER)")
    return "\n\n".join(f"{each.sql};" for each in script if wanted.match(each.sql))


def trigger(script: Script) -> str:
    """Return what creates the triggers, without the look-ups around it."""
    wanted = re.compile(r"^ *((?:CREATE|ALTER) EVENT TRIGGER [^;]*;)", re.MULTILINE)
    found = [statement for each in script for statement in wanted.findall(f"{each.sql};")]
    return "\n".join(re.sub(r"\n +", "\n    ", statement) for statement in found)


def outline(script: Script) -> str:
    """Return the purpose of each statement that has one."""
    return "\n".join(f"-- {each.purpose}" for each in script if each.purpose)


def policy(name: str, script: Script) -> str:
    """Return the comment of a policy and the statement or clause that follows it, wherever they stand."""
    lines = str(script).splitlines()
    starts = [number for number, line in enumerate(lines) if line.strip().startswith(f"-- {name}:")]
    heads = [f"{line}\n    ..." for line in lines if name == "security" and " AUTHID " in line]
    found = dict.fromkeys(dedent("\n".join(_construct(lines, start))) for start in starts)
    return "\n".join([*heads, "\n\n".join(found)])


def _construct(lines: list[str], start: int) -> list[str]:
    indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
    following = lines[start + 1].strip()
    for opening, closing in (("IF ", "END IF;"), ("EXCEPTION ", "END;")):
        if following.startswith(opening):
            return lines[start : lines.index(f"{indent}{closing}", start) + 1]
    if following.startswith("--"):
        return lines[start : start + 1]
    if following.startswith(("SECURITY", "SET ")):
        end = next(n for n in range(start + 1, len(lines)) if lines[n].strip().startswith(("--", "AS ")))
        return lines[start:end]
    return lines[start : start + 2]
