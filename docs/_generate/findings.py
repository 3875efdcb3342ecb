"""Every finding code, with a finding that xtrig really gives."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import xtrig
from _generate.cases import TITLES, escaped
from xtrig.checks import examine
from xtrig.errors import FindingsError
from xtrig.findings import Check, Finding
from xtrig.importer import import_script
from xtrig.registry import checks, get_dialect

ROOT = Path(__file__).resolve().parents[2]


@cache
def codes() -> dict[str, type[Check[Any]]]:
    """Return the checks by their codes, xtrig's own before those of dialects."""
    for name in TITLES:
        get_dialect(name)
    return dict(sorted(checks().items(), key=lambda item: not item[0].startswith("XT")))


def table() -> str:
    """Return the table of all codes, and the list of their pages that Sphinx needs."""
    rows = ["| code | severity | title |", "|---|---|---|"]
    rows += [
        f"| [{code}](checks/{code}.md) | {each.severity} | {escaped(each.title())} |" for code, each in codes().items()
    ]
    pages = "\n".join(f"checks/{code}" for code in codes())
    return "\n".join(rows) + f"\n\n```{{toctree}}\n:hidden:\n\n{pages}\n```"


def source(check: type[Check[Any]]) -> str:
    """Return the file that a check's page is made from."""
    return Path(inspect.getfile(check)).relative_to(ROOT).as_posix()


def page(code: str) -> str:
    """Return the page of a code: its check's docstring, and an example with what xtrig says about it."""
    check = codes()[code]
    explained = re.split(r"^(Remedy|Source): ", inspect.getdoc(check) or "", flags=re.MULTILINE)
    problem, _, remedy, _, known_from = explained
    waivable = " that [`ignore`](../model/index.md#waivers) may silence" if check.waivable else ""
    weight = f"an {check.severity}" if check.severity == "error" else f"a {check.severity}"
    sections = {
        "Problem": problem.partition("\n")[2],
        "Example": _shown(code, example(code)),
        "Remedy": remedy,
        "Source": known_from,
    }
    return "\n\n".join(
        [
            f"# {code}: {escaped(check.title())}",
            f"This is {weight}{waivable}. All codes are in [findings](../findings.md).",
            *(f"## {name}\n\n{text.strip()}" for name, text in sections.items()),
        ]
    )


@dataclass(frozen=True)
class Example:
    """A definition, or a script to import, in which xtrig finds something; on a dialect if that matters."""

    text: str
    is_script: bool
    dialect: str = ""
    version: str | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What xtrig finds in it."""
        try:
            if self.is_script:
                return import_script(self.text.encode(), self.dialect, "triggers.sql").findings
            examination = examine(xtrig.load_text(self.text, "xtrig.yaml"))
        except FindingsError as error:
            return tuple(error.findings)
        if examination.has_error or not self.dialect:
            return examination.findings
        dialect = get_dialect(self.dialect)
        return examination.translate(dialect, dialect.parse_version(self.version)).findings


@cache
def example(code: str) -> Example:
    """Return the example of a check: it stands beside it, in the YAML or SQL file of its topic."""
    topic = Path(inspect.getfile(codes()[code]))
    for file, mark in ((topic.with_suffix(".yaml"), "#"), (topic.with_suffix(".sql"), "--")):
        text = file.read_text("utf-8") if file.exists() else ""
        head = re.compile(rf"^(?:---\n)?{mark} ([A-Z]+\d+)(?: on (\S+)(?: (\S+))?)?\n", re.MULTILINE)
        _, *parts = head.split(text)
        for found, dialect, version, body in zip(*[iter(parts)] * 4, strict=True):
            if found == code:
                return Example(f"{body.strip()}\n", file.suffix == ".sql", dialect or "", version)
    raise LookupError(f"{code} has no example beside {topic}")


def _shown(code: str, case: Example) -> str:
    finding = next(each for each in case.findings if each.code == code)
    said = str(finding).replace("; ", ";\n    ")  # so that it can be read on a narrow screen
    if case.is_script:
        command = f"xtrig import triggers.sql --from {case.dialect}"
        return f"```sql\n{case.text}```\n\n```console\n$ {command}\n{said}\n```"
    target = " ".join(filter(None, (case.dialect, case.version)))
    where = f"For `{target}`" if target else "For any dialect"
    return f"```yaml\n{case.text}```\n\n{where}:\n\n```text\n{said}\n```"
