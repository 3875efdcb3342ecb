"""Arguments and options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from xtrig.dialect import Dialect
from xtrig.errors import PluginError, UsageError
from xtrig.model import TriggerSet

Command = TypeVar("Command", bound=Callable[..., Any])

URL_FORMS = "postgresql://user@host/dbname, or a connection string of libpq such as 'service=name'."
PASSWORD_HELP = "Keep the password in ~/.pgpass or PGPASSWORD: others can see a command line."  # noqa: S105  # help text
URL_HELP = f"The database: {URL_FORMS} Without it, XTRIG_DATABASE_URL and libpq's PG* variables. {PASSWORD_HELP}"


def complete_dialect(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of an installed dialect, without importing any."""
    from xtrig.registry import dialect_names

    return [name for name in dialect_names() if name.startswith(incomplete)]


def loadable_dialects() -> list[Dialect]:
    """Return the installed dialects that load; for the others, print a line to stderr."""
    from xtrig.registry import dialect_names, get_dialect

    dialects: list[Dialect] = []
    for name in dialect_names():
        try:
            dialects.append(get_dialect(name))
        except PluginError as error:
            click.echo(f"xtrig: {error}", err=True)
    return dialects


def _complete_file(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    # click.Path would complete files too, but it fails on a name with a NUL character.
    return [CompletionItem(incomplete, type="file")]


def files_argument(command: Command) -> Command:
    """Add FILE...: definition files or ``module:NAME``, by default the nearest xtrig.yaml."""
    return click.argument("files", metavar="[FILE]...", nargs=-1, shell_complete=_complete_file)(command)


def version_option(command: Command) -> Command:
    """Add --target-version."""
    return click.option(
        "--target-version",
        metavar="VERSION",
        help="The server's version, such as 17. The default is in: xtrig dialects.",
    )(command)


def load_definition(files: tuple[str, ...]) -> TriggerSet:
    """Return the set of the named files and ``module:NAME``, of stdin for '-', or of the nearest xtrig.yaml."""
    from xtrig.load import find_definition, load, load_stream, merge
    from xtrig.load.references import is_reference, load_reference

    if "-" in files:
        if len(files) > 1:
            raise UsageError("'-' stands for one definition on stdin; name the other files in a call of their own")
        if sys.stdin is None:
            raise UsageError("stdin is closed, so there is no definition on it; name a file")
        return load_stream(sys.stdin.buffer, "<stdin>")
    if any(map(is_reference, files)):
        return merge([load_reference(each) if is_reference(each) else load(each) for each in files])
    return load(*files) if files else load(_relative(find_definition()))


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def dialect_option(help_text: str, *names: str, **more: Any) -> Callable[[Command], Command]:
    """Return the option for a dialect; ``names`` are ``-d`` and ``--dialect`` by default."""
    return click.option(
        *(names or ("-d", "--dialect")), metavar="DIALECT", shell_complete=complete_dialect, help=help_text, **more
    )


server_dialect_option = dialect_option("See: xtrig dialects. Without it, the one that knows the server.")


def database_options(command: Command) -> Command:
    """Add --url and --dialect."""
    return click.option("--url", metavar="URL", help=URL_HELP)(server_dialect_option(command))


def form_option(*choices: str, help_text: str) -> Callable[[Command], Command]:
    """Return the option for the output format; the first of ``choices`` is the default."""
    return click.option("-f", "--format", "form", type=click.Choice(choices), default=choices[0], help=help_text)


text_or_json_option = form_option("text", "json", help_text="text (the default) or json.")


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
