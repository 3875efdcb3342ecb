"""``xtrig init``."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path

import click

from xtrig.sqltext import one_line

_PRESETS = {
    "session-audit": "who logged in, from where, until when, and what they changed",
    "session-rows": "a row for every logon and logoff, by steps of your own",
    "ddl-audit": "a row for every DDL command and every dropped object",
    "login-policy": "refuse logins by the hour and by application (not on PolarDB)",
}
_CHECKED = {"session-rows": "all"}
"""The dialect to check for: all where each has what the preset needs."""
_RENDERED = {"login-policy": "firebird"}


@click.command("init")
@click.argument("file", default="xtrig.yaml", type=click.Path(allow_dash=True))
@click.option(
    "-p",
    "--preset",
    type=click.Choice(list(_PRESETS)),
    default="session-audit",
    show_default=True,
    help="; ".join(f"{name}: {what}" for name, what in _PRESETS.items()) + ".",
)
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def command(file: str, preset: str, force: bool) -> None:
    """Write a commented definition to start from.

    FILE is xtrig.yaml by default, '-' is stdout. A file that exists is left alone unless --force is given.

    \b
      xtrig init
      xtrig init audit.yaml --preset ddl-audit
      xtrig init - --preset login-policy
    """
    text = files("xtrig").joinpath("presets", f"{preset}.yaml").read_text("utf-8")
    if file == "-":
        click.echo(text, nl=False)
        return
    _write(Path(file), text, force)
    said = f"wrote {file} from the preset {preset}: {_PRESETS[preset]}", *_next(file, preset)
    click.echo("\n".join(map(one_line, said)), err=True)


def _write(path: Path, text: str, force: bool) -> None:
    from xtrig.errors import UsageError

    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            f"{path} exists already and was left alone; name another file, or overwrite it with --force"
        ) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; name another file") from None


def _next(file: str, preset: str) -> tuple[str, ...]:
    """Return the lines with the next commands to run; they find the default file without its name."""
    named = "" if file == "xtrig.yaml" else f" {shlex.quote(file)}"
    return (
        "next: read its comments, then",
        f"  xtrig check{named} --dialect {_CHECKED.get(preset, 'postgresql')}",
        f"  xtrig try{named}",
        f"  xtrig render{named} --dialect {_RENDERED.get(preset, 'polardb')}",
    )
