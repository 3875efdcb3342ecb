"""``xtrig doctor``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from xtrig.cli import print_output
from xtrig.cli.many.targets import Selection, database_options
from xtrig.cli.parameters import dialect_option, form_option
from xtrig.cli.streams import quiet_option
from xtrig.findings import Severity
from xtrig.sqltext import one_line

if TYPE_CHECKING:
    from xtrig.dialect.doctor import Command, Problem
    from xtrig.doctor import HealthReport


@click.command("doctor")
@database_options()
@dialect_option("What the server is. The default is to ask it.")
@form_option("text", "json", help_text="text or json.")
@quiet_option
def command(on: Selection, dialect: str | None, form: str) -> None:
    """Say what makes logon triggers unsafe on a server, and how to get in when every login fails.

    Looks at one database and its server, and changes nothing: what it tries is rolled back. Print it before you
    deploy: the commands at its end are for the day when a trigger refuses everybody. An ordinary role may ask too; what
    it cannot see is named. Of a PolarDB it says what no page of the vendor's does.

    The exit code is 1 if there is an error or a warning.

    \b
      xtrig doctor --url postgresql://postgres@localhost/shop
      xtrig doctor --format json
    """
    from xtrig.cli.exits import Exit
    from xtrig.cli.many.outcomes import diagnosed
    from xtrig.cli.many.run import run_many
    from xtrig.doctor import examine

    if not on.is_one:
        run_many("doctor", on, partial(diagnosed, dialect=dialect), form=form, dialect=dialect)
    report = examine(on.url, dialect)
    if form == "json":
        print_output("doctor", report.to_dict())
    else:
        print_health_report(report)
    if not report.is_safe:
        raise click.exceptions.Exit(Exit.FINDINGS)


_TITLES = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.NOTE: "Notes"}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: None}
_WIDEST = 120


def print_health_report(report: HealthReport) -> None:
    """Print a report to stdout, in colour on a terminal."""
    width = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST)
    for line in health_lines(report, width):
        click.echo(line)


def health_lines(report: HealthReport, width: int) -> Iterator[str]:
    """Yield the lines of a report, with colours."""
    server = report.server
    yield one_line(f"{server.title}, database {server.database}, role {server.role}")
    if not report.problems:
        yield from ("", "Nothing was found.")
    for severity, problems in groupby(report.problems, key=lambda each: each.severity):
        yield from ("", click.style(_TITLES[severity], bold=True, fg=_COLOURS[severity]))
        for problem in problems:
            yield from _problem_lines(problem, width)
    if report.commands:
        yield from ("", click.style(report.commands_title, bold=True))
    for number, command in enumerate(report.commands, 1):
        yield from _command_lines(number, command, width)


def _problem_lines(problem: Problem, width: int) -> Iterator[str]:
    said = one_line(f"{problem.subject}: {problem.message} [{problem.name}]")
    yield from wrap(said, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    remedy = one_line(problem.remedy)
    yield from wrap(remedy, width, initial_indent="    -> ", subsequent_indent="       ", break_on_hyphens=False)


def _command_lines(number: int, command: Command, width: int) -> Iterator[str]:
    yield ""
    yield from wrap(f"{number}. {one_line(command.purpose)}", width, initial_indent="  ", subsequent_indent="     ")
    yield from _to_copy(command.text)
    if command.afterwards:
        yield "     and afterwards:"
        yield from _to_copy(command.afterwards)


def _to_copy(text: str) -> Iterator[str]:
    # Not wrapped, so that it can be copied.
    yield from (f"       {one_line(line)}" for line in text.splitlines())
