"""The terminal: tables for people on stdout, progress on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

import click
from rich import box
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from xtrig.progress import Progress
from xtrig.sqltext import one_line

PLAIN_WIDTH = 120
_DIGITS = 5


class _Stdout(Console):
    def on_broken_pipe(self) -> None:
        # Rich exits with 1. When a reader such as head closes the pipe early, that is no error.
        raise BrokenPipeError


def report_console() -> Console:
    """Return the console on stdout; it is PLAIN_WIDTH wide if that is no terminal and COLUMNS is not set."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # a row may hold characters that an ASCII terminal cannot show
    known = _environment()
    plain = not sys.stdout.isatty() and "COLUMNS" not in known
    return _Stdout(file=sys.stdout, width=PLAIN_WIDTH if plain else None, highlight=False, _environ=known)


def _environment() -> dict[str, str]:
    """Return the environment without a size of the terminal that Rich could not count with."""
    sizes = {name: os.environ[name] for name in ("COLUMNS", "LINES") if name in os.environ}
    odd = {name for name, size in sizes.items() if not (size.isascii() and size.isdigit() and len(size) <= _DIGITS)}
    return {name: value for name, value in os.environ.items() if name not in odd}


def plain_table(*columns: str, right: tuple[str, ...] = ("#",)) -> Table:
    """Return a table without a frame; the columns in ``right`` are set to the right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in right else "left")
    return table


def visible(text: str) -> str:
    """Return text with control characters written as Python escapes."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)


class Lines:
    """Writes a line for each step."""

    def step(self, what: str) -> None:
        """Write the step that begins."""
        click.echo(f"xtrig: {one_line(what)}", err=True)

    def note(self, what: str) -> None:
        """Write a note for the user."""
        click.echo(f"xtrig: note: {one_line(what)}", err=True)


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield the progress callback of a command: a spinner on a terminal, else a line for each step."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    status = Status("getting ready", console=Console(stderr=True, _environ=_environment()))

    class Spinner:
        def step(self, what: str) -> None:
            status.update(Text(what))

        def note(self, what: str) -> None:
            status.console.print(Text(f"note: {what}"))

    with status:
        yield Spinner()
