"""Arguments and options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from xtrig.dialect import Dialect
from xtrig.errors import PluginError, UsageError
from xtrig.model import TriggerSet

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from xtrig.deploy import Canary

Command = TypeVar("Command", bound=Callable[..., Any])

URL_FORMS = "postgresql://user@host/dbname, or a connection string of libpq such as 'service=name'."
PASSWORD_HELP = "Keep the password in ~/.pgpass or PGPASSWORD: others can see a command line."  # noqa: S105  # help text
URL_HELP = f"The database: {URL_FORMS} Without it, XTRIG_DATABASE_URL and libpq's PG* variables. {PASSWORD_HELP}"


_VARIABLES = "xtrig.variables"
"""Where the context of a command keeps what --var has given."""


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
    from click.shell_completion import CompletionItem

    # click.Path would complete files too, but it fails on a name with a NUL character.
    return [CompletionItem(incomplete, type="file")]


def files_argument(command: Command) -> Command:
    """Add FILE...: definition files or ``module:NAME``, by default the nearest xtrig.yaml; and --var."""
    variable = click.option(
        "--var",
        metavar="NAME=VALUE",
        multiple=True,
        expose_value=False,
        callback=_keep_variables,
        help="The value of ${vars.NAME} in the definition. Repeatable.",
    )
    return click.argument("files", metavar="[FILE]...", nargs=-1, shell_complete=_complete_file)(variable(command))


def _keep_variables(ctx: click.Context, _: click.Parameter, given: tuple[str, ...]) -> None:
    pairs = [each.partition("=") for each in given]
    for text, (name, equals, _value) in zip(given, pairs, strict=True):
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", ctx)
    ctx.meta[_VARIABLES] = {name: value for name, _, value in pairs}


def version_option(command: Command) -> Command:
    """Add --target-version."""
    return click.option(
        "--target-version",
        metavar="VERSION",
        help="The server's version, such as 17. The default is in: xtrig dialects.",
    )(command)


def load_definition(files: tuple[str, ...], variables: Mapping[str, Any] | None = None) -> TriggerSet:
    """Return the set of the named files and ``module:NAME``, of stdin for '-', or of the nearest xtrig.yaml.

    ``variables`` are those of a database; those of --var go before them.
    """
    from xtrig.load import find_definition, load, load_stream, merge
    from xtrig.load.references import is_reference, load_reference

    known = {**(variables or {}), **click.get_current_context().meta.get(_VARIABLES, {})}
    if "-" in files:
        if len(files) > 1:
            raise UsageError("'-' stands for one definition on stdin; name the other files in a call of their own")
        if sys.stdin is None:
            raise UsageError("stdin is closed, so there is no definition on it; name a file")
        return load_stream(sys.stdin.buffer, "<stdin>", variables=known)
    if any(map(is_reference, files)):
        return merge([load_reference(each) if is_reference(each) else load(each, variables=known) for each in files])
    return load(*(files or (_relative(find_definition()),)), variables=known)


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def dialect_option(help_text: str, *names: str, **more: Any) -> Callable[[Command], Command]:
    """Return the option for a dialect; ``names`` are ``-d`` and ``--dialect`` by default."""
    return click.option(
        *(names or ("-d", "--dialect")), metavar="DIALECT", shell_complete=complete_dialect, help=help_text, **more
    )


server_dialect_option = dialect_option("See: xtrig dialects. Without it, the one that knows the server.")


def form_option(*choices: str, help_text: str) -> Callable[[Command], Command]:
    """Return the option for the output format; the first of ``choices`` is the default."""
    return click.option("-f", "--format", "form", type=click.Choice(choices), default=choices[0], help=help_text)


text_or_json_option = form_option("text", "json", help_text="text (the default) or json.")


class Seconds(click.FloatRange):
    """A number of seconds between bounds, which NaN is not: nothing is less or more than that."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number. Raises click's error for what is none."""
        found: float = super().convert(value, param, ctx)
        if isnan(found):
            self.fail(f"{value!r} is not a valid {self.name}.", param, ctx)
        return found


def bound_options(command: Command) -> Command:
    """Add --lock-timeout and --undo-after."""
    seconds = Seconds(0.1, 3600)
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


def canary_options(command: Command) -> Command:
    """Add who proves that people can log in: --canary-role, --canary-url, --login-timeout, and what does without."""
    options: list[Callable[[Any], Any]] = [
        click.option(
            "--canary-role",
            "roles",
            metavar="ROLE",
            multiple=True,
            help="Rehearse the functions as this role, too. Needs a superuser, and no password of the role's.",
        ),
        click.option(
            "--canary-url",
            "urls",
            metavar="URL",
            multiple=True,
            help="Log in with this, too, once the triggers are live: best as an ordinary role.",
        ),
        click.option(
            "--login-timeout",
            metavar="SECONDS",
            type=Seconds(2, 600),
            default=10.0,
            show_default=True,
            help="After how long a login counts as hanging.",
        ),
        click.option(
            "--no-canary", is_flag=True, help="Work in one transaction, without rehearsal, canary and logins."
        ),
        click.option(
            "--accept-errors",
            is_flag=True,
            help="Go on although a step, or a trigger on a command, fails in the rehearsal; the report says which.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def canary_of(
    roles: tuple[str, ...], urls: tuple[str, ...], login_timeout: float, *, no_canary: bool, accept_errors: bool
) -> Canary | None:
    """Return who proves a deployment, as the options say; None: nobody."""
    from xtrig.deploy import Canary

    if not no_canary:
        return Canary(roles, urls, login_timeout, accept_errors=accept_errors)
    if roles or urls or accept_errors:
        message = "--canary-role, --canary-url and --accept-errors do not go with --no-canary"
        raise click.UsageError(message, click.get_current_context())
    return None
