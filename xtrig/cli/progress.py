"""Progress on stderr: a spinner for a person, plain lines for everything else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from xtrig.listener import Listener
from xtrig.sqltext import one_line


class Lines:
    """Writes a line for each step."""

    def step(self, what: str) -> None:
        """Write what is being done."""
        click.echo(f"xtrig: {one_line(what)}", err=True)

    def note(self, what: str) -> None:
        """Write what the user has to know."""
        click.echo(f"xtrig: note: {one_line(what)}", err=True)


@contextmanager
def progress() -> Iterator[Listener]:
    """Yield a listener that writes to stderr, and takes its spinner away at the end."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.status import Status
    from rich.text import Text

    status = Status("getting ready", console=Console(stderr=True))

    class Spinner:
        def step(self, what: str) -> None:
            status.update(Text(what))

        def note(self, what: str) -> None:
            status.console.print(Text(f"note: {what}"))

    with status:
        yield Spinner()
