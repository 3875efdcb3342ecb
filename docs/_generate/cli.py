"""The commands, their arguments and options, out of the command line itself."""

from __future__ import annotations

import inspect
from typing import Any

import click

from _generate.cases import escaped
from xtrig.cli import group


def commands() -> str:
    """Return a section for each command."""
    context = click.Context(group, info_name="xtrig")
    names = group.list_commands(context)
    return "\n\n".join(_sections(name, group.get_command(context, name), context) for name in names)


def _sections(name: str, command: Any, context: click.Context) -> str:
    """Return the section of a command, and those of its subcommands."""
    if not isinstance(command, click.Group):
        return _section(name, command)
    within = click.Context(command, parent=context, info_name=name)
    subcommands = [(f"{name} {each}", command.get_command(within, each)) for each in command.list_commands(within)]
    parts = [f"### xtrig {name}", _prose(command.help), *(_section(*each) for each in subcommands)]
    return "\n\n".join(parts)


def _section(name: str, command: Any) -> str:
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    options = [each for each in command.params if isinstance(each, click.Option)]
    shown = " ".join(["xtrig", name, "[OPTION]...", *(_argument(each) for each in arguments)])
    rows = ["| option | meaning |", "|---|---|", *(_option(each) for each in options)]
    rows.append("| `-h`, `--help` | Show the command's help. |")
    return "\n\n".join([f"### xtrig {name}", f"```console\n$ {shown}\n```", _prose(command.help), "\n".join(rows)])


def _argument(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _option(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    if not option.is_flag:
        names += f" {_metavar(option)}"
    default = f" Default: `{option.default}`." if option.show_default is True else ""
    return f"| {names} | {escaped(option.help or '')}{default} |"


def _metavar(option: Any) -> str:
    if isinstance(option.type, click.Choice):
        return ", ".join(f"`{choice}`" for choice in option.type.choices)
    return f"`{option.metavar or option.type.name.upper()}`"


def _prose(text: str) -> str:
    """Return a docstring as Markdown; what follows a line with click's mark stays as it is written."""
    parts = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(_verbatim(part) if part.startswith("\b") else escaped(" ".join(part.split())) for part in parts)


def _verbatim(part: str) -> str:
    lines = [line.removeprefix("  ") for line in part.removeprefix("\b").strip("\n").splitlines()]
    return "```console\n" + "\n".join(f"$ {line}" if line.startswith("xtrig") else line for line in lines) + "\n```"
