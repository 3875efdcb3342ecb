"""A definition as commented YAML, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent
from typing import Any

from xtrig.findings import Finding
from xtrig.importer.assemble import Assembled
from xtrig.model.written import ordered, yaml_of
from xtrig.sqltext import as_json, one_line

_SECTIONS = ("tables", "functions", "triggers")


def to_yaml(result: Assembled) -> str:
    """Return the definition as YAML, with each finding as a comment where it applies."""
    return "\n".join(_lines(result)) + "\n"


def to_json(result: Assembled) -> str:
    """Return the definition as JSON, without comments."""
    return as_json(ordered(result.triggers.to_dict())) + "\n"


def _lines(result: Assembled) -> Iterator[str]:
    data = ordered(result.triggers.to_dict())
    comments: dict[tuple[str, str] | None, list[str]] = {}
    for finding in result.findings:
        comments.setdefault(_place(finding, data), []).append(f"# {one_line(_comment(finding))}")
    yield f"# Imported from {one_line(result.origin)}; read the comments before you use it."
    yield from comments.get(None, ())
    yield "xtrig: 1"
    yield yaml_of({key: data[key] for key in ("schema", "name") if key in data})
    if "sessions" in data:
        yield from ("", yaml_of({"sessions": data["sessions"]}))
    for section in _SECTIONS:
        if section in data:
            yield from ("", f"{section}:")
            for name, part in data[section].items():
                yield from (f"  {comment}" for comment in comments.get((section, name), ()))
                yield indent(yaml_of({name: part}), "  ", lambda line: bool(line.strip()))


def _place(finding: Finding, data: dict[str, Any]) -> tuple[str, str] | None:
    """Return the section and name that a finding is about; a function may be written in its trigger."""
    kind, _, quoted = finding.subject.partition(" ")
    name = quoted[1:-1]
    for section in (f"{kind}s", "triggers"):
        if section in _SECTIONS and kind != "statement" and name in data.get(section, {}):
            return section, name
    return None


def _comment(finding: Finding) -> str:
    place = f"line {finding.location.line}: " if finding.location and finding.location.line else ""
    subject = f"{finding.subject}: " if finding.subject.startswith("statement ") else ""
    return f"{place}{subject}{finding.message}; {finding.remedy} [{finding.code}]"
