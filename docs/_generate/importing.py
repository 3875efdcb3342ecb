"""What an import makes of the scripts of tests/import_samples.yaml."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from xtrig.errors import DefinitionError
from xtrig.findings import Finding
from xtrig.importer import Assembled, import_script

_FILE = Path(__file__).resolve().parents[2] / "tests" / "import_samples.yaml"
_BECOMES = {"steps": "portable", "kept": "kept", "refused": "refused"}
_WHY = {"kept": "XT405", "refused": "XT403"}


def listed() -> str:
    """Return a table of the scripts: what becomes of each, and what stands in the way."""
    given: Mapping[str, Mapping[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    lines = ["| a script with | for | it is | because |", "|---|---|---|---|"]
    lines += [
        f"| {name} | `{one.get('from', 'postgresql')}` | {_BECOMES[one['becomes']]} | {_why(one)} |"
        for name, one in given.items()
    ]
    return "\n".join(lines)


def counted() -> str:
    """Return how many scripts become what."""
    given: Mapping[str, Mapping[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    found = Counter(_BECOMES[one["becomes"]] for one in given.values())
    return f"Of {len(given)} scripts, {', '.join(f'{number} are {word}' for word, number in found.items())}."


def _why(one: Mapping[str, Any]) -> str:
    code = _WHY.get(one["becomes"])
    found = next((each for each in _findings(one) if each.code == code), None) if code else None
    if found is None:
        return ""
    message = found.message.partition("alone: ")[2] or found.message
    return message.replace("|", "\\|").replace("<", "&lt;")


def _findings(one: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        result: Assembled = import_script(one["script"].encode(), one.get("from", "postgresql"), "a.sql")
        yield from result.findings
    except DefinitionError as refused:
        yield from refused.findings
