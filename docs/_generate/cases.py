"""The definitions of docs/model_cases, and what xtrig makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from textwrap import dedent

import xtrig
from xtrig.dialect import Spelling
from xtrig.errors import FindingsError
from xtrig.findings import Finding, Severity

CASES = Path(__file__).resolve().parent.parent / "model_cases"

# Not xtrig.dialects(): other dialects may be installed where the pages are made.
TITLES = {
    "postgresql": "PostgreSQL",
    "polardb": "PolarDB",
    "polardb-oracle": "PolarDB for Oracle",
    "mariadb": "MariaDB",
    "firebird": "Firebird",
    "oracle": "Oracle",
}
FAMILY = tuple(TITLES)[:3]
"""Those that the pages of the model show: functions in plpgsql and PL/SQL, whose steps and clauses can be cut out."""


@dataclass(frozen=True)
class Case:
    """A definition: ``# key: value`` lines first, then a sentence in a comment, then the text itself."""

    name: str

    @property
    def text(self) -> str:
        """The whole file."""
        return (CASES / f"{self.name}.yaml").read_text("utf-8")

    @property
    def yaml(self) -> str:
        """The file without its first comment."""
        lines = self.text.splitlines()
        while lines and lines[0].startswith("#"):
            del lines[0]
        return "\n".join(lines).strip()

    @property
    def remarks(self) -> list[str]:
        """The lines of the first comment."""
        lines = self.text.splitlines()
        end = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
        return [line.removeprefix("#").strip() for line in lines[:end]]

    def option(self, key: str) -> str | None:
        """Return what a line ``# key: value`` says."""
        return next((line.partition(": ")[2] for line in self.remarks if line.startswith(f"{key}: ")), None)

    def part(self, key: str) -> str:
        """Return the YAML from the line that begins with ``key:`` to the end of its block."""
        lines = self.yaml.splitlines()
        first = next(number for number, line in enumerate(lines) if line.strip().startswith(f"{key}:"))
        indent = len(lines[first]) - len(lines[first].lstrip())
        end = next(
            (
                number
                for number, line in enumerate(lines[first + 1 :], first + 1)
                if line.strip() and len(line) - len(line.lstrip()) <= indent
            ),
            len(lines),
        )
        return dedent("\n".join(lines[first:end])).rstrip()

    def load(self) -> xtrig.TriggerSet:
        """Return the definition."""
        return xtrig.load_text(self.yaml, "xtrig.yaml")


@dataclass(frozen=True)
class Outcome:
    """What one dialect made of a definition: a text to show, or errors; and remarks that came with it."""

    dialect: str
    text: str
    errors: tuple[Finding, ...] = ()
    remarks: tuple[Finding, ...] = ()


def outcomes(
    triggers: xtrig.TriggerSet, shown: Callable[[xtrig.Script], str], dialects: Iterable[str] = FAMILY
) -> Iterator[Outcome]:
    """Yield what each dialect makes of a set; ``shown`` picks the text from the script."""
    for dialect in dialects:
        try:
            script = xtrig.render(triggers, dialect)
        except FindingsError as error:
            errors = tuple(each for each in error.findings if each.severity is Severity.ERROR)
            yield Outcome(dialect, "", errors)
        else:
            yield Outcome(dialect, shown(script), remarks=script.warnings)


def shown(found: list[Outcome]) -> str:
    """Return outcomes as Markdown; dialects that say the same stand together."""
    blocks: list[str] = []
    for _, same in groupby(found, key=lambda each: (each.text, [e.code for e in each.errors])):
        group = list(same)
        title = ", ".join(f"**{TITLES[each.dialect]}**" for each in group)
        if group[0].errors:
            said = "\n".join(f"{plain(error)} `{error.code}`" for error in _distinct(group[0].errors))
            blocks.append(f":::{{admonition}} Refused on {', '.join(TITLES[e.dialect] for e in group)}\n{said}\n:::")
            continue
        text = f"{title}: nothing is rendered for it."
        if group[0].text:
            language = "postgresql" if group[0].dialect == "postgresql" or "$xtrig" in group[0].text else "sql"
            text = f"{title}\n\n```{language}\n{group[0].text}\n```"
        blocks += [text, *(f"*{plain(remark)}* `{remark.code}`" for remark in group[0].remarks)]
    return "\n\n".join(blocks)


def plain(finding: Finding) -> str:
    """Return a finding as a sentence of Markdown, without its place."""
    kind = "" if finding.severity is Severity.ERROR else f"{finding.severity}: "
    return escaped(f"{kind}{finding.subject}: {finding.message}; {finding.remedy}")


def escaped(text: str) -> str:
    """Return text with the characters escaped that Markdown would read."""
    for char in "\\*_`<{[|":
        text = text.replace(char, f"\\{char}")
    return text


def known_from(spelling: Spelling) -> str:
    """Return how a spelling is known, and its note where that says more."""
    return f"*{spelling.verified}*{'; ' + escaped(spelling.remark) if spelling.remark else ''}"


def code(text: str) -> str:
    """Return SQL as a cell of a table."""
    return f"`{text}`".replace("|", "\\|")


def _distinct(errors: tuple[Finding, ...]) -> list[Finding]:
    return list({error.message: error for error in errors}.values())
