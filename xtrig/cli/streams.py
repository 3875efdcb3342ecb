"""What reaches the terminal: nothing on success with ``--quiet``, and a question before a change."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import wraps
from io import StringIO
from typing import Any, TypeVar

import click

from xtrig.cli.exits import Exit

Command = TypeVar("Command", bound=Callable[..., Any])


def quiet_option(command: Command) -> Command:
    """Add --quiet."""

    @wraps(command)
    def run(*arguments: Any, quiet: bool, **options: Any) -> Any:
        return _kept_back(lambda: command(*arguments, **options)) if quiet else command(*arguments, **options)

    return click.option("-q", "--quiet", is_flag=True, help="Print nothing if the exit code is 0, and all if not.")(run)  # type: ignore[return-value]


def _kept_back(command: Callable[[], Any]) -> Any:
    out, err = StringIO(), StringIO()
    is_ok = False
    try:
        with redirect_stdout(out), redirect_stderr(err):
            result = command()
        is_ok = not result
    except click.exceptions.Exit as left:
        is_ok = not left.exit_code
        raise
    finally:
        if not is_ok:
            click.echo(out.getvalue(), nl=False)
            click.echo(err.getvalue(), err=True, nl=False)
    return result


def may_ask() -> bool:
    """Whether somebody sits at a terminal who can answer a question."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(question: str) -> None:
    """Ask on stderr, and end the command with exit code 1 unless the answer is yes."""
    if not click.confirm(question, err=True):
        click.echo("xtrig: nothing was changed", err=True)
        raise click.exceptions.Exit(Exit.FINDINGS)


yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask. Without a terminal nothing is asked anyway.")
