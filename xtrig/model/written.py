"""A definition as YAML, and as the data that it is written from: what loads back equal."""

from __future__ import annotations

import re
from typing import Any

import yaml

from xtrig.model.steps import KINDS, STEP_LISTS
from xtrig.sqltext import shows_as_it_is

_WIDTH = 110
# PyYAML quotes the numbers of YAML 1.1; xtrig reads YAML 1.2, which has others.
_NUMBER_OF_1_2 = re.compile(r"[-+]?(\.?\d[\d_.]*([eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+)\Z")


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as block scalars."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else "'" if _NUMBER_OF_1_2.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def ordered(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a set as people write it: the key of a kind first, columns of a type alone as text."""
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
    made = {kind: step[kind], **step}
    made |= {key: _steps(made[key]) for key in STEP_LISTS & made.keys()}
    return made | ({"columns": _columns(made["columns"])} if "columns" in made else {})


def yaml_of(data: dict[str, Any]) -> str:
    """Return data as YAML, without a line break at the end."""
    for allow_unicode in (True, False):
        text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=allow_unicode, width=_WIDTH).rstrip("\n")
        if shows_as_it_is(text):
            break
    return text
