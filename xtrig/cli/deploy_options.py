"""Options of the commands that deploy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from xtrig.cli.parameters import complete_dialect

Command = TypeVar("Command", bound=Callable[..., Any])

URL_HELP = (
    "The database: postgresql://user@host/dbname, or a connection string of libpq such as 'service=name'. Without "
    "it, XTRIG_DATABASE_URL and libpq's PG* variables. Keep the password in ~/.pgpass or PGPASSWORD: others can "
    "see a command line."
)


def database_options(command: Command) -> Command:
    """Add --url and --dialect."""
    dialect = click.option(
        "-d",
        "--dialect",
        metavar="DIALECT",
        shell_complete=complete_dialect,
        help="See: xtrig dialects. Without it, the one that knows the server.",
    )
    return click.option("--url", metavar="URL", help=URL_HELP)(dialect(command))


def form_option(command: Command) -> Command:
    """Add --format."""
    choice = click.Choice(["text", "json"])
    return click.option("-f", "--format", "form", type=choice, default="text", help="text (the default) or json.")(
        command
    )


def bound_options(command: Command) -> Command:
    """Add --lock-timeout and --undo-after."""
    seconds = click.FloatRange(0.1, 3600)
    lock = click.option(
        "--lock-timeout",
        metavar="SECONDS",
        type=seconds,
        default=5.0,
        show_default=True,
        help="How long to wait for a lock, also for that of another deployment.",
    )
    undo = click.option(
        "--undo-after",
        metavar="SECONDS",
        type=seconds,
        default=60.0,
        show_default=True,
        help="When the server takes everything back by itself, should xtrig not come to the end: killed, cut off.",
    )
    return lock(undo(command))
