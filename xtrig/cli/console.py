"""The console that tables for people are printed on."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from rich.console import Console

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
