"""Variables of a definition: ``${vars.region}`` stands for what each database is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from xtrig.findings import Finding, Location, Severity
from xtrig.findings import Path as DefinitionPath

Variables = Mapping[str, Any]

_VARIABLE = re.compile(r"\$\{vars\.([^}]*)\}")
_UNSAFE = re.compile(r"[\x00-\x1f'\"\\$]")
_HOW = "give it with --var {name}=VALUE, or under vars in the file of --targets"


def substituted(
    data: Any, variables: Variables, locations: Mapping[DefinitionPath, Location], path: DefinitionPath = ()
) -> tuple[Any, list[Finding]]:
    """Return the data with a value in the place of each variable, and what is wrong with that.

    A text that is a variable and nothing else becomes its value, whatever that is. Within a text a value may hold no
    quote, so that it cannot end a literal.
    """
    if isinstance(data, dict):
        found = {key: substituted(value, variables, locations, (*path, key)) for key, value in data.items()}
        return {key: value for key, (value, _) in found.items()}, [
            each for _, wrong in found.values() for each in wrong
        ]
    if isinstance(data, list):
        listed = [substituted(value, variables, locations, (*path, number)) for number, value in enumerate(data)]
        return [value for value, _ in listed], [each for _, wrong in listed for each in wrong]
    if not isinstance(data, str) or "${vars." not in data:
        return data, []
    names = _VARIABLE.findall(data)
    whole = _VARIABLE.fullmatch(data)
    wrong = [_finding(problem, path, locations) for name in names if (problem := _problem(name, variables, whole))]
    if wrong:
        return data, wrong
    if whole:
        return variables[whole[1]], []
    return _VARIABLE.sub(lambda each: str(variables[each[1]]), data), []


def _problem(name: str, variables: Variables, whole: object) -> tuple[str, str] | None:
    if name not in variables:
        return f"the variable {name!r} has no value", _HOW.format(name=name)
    value = variables[name]
    if whole:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return f"the variable {name!r} stands within a text, and its value is no text", "write the value as a text"
    if _UNSAFE.search(str(value)):
        return (
            f"the variable {name!r} stands within a text, and its value holds a quote, $, a backslash or a line break",
            "give it another value, or let the variable be the whole text",
        )
    return None


def _finding(problem: tuple[str, str], path: DefinitionPath, locations: Mapping[DefinitionPath, Location]) -> Finding:
    at = path
    while at and at not in locations:
        at = at[:-1]
    return Finding("XT001", Severity.ERROR, "definition", *problem, path, locations.get(at))
