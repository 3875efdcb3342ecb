"""``xtrig check``."""

from __future__ import annotations

import json

import click

from xtrig.cli.exits import Exit
from xtrig.cli.parameters import complete_dialect, files_argument, load_definition, loadable_dialects, version_option
from xtrig.findings import Finding, Severity
from xtrig.model import TriggerSet
from xtrig.sqltext import one_line


@click.command("check")
@files_argument
@click.option(
    "-d",
    "--dialect",
    "dialects",
    metavar="DIALECT",
    shell_complete=complete_dialect,
    multiple=True,
    help="Check the translation to this dialect too; may be given several times, or as 'all'.",
)
@version_option
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="text or json.")
def command(files: tuple[str, ...], dialects: tuple[str, ...], target_version: str | None, form: str) -> int:
    """Say what is wrong with a definition, and what to do about it.

    Findings go to stdout, a line each: file:line: what: why not; what to do [code]. The exit code is 1 if
    one of them is an error.

    \b
      xtrig check
      xtrig check audit.yaml --dialect polardb --dialect postgresql
    """
    findings = _findings(files, dialects, target_version)
    if form == "json":
        click.echo(json.dumps([finding.to_dict() for finding in findings], indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(one_line(str(finding)))
        click.echo(_summary(findings), err=True)
    return Exit.FINDINGS if any(finding.severity is Severity.ERROR for finding in findings) else Exit.OK


def _findings(files: tuple[str, ...], dialects: tuple[str, ...], target_version: str | None) -> list[Finding]:
    from xtrig.checks import check
    from xtrig.errors import FindingsError

    try:
        triggers = load_definition(files)
    except FindingsError as error:
        return list(error.findings)
    findings = check(triggers)
    if not any(finding.severity is Severity.ERROR for finding in findings):
        every = [dialect.name for dialect in loadable_dialects()] if "all" in dialects else dialects
        for name in dict.fromkeys(every):
            findings += [finding for finding in _translation(triggers, name, target_version) if finding not in findings]
    return findings


def _translation(triggers: TriggerSet, dialect: str, target_version: str | None) -> list[Finding]:
    from xtrig.checks import check_translation
    from xtrig.registry import get_dialect
    from xtrig.resolve import resolve

    target = get_dialect(dialect)
    found = check_translation(resolve(triggers), target, target.parse_version(target_version))
    return [finding.at(triggers.locate(finding.path)) for finding in found]


def _summary(findings: list[Finding]) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if not findings:
        return "no findings"
    return f"{errors} error{'s' if errors != 1 else ''}, {len(findings) - errors} other"
