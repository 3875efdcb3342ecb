"""Errors of pydantic as findings: file, line, what was given, the nearest legal word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from xtrig.errors import suggest
from xtrig.findings import Finding, Path, Severity
from xtrig.load.yaml12 import Document
from xtrig.model.policies import Policies
from xtrig.model.steps import KINDS, STEP_LISTS
from xtrig.model.tables import Column, Table
from xtrig.model.triggers import Function, Trigger, TriggerSet
from xtrig.model.values import Model

_SECTIONS: dict[str, tuple[str, type[Model]]] = {
    "tables": ("table", Table),
    "functions": ("function", Function),
    "triggers": ("trigger", Trigger),
}
_QUOTED = re.compile(r"'([^']*)'")
_REMEDY = "see the model's page of the documentation, or: xtrig schema"


def explain(error: ValidationError, document: Document) -> list[Finding]:
    """Return one finding for each place in the document that is wrong, in the document's order."""
    findings: dict[Path, tuple[int, Finding]] = {}
    for details in error.errors(include_url=False):
        path = _document_path(details["loc"], document.data)
        weight = _weight(details)
        if path not in findings or weight > findings[path][0]:
            findings[path] = (weight, _finding(details, path, document))
    return sorted((found for _, found in findings.values()), key=_line)


def without_condition(document: Document) -> Iterator[Finding]:
    """Yield each ``when:`` with nothing behind it, or null. In SQL that is never true; in Python, no condition."""
    for path, location in document.locations.items():
        if path[-1:] == ("when",) and len(path) > 2 and path[-3] in STEP_LISTS and _at(document.data, path) is None:
            remedy = "write one, or leave the key out: the step is then run always"
            yield Finding("XT001", Severity.ERROR, _subject(path), "when: has no condition", remedy, path, location)


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part] if _holds(data, part) else ""
    return data


def _line(finding: Finding) -> int:
    return (finding.location.line or 0) if finding.location else 0


def _weight(details: ErrorDetails) -> int:
    # A value may be an expression, a number, a boolean or null: of these errors, the expression's is most useful.
    return {"value_error": 2, "string_type": 1}.get(details["type"], 0)


def _document_path(loc: tuple[int | str, ...], whole: Any) -> Path:
    """Return a path of the document for a path of pydantic, which also contains the names of union members."""
    path: list[int | str] = []
    data = whole
    for part in loc:
        if _is_member(part, path):
            path.append(_MEMBER)
        elif _holds(data, part):
            path.append(part)
            data = data[part]
    return tuple(part for part in path if part != _MEMBER)


def _holds(data: Any, part: int | str) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, dict) and part in data


_MEMBER = "\0member"


def _is_member(part: int | str, path: list[int | str]) -> bool:
    """Whether ``part`` names the kind of the step just entered, not a key of it."""
    return part in KINDS and len(path) > 1 and isinstance(path[-1], int) and path[-2] in STEP_LISTS


def _finding(details: ErrorDetails, path: Path, document: Document) -> Finding:
    message, remedy = _words(details, path, document)
    return Finding("XT001", Severity.ERROR, _subject(path), message, remedy, path, _place(path, document))


def _place(path: Path, document: Document) -> Any:
    while path and path not in document.locations:
        path = path[:-1]
    return document.locations.get(path)


def _subject(path: Path) -> str:
    if len(path) > 1 and path[0] in _SECTIONS:
        return f"{_SECTIONS[str(path[0])][0]} {path[1]!r}"
    return "definition"


def _words(details: ErrorDetails, path: Path, document: Document) -> tuple[str, str]:
    kind, given = details["type"], details["input"]
    key = _key(path)
    if kind == "extra_forbidden":
        return f"unknown key {path[-1]!r}", suggest(str(path[-1]), _legal_keys(path[:-1], document.data), "legal keys")
    if kind == "missing":
        return f"{key}the key {details['loc'][-1]!r} is missing", "add it"
    if kind == "union_tag_not_found":
        return _unknown_step(given)
    if kind in ("enum", "literal_error"):
        legal = _QUOTED.findall(str(details.get("ctx", {}).get("expected", ""))) or ["1"]
        return f"{key}{given!r} is not legal", suggest(str(given), legal, "legal values")
    if kind == "value_error":
        what, _, remedy = str(details["ctx"]["error"]).partition("; ")
        return key + what, remedy or _REMEDY
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"{key}expected a mapping of keys, got {_describe(given)}", "indent its keys below it"
    wanted = details["msg"].lower().removeprefix("input ").replace("tuple", "list").replace("dictionary", "mapping")
    return f"{key}{wanted}, got {_describe(given)}", _REMEDY


def _key(path: Path) -> str:
    inner = path[2:] if path and path[0] in _SECTIONS else path
    words = [f"step {part + 1}" if isinstance(part, int) else str(part) for part in inner]
    # "steps step 2" says "step" once too often.
    words = [word for word, following in zip(words, [*words[1:], ""], strict=False) if "step " not in following]
    return f"{' '.join(words)}: " if words else ""


def _unknown_step(given: Any) -> tuple[str, str]:
    if not isinstance(given, dict):
        return (
            f"a step is a mapping such as 'log: text', got {_describe(given)}",
            f"steps: {', '.join(KINDS)}",
        )
    if not given:
        return "an empty step", f"steps: {', '.join(KINDS)}"
    first = str(next(iter(given)))
    return f"unknown step {first!r}", suggest(first, KINDS, "steps")


def _describe(given: Any) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, dict):
        return "a mapping"
    if isinstance(given, list):
        return "a list"
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "..."


def _legal_keys(path: Path, data: Any) -> list[str]:
    model: type[Model] = TriggerSet
    for part in path:
        data = data[part]
        model = _inner(model, part, data)
    return [str(info.validation_alias or name) for name, info in model.model_fields.items()]


def _inner(model: type[Model], part: str | int, data: Any) -> type[Model]:
    """Return the model of the data at ``part``; names and list positions have the model of their owner."""
    if model is TriggerSet and part in _SECTIONS:
        return _SECTIONS[str(part)][1]
    if part == "defaults":
        return Policies
    if part == "columns":
        return Column
    if isinstance(part, int) and isinstance(data, dict):
        return KINDS.get(next((key for key in KINDS if key in data), ""), model)
    return model
