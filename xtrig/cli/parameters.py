"""Arguments and options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from xtrig.model import TriggerSet

Command = TypeVar("Command", bound=Callable[..., Any])


class DialectName(click.ParamType):
    """The name of an installed dialect; which ones there are is known without importing any."""

    name = "dialect"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Complete the names of installed dialects."""
        from xtrig.registry import dialect_names

        return [CompletionItem(name) for name in dialect_names() if name.startswith(incomplete)]


def files_argument(command: Command) -> Command:
    """Add FILE...: definition files, by default the nearest xtrig.yaml."""
    return click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path())(command)


def version_option(command: Command) -> Command:
    """Add --target-version."""
    return click.option(
        "--target-version",
        metavar="VERSION",
        help="The server's version, such as 17. Default: the dialect's newest.",
    )(command)


def load_definition(files: tuple[str, ...]) -> TriggerSet:
    """Return the set of the named files, of stdin for '-', or of the nearest xtrig.yaml."""
    from xtrig.load import find_definition, load, load_text

    if files == ("-",):
        return load_text(sys.stdin.buffer.read().decode(errors="surrogateescape"), "<stdin>")
    return load(*files) if files else load(_relative(find_definition()))


def _relative(path: Any) -> Any:
    from pathlib import Path

    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
