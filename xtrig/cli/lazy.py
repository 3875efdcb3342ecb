"""Groups of commands that are imported one by one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import click


class LazyGroup(click.Group):
    """Imports a command's module when that command runs, and none for the list of them."""

    words: ClassVar[Mapping[str, str]]
    """The commands, each with what it does."""
    module: ClassVar[str]
    """The module of a command, which has it as ``command``; ``{}`` stands for its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of help."""
        return list(self.words)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.words:
            return None
        command: click.Command = import_module(self.module.format(cmd_name)).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.words.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with, or say which one is near."""
        from xtrig.nearest import suggest

        if args and args[0] not in self.words and not args[0].startswith("-"):
            raise click.UsageError(f"there is no command {args[0]!r}; {suggest(args[0], self.words, 'commands')}")
        return super().resolve_command(ctx, args)
