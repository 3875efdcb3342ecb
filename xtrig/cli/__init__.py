"""The command line. stdout is data and nothing else; stderr and the exit code say how it went."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from io import TextIOWrapper
from typing import Any, ClassVar

import click

from xtrig.cli.exits import Exit, UnwrittenError, explain


class LazyGroup(click.Group):
    """Imports the module of a command when that command runs; help imports none."""

    words: ClassVar[Mapping[str, str]]
    """The commands, each with what it does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Print the help where no command is named; click's own way is another in each of its versions."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(Exit.USAGE)
        return super().parse_args(ctx, args)

    def place_of(self, name: str) -> tuple[str, str]:
        """Return the module of a command, and the name that it has there."""
        raise NotImplementedError

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of help."""
        return list(self.words)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.words:
            return None
        module, name = self.place_of(cmd_name)
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.words.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with, or say which one is near."""
        from xtrig.errors import suggest

        if args and args[0] not in self.words and not args[0].startswith("-"):
            raise click.UsageError(f"there is no command {args[0]!r}; {suggest(args[0], self.words, 'commands')}")
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            _refuse_twice(command.context_class(command, parent=ctx, info_name=name), list(rest))
        return name, command, rest


def _refuse_twice(ctx: click.Context, args: list[str]) -> None:
    """Refuse an option with a value that is given twice where one is meant: click obeys the last and says nothing."""
    _, _, given = ctx.command.make_parser(ctx).parse_args(args)
    for each in given:
        if isinstance(each, click.Option) and not (each.multiple or each.is_flag) and given.count(each) > 1:
            raise click.UsageError(f"{each.opts[-1]} is given {given.count(each)} times; give it once", ctx)


_COMMANDS = {
    "apply": "Make a database what a definition says, and prove that people can log in.",
    "audit": "Read what was recorded: sessions, refused logins, DDL, signs of tampering.",
    "check": "Say what is wrong with a definition.",
    "dialects": "List the dialects, or show what one can do.",
    "disable": "Keep the triggers of a definition from firing.",
    "doctor": "Say what makes logon triggers unsafe on a server, and the way back in.",
    "drop": "Take away all that a definition made in a database.",
    "enable": "Let disabled triggers fire again, and prove that people can log in.",
    "explain": "Say in words what a trigger does on each dialect.",
    "import": "Turn triggers of a script or of a database into a definition.",
    "init": "Write a commented definition to start from.",
    "plan": "Show what applying a definition would change in a database.",
    "render": "Print the SQL of a definition for one dialect.",
    "schema": "Print the JSON Schema of definition files.",
    "status": "Say whether a database is as a definition says.",
    "try": "Run a definition on a real server and show what it did.",
}


class _Commands(LazyGroup):
    words: ClassVar[Mapping[str, str]] = _COMMANDS

    def place_of(self, name: str) -> tuple[str, str]:
        if name in ("disable", "enable"):
            return "xtrig.cli.switch_commands", name
        # Not all names of commands can be names of modules: import and try are words of Python.
        return "xtrig.cli.audit" if name == "audit" else f"xtrig.cli.{name}_command", "command"

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OSError as error:
            raise UnwrittenError(error) from error


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from xtrig import __version__

        click.echo(f"xtrig {__version__}")
        ctx.exit()


def _print_completion(ctx: click.Context, _: click.Parameter, shell: str | None) -> None:
    if shell:
        from click.shell_completion import get_completion_class

        completion = get_completion_class(shell)
        if completion is not None:
            click.echo(completion(ctx.command, {}, "xtrig", "_XTRIG_COMPLETE").source())
        ctx.exit()


def print_json(data: object) -> None:
    """Print data to stdout as JSON."""
    from xtrig.sqltext import as_json

    click.echo(as_json(data))


def print_output(output: str, data: Mapping[str, Any]) -> None:
    """Print one of the outputs of :mod:`xtrig.outputs` to stdout as JSON."""
    print_json({**output_head(output), **data})


def output_head(output: str) -> dict[str, str | int]:
    """Return what every output begins with: its name, the number of its format, and xtrig's version."""
    from xtrig import __version__
    from xtrig.outputs import OUTPUTS

    return {"output": output, "format": OUTPUTS[output].format, "xtrig": __version__}


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 findings or a refusal, 2 the database differs, 3 a database error, 64 wrong usage.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
@click.option(
    "--completion",
    type=click.Choice(["bash", "zsh", "fish"]),
    is_eager=True,
    expose_value=False,
    callback=_print_completion,
    help='Print the completion script of a shell, for: eval "$(xtrig --completion bash)"',
)
def group() -> None:
    """Logon, logoff and DDL triggers, written once for any database vendor.

    Start with 'xtrig init', look at 'xtrig render --dialect polardb', see it fire with 'xtrig try'.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line and leave with its exit code."""
    # Imports make many objects that stay: collecting among them takes an eighth of the time of `render`.
    gc.set_threshold(100_000)
    # Nor does the end of the process need a search for what nothing refers to: that takes a twentieth.
    atexit.register(gc.freeze)
    # Whatever package brings a plugin for pydantic: looking for one reads the metadata of all that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if isinstance(sys.stdout, TextIOWrapper):
        # Definitions and SQL are UTF-8 whatever the terminal's locale says.
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        code = group.main(args=arguments, prog_name="xtrig", standalone_mode=False)
        if sys.stdout is not None:  # where it is closed, as by >&-
            sys.stdout.flush()
    except BaseException as error:
        code = explain(error)
    sys.exit(code if isinstance(code, int) else Exit.OK)
