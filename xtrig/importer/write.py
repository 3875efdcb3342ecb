"""A definition as commented YAML, or as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from textwrap import indent
from typing import Any

import yaml

from xtrig.findings import Finding
from xtrig.importer.assemble import Assembled
from xtrig.model import TriggerSet
from xtrig.model.steps import KINDS, STEP_LISTS
from xtrig.sqltext import one_line, shows_as_it_is

_SECTIONS = ("tables", "functions", "triggers")
_WIDTH = 110
# PyYAML quotes the numbers of YAML 1.1; xtrig reads YAML 1.2, which has others.
_NUMBER_OF_1_2 = re.compile(r"[-+]?(\.?\d[\d_.]*([eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+)\Z")


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as block scalars."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else "'" if _NUMBER_OF_1_2.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(result: Assembled) -> str:
    """Return the definition as YAML, with each finding as a comment where it applies."""
    return "\n".join(_lines(result)) + "\n"


def to_json(result: Assembled) -> str:
    """Return the definition as JSON, without comments."""
    text = json.dumps({"xtrig": 1, **_data(result.triggers)}, indent=2, ensure_ascii=False)
    return (text if shows_as_it_is(text) else json.dumps(json.loads(text), indent=2)) + "\n"


def _data(triggers: TriggerSet) -> dict[str, Any]:
    data: dict[str, Any] = triggers.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for table in data.get("tables", {}).values():
        table |= {"columns": _columns(table["columns"])} if "columns" in table else {}
    data |= {
        "triggers": {name: {"event": trigger["event"], **trigger} for name, trigger in data.get("triggers", {}).items()}
    }
    for part in (*data.get("functions", {}).values(), *data.get("triggers", {}).values()):
        part |= {"steps": _steps(part["steps"])} if "steps" in part else {}
    return {key: value for key, value in data.items() if value or key in ("schema", "sessions")}


def _columns(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: column["type"] if set(column) == {"type"} else column for name, column in columns.items()}


def _steps(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return steps, each with the key of its kind first."""
    return [_step(step) for step in steps]


def _step(step: dict[str, Any]) -> dict[str, Any]:
    kind = next(key for key in KINDS if key in step)
    ordered = {kind: step[kind], **step}
    ordered |= {key: _steps(ordered[key]) for key in STEP_LISTS & ordered.keys()}
    ordered |= {"columns": _columns(ordered["columns"])} if "columns" in ordered else {}
    return ordered


def _lines(result: Assembled) -> Iterator[str]:
    data = _data(result.triggers)
    comments: dict[tuple[str, str] | None, list[str]] = {}
    for finding in result.findings:
        comments.setdefault(_place(finding, data), []).append(f"# {one_line(_comment(finding))}")
    yield f"# Imported from {one_line(result.origin)}; read the comments before you use it."
    yield from comments.get(None, ())
    yield "xtrig: 1"
    yield _dumped({key: data[key] for key in ("schema", "name") if key in data})
    if "sessions" in data:
        yield from ("", _dumped({"sessions": data["sessions"]}))
    for section in _SECTIONS:
        if section in data:
            yield from ("", f"{section}:")
            for name, part in data[section].items():
                yield from (f"  {comment}" for comment in comments.get((section, name), ()))
                yield indent(_dumped({name: part}), "  ", lambda line: bool(line.strip()))


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


def _dumped(data: dict[str, Any]) -> str:
    for allow_unicode in (True, False):
        text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=allow_unicode, width=_WIDTH).rstrip("\n")
        if shows_as_it_is(text):
            break
    return text
