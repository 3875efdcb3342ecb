"""Every finding code, with a finding that xtrig really gives."""

from __future__ import annotations

import xtrig
from _generate.cases import Case, escaped
from xtrig.checks import check, check_translation
from xtrig.errors import FindingsError
from xtrig.findings import CODES, Finding
from xtrig.registry import get_dialect
from xtrig.resolve import resolve


def table() -> str:
    """Return the table of all codes."""
    rows = ["| code | severity | title |", "|---|---|---|"]
    for code, title in CODES.items():
        rows.append(f"| [{code}](#{code.lower()}) | {_example(code).severity} | {escaped(title)} |")
    return "\n".join(rows)


def sections() -> str:
    """Return a section for each code: what it means, and an example."""
    return "\n\n".join(_section(code, title) for code, title in CODES.items())


def _section(code: str, title: str) -> str:
    case = Case(f"findings/{code}")
    said = " ".join(line for line in case.remarks if not line.startswith(("dialect: ", "version: ")))
    example = _wrapped(str(_example(code)))
    return f"({code.lower()})=\n### {code}\n\n**{escaped(title)}.** {said}\n\n```text\n{example}\n```"


def _wrapped(message: str) -> str:
    """Break a message at its own joints, so that it can be read on a narrow screen."""
    return message.replace("; ", ";\n    ")


def _example(code: str) -> Finding:
    case = Case(f"findings/{code}")
    return next(each for each in _findings(case) if each.code == code)


def _findings(case: Case) -> list[Finding]:
    try:
        triggers = case.load()
    except FindingsError as error:
        return list(error.findings)
    name = case.option("dialect")
    return check(triggers) if name is None else _translated(triggers, name, case.option("version"))


def _translated(triggers: xtrig.TriggerSet, name: str, version: str | None) -> list[Finding]:
    dialect = get_dialect(name)
    found = check_translation(resolve(triggers), dialect, dialect.parse_version(version))
    return [each.at(triggers.locate(each.path)) for each in found]
