"""``xtrig check``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xtrig.cli import output_head
from xtrig.cli.exits import Exit
from xtrig.cli.parameters import (
    dialect_option,
    files_argument,
    form_option,
    load_definition,
    loadable_dialects,
    version_option,
)
from xtrig.cli.streams import quiet_option
from xtrig.errors import UsageError
from xtrig.findings import OWN_CODES, Finding, Severity
from xtrig.sqltext import as_json, one_line

if TYPE_CHECKING:
    from xtrig.checks import Examination

_ENTRY = re.compile(rb"""^[\s{]*["']?xtrig["']?\s*:""", re.MULTILINE)


@click.command("check")
@files_argument
@dialect_option(
    "Check the translation to this dialect too; may be given several times, or as 'all'.",
    "-d",
    "--dialect",
    "dialects",
    multiple=True,
)
@version_option
@click.option("--each", is_flag=True, help="Check each FILE as a definition of its own, not all as one set.")
@click.option("--skip-others", is_flag=True, help="Leave out FILEs without the entry 'xtrig': other YAML and JSON.")
@click.option(
    "--select",
    metavar="CODES",
    multiple=True,
    help="Show only findings of these codes, such as XT203, or XT2 for all that begin so; separate them by commas.",
)
@click.option(
    "--ignore",
    metavar="CODES",
    multiple=True,
    help="Leave out findings of these codes, even selected ones. A file that cannot be read is always one.",
)
@form_option(
    "text",
    "json",
    "sarif",
    "github",
    help_text="text (the default), json, sarif (SARIF 2.1.0, with waived findings as suppressed ones), or github "
    "(annotations of GitHub Actions).",
)
@quiet_option
def command(
    files: tuple[str, ...],
    dialects: tuple[str, ...],
    target_version: str | None,
    each: bool,
    skip_others: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    form: str,
) -> int:
    """Say what is wrong with a definition, and what to do about it.

    Findings go to stdout, a line each: file:line: what: why not; what to do [code]. The exit code is 1 if
    one of them is an error. A body is checked for the dialect it is written for, whether that is named or not.

    \b
      xtrig check
      xtrig check audit.yaml --dialect polardb --dialect postgresql
      xtrig check --dialect all --ignore XT211 --format sarif
    """
    selection = Selection.parse(select, ignore)
    if files and skip_others and not (files := tuple(file for file in files if _is_definition(file))):
        click.echo("xtrig: none of the files has the entry 'xtrig'", err=True)
        return Exit.OK
    found = [
        finding
        for named in ([(file,) for file in files] if each and files else [files])
        for finding in _findings(named, dialects, target_version)
    ]
    findings = [finding for finding in found if selection.has(finding)]
    standing = [finding for finding in findings if finding.waiver is None]
    has_error = any(finding.severity is Severity.ERROR for finding in standing)
    click.echo(_printed(findings, standing, form), nl=False)
    if form in ("text", "github"):
        is_all_said = bool(dialects) or has_error
        said = _summary(standing, len(findings) - len(standing)) + ("" if is_all_said else _UNTRANSLATED)
        click.echo(said, err=True)
    return Exit.FINDINGS if has_error else Exit.OK


def _is_definition(file: str) -> bool:
    """Whether a file has the entry that begins a definition; one that cannot be read is left to the check."""
    try:
        return _ENTRY.search(Path(file).read_bytes()) is not None
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return True


def _findings(files: tuple[str, ...], dialects: tuple[str, ...], target_version: str | None) -> list[Finding]:
    from xtrig.checks import examine
    from xtrig.errors import FindingsError

    try:
        triggers = load_definition(files)
    except FindingsError as error:
        return list(error.findings)
    examination = examine(triggers)
    more = [] if examination.has_error else _translations(examination, dialects, target_version)
    return list(dict.fromkeys([*examination.findings, *more]))


def _translations(examination: Examination, dialects: tuple[str, ...], target_version: str | None) -> list[Finding]:
    from xtrig.checks.waivers import unused
    from xtrig.registry import get_dialect

    is_all = "all" in dialects
    names = [dialect.name for dialect in loadable_dialects()] if is_all else dialects
    findings: list[Finding] = [] if dialects else _texts(examination)
    by_finding: dict[Finding, list[str]] = {}
    for name in dict.fromkeys(names):
        target = get_dialect(name)
        for finding in examination.translate(target, target.parse_version(target_version)).findings:
            by_finding.setdefault(finding, []).append(name)
    for finding, of in by_finding.items():
        findings.append(replace(finding, subject=f"{', '.join(of)}: {finding.subject}") if len(names) > 1 else finding)
    if is_all:
        # A waiver may be for one dialect alone: that it silences nothing is known when all have been asked.
        findings += unused(findings, examination.triggers, lambda code: not code.startswith(("XT0", "XT1", "XT4")))
    return findings


def _texts(examination: Examination) -> list[Finding]:
    """Return what is found in hand-written texts by the dialects that they are written for."""
    from xtrig.handwritten import written_for

    names = written_for(examination.resolved) if examination.resolved is not None else ()
    found: list[Finding] = []
    for target in loadable_dialects() if names else ():
        if target.name in names:
            found += examination.translate(target, target.parse_version(None)).findings
    return [finding for finding in found if finding.text_line is not None]


def _printed(findings: list[Finding], standing: list[Finding], form: str) -> str:
    if form == "sarif":
        from xtrig.cli.check_formats import sarif

        return as_json(sarif(findings)) + "\n"
    if form == "json":
        data = {**output_head("check"), "findings": [finding.to_dict() for finding in standing]}
        return as_json(data) + "\n"
    if form == "github":
        from xtrig.cli.check_formats import annotation

        return "".join(f"{annotation(finding)}\n" for finding in standing)
    return "".join(f"{one_line(str(finding))}\n" for finding in standing)


def _summary(standing: list[Finding], waived: int) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in standing)
    said = f"{errors} error{'s' if errors != 1 else ''}, {len(standing) - errors} other" if standing else "no findings"
    return said + (f"; {waived} waived" if waived else "")


_UNTRANSLATED = "; no translation was checked: add --dialect NAME, or --dialect all"
_UNREADABLE = "XT0"
"""The codes of files that cannot be read or merged, which are always shown."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Prefixes of codes to show (none: all codes), and prefixes to leave out of these."""

    selected: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @classmethod
    def parse(cls, select: Iterable[str], ignore: Iterable[str]) -> Selection:
        """Return the options, parsed. Raises :class:`~xtrig.errors.UsageError` for a prefix of no code."""
        return cls(_beginnings("--select", select), _beginnings("--ignore", ignore))

    def has(self, finding: Finding) -> bool:
        """Whether a finding is shown."""
        if finding.code.startswith(_UNREADABLE):
            return True
        is_selected = not self.selected or finding.code.startswith(self.selected)
        return is_selected and not (self.ignored and finding.code.startswith(self.ignored))


def _beginnings(option: str, given: Iterable[str]) -> tuple[str, ...]:
    words = tuple(word.strip().upper() for text in given for word in text.split(","))
    for word in words:
        if not word or not any(code.startswith(word) for code in _codes(word)):
            raise UsageError(f"{option}: no code begins with {word!r}; write codes such as XT203, or XT2 for a group")
    return words


def _codes(word: str) -> Iterable[str]:
    """Return the codes among which a word may begin one; those of plugins only where it can be none of xtrig's."""
    if word.startswith("XT"):
        return OWN_CODES
    from xtrig.registry import checks

    loadable_dialects()
    return checks()
