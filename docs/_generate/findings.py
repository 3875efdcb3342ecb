"""Every finding code, with a finding that xtrig really gives."""

from __future__ import annotations

from functools import cache

import xtrig
from _generate.cases import Case, escaped
from xtrig.checks import check, check_translation
from xtrig.errors import FindingsError
from xtrig.findings import CODES, Finding
from xtrig.importer import import_script
from xtrig.registry import get_dialect
from xtrig.resolve import resolve


def table() -> str:
    """Return the table of all codes, and the list of their pages that Sphinx needs."""
    rows = ["| code | severity | title |", "|---|---|---|"]
    for code, title in CODES.items():
        rows.append(f"| [{code}](checks/{code}.md) | {_example(code).severity} | {escaped(title)} |")
    pages = "\n".join(f"checks/{code}" for code in CODES)
    return "\n".join(rows) + f"\n\n```{{toctree}}\n:hidden:\n\n{pages}\n```"


def heading(code: str) -> str:
    """Return the title of a code's page, and how much its findings weigh."""
    found = _example(code)
    waivable = " that [`ignore`](../model/index.md#waivers) may silence" if found.waivable else ""
    weight = f"an {found.severity}" if found.severity == "error" else f"a {found.severity}"
    return (
        f"# {code}: {escaped(CODES[code])}\n\nThis is {weight}{waivable}. All codes are in [findings](../findings.md)."
    )


def example(code: str) -> str:
    """Return a definition, and what xtrig prints about it."""
    case = Case(f"findings/{code}")
    if case.is_script:
        return _script_example(code, case)
    target = " ".join(filter(None, (case.option("dialect"), case.option("version"))))
    where = f"For `{target}`" if target else "For any dialect"
    said = _wrapped(str(_example(code)))
    return f"## Example\n\n```yaml\n{case.yaml}\n```\n\n{where}:\n\n```text\n{said}\n```"


def _script_example(code: str, case: Case) -> str:
    said = _wrapped(str(_example(code)))
    command = f"xtrig import triggers.sql --from {case.option('dialect')}"
    return f"## Example\n\n```sql\n{case.yaml}\n```\n\n```console\n$ {command}\n{said}\n```"


def _wrapped(message: str) -> str:
    """Break a message at its own joints, so that it can be read on a narrow screen."""
    return message.replace("; ", ";\n    ")


@cache
def _example(code: str) -> Finding:
    return next(each for each in _findings(Case(f"findings/{code}")) if each.code == code)


def _findings(case: Case) -> list[Finding]:
    try:
        if case.is_script:
            script = f"{case.yaml}\n".encode()
            return list(import_script(script, case.option("dialect") or "", "triggers.sql").findings)
        triggers = case.load()
    except FindingsError as error:
        return list(error.findings)
    name = case.option("dialect")
    return check(triggers) if name is None else _translated(triggers, name, case.option("version"))


def _translated(triggers: xtrig.TriggerSet, name: str, version: str | None) -> list[Finding]:
    dialect = get_dialect(name)
    found = check_translation(resolve(triggers), dialect, dialect.parse_version(version))
    return [each.at(triggers.locate(each.path)) for each in found]
