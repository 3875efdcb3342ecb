"""The console that tables for people are printed on."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from rich import box
from rich.console import Console
from rich.table import Table

PLAIN_WIDTH = 120


class _Stdout(Console):
    def on_broken_pipe(self) -> None:
        # Rich would leave with code 1; to a reader that has seen enough, as head has, nothing went wrong.
        raise BrokenPipeError


def report_console() -> Console:
    """Return the console on stdout; what is no terminal has no width of its own."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a row may hold what an ASCII terminal cannot show
    plain = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return _Stdout(file=sys.stdout, width=PLAIN_WIDTH if plain else None, highlight=False)


def plain_table(*columns: str, right: tuple[str, ...] = ("#",)) -> Table:
    """Return a table without a frame; the columns in ``right`` are set to the right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in right else "left")
    return table


def visible(text: str) -> str:
    """Return text without a character that a terminal would obey; those are written as Python escapes them."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)
