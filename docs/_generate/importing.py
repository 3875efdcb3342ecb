"""What an import makes of the sample scripts of the tests: tests/import_samples.yaml, and the files in tests/import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from xtrig.errors import DefinitionError
from xtrig.findings import Finding
from xtrig.importer import import_script

_TESTS = Path(__file__).resolve().parents[2] / "tests"
_WHY = {"kept": "XT405", "refused": "XT403"}


class _Sample(NamedTuple):
    name: str
    dialect: str
    becomes: str
    """portable, kept or refused."""
    because: str


def counted() -> str:
    """Return how many scripts become what, in a table with a line for each dialect."""
    samples = _samples()
    kinds = ("portable", *_WHY)
    found = Counter((each.dialect, each.becomes) for each in samples)
    lines = [f"| scripts for | {' | '.join(kinds)} | all |", f"|---{'|---:' * (len(kinds) + 1)}|"]
    for dialect in dict.fromkeys(each.dialect for each in samples):
        numbers = [found[dialect, kind] for kind in kinds]
        lines.append(f"| `{dialect}` | {' | '.join(map(str, numbers))} | {sum(numbers)} |")
    numbers = [sum(each.becomes == kind for each in samples) for kind in kinds]
    return "\n".join([*lines, f"| all | {' | '.join(map(str, numbers))} | {len(samples)} |"])


def understood() -> str:
    """Return a list of the scripts that become portable."""
    found = [each for each in _samples() if each.becomes == "portable"]
    return "\n".join(f"- {each.name} (`{each.dialect}`)" for each in found)


def left() -> str:
    """Return a table of the scripts of which a body is kept, or which are refused, and what stands in the way."""
    found = sorted((each for each in _samples() if each.becomes != "portable"), key=lambda each: each.becomes)
    lines = ["| a script with | for | it is | because |", "|---|---|---|---|"]
    return "\n".join(
        [*lines, *(f"| {each.name} | `{each.dialect}` | {each.becomes} | {each.because} |" for each in found)]
    )


@cache
def _samples() -> Sequence[_Sample]:
    return tuple(_read())


def _read() -> Iterator[_Sample]:
    for name, given in yaml.safe_load((_TESTS / "import_samples.yaml").read_text("utf-8")).items():
        yield _sample(name, given.get("from", "postgresql"), given["script"])
    for file in sorted((_TESTS / "import").glob("*.sql")):
        text = file.read_text("utf-8")
        yield _sample(file.stem.replace("-", " "), text.partition("\n")[0].removeprefix("-- "), text)


def _sample(name: str, dialect: str, script: str) -> _Sample:
    findings: Sequence[Finding]
    try:
        result = import_script(script.encode(), dialect, "a.sql")
        parts = (*result.triggers.functions.values(), *result.triggers.triggers.values())
        becomes, findings = "kept" if any(part.body for part in parts) else "portable", result.findings
    except DefinitionError as refused:
        becomes, findings = "refused", refused.findings
    said = [each.message for each in findings if each.code == _WHY.get(becomes)] or [each.message for each in findings]
    because = said[0].partition("alone: ")[2] or said[0] if said and becomes != "portable" else ""
    return _Sample(name, dialect, becomes, because.replace("|", "\\|").replace("<", "&lt;"))
