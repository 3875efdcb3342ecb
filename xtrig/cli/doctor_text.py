"""A diagnosis for people: the worst first, and the commands for an emergency as they are to be copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap

import click

from xtrig.dialect.doctor import Ailment, Command
from xtrig.doctor import Diagnosis
from xtrig.findings import Severity
from xtrig.sqltext import one_line

_TITLES = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.NOTE: "Notes"}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: None}
_WIDEST = 120


def print_diagnosis(diagnosis: Diagnosis) -> None:
    """Print it to stdout; the colours of a terminal are gone where there is none."""
    width = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST)
    for line in _lines(diagnosis, width):
        click.echo(line)


def _lines(diagnosis: Diagnosis, width: int) -> Iterator[str]:
    server = diagnosis.server
    yield one_line(f"{server.title}, database {server.database}, role {server.role}")
    if not diagnosis.ailments:
        yield from ("", "Nothing was found.")
    for severity, ailments in groupby(diagnosis.ailments, key=lambda each: each.severity):
        yield from ("", click.style(_TITLES[severity], bold=True, fg=_COLOURS[severity]))
        for ailment in ailments:
            yield from _ailment_lines(ailment, width)
    if diagnosis.commands:
        yield from ("", click.style("If nobody can log in any more:", bold=True))
    for number, command in enumerate(diagnosis.commands, 1):
        yield from _command_lines(number, command, width)


def _ailment_lines(ailment: Ailment, width: int) -> Iterator[str]:
    said = one_line(f"{ailment.subject}: {ailment.message} [{ailment.name}]")
    yield from wrap(said, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    remedy = one_line(ailment.remedy)
    yield from wrap(remedy, width, initial_indent="    -> ", subsequent_indent="       ", break_on_hyphens=False)


def _command_lines(number: int, command: Command, width: int) -> Iterator[str]:
    yield ""
    yield from wrap(f"{number}. {one_line(command.purpose)}", width, initial_indent="  ", subsequent_indent="     ")
    yield from _to_copy(command.text)
    if command.afterwards:
        yield "     and afterwards:"
        yield from _to_copy(command.afterwards)


def _to_copy(text: str) -> Iterator[str]:
    # Never wrapped: a line that is copied has to be whole.
    yield from (f"       {one_line(line)}" for line in text.splitlines())
