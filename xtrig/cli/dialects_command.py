"""``xtrig dialects``."""

from __future__ import annotations

import json

import click

from xtrig.cli.parameters import complete_dialect, loadable_dialects, version_option
from xtrig.dialect import Dialect


@click.command("dialects")
@click.argument("name", required=False, metavar="[DIALECT]", shell_complete=complete_dialect)
@version_option
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="text or json.")
def command(name: str | None, target_version: str | None, form: str) -> None:
    """List the dialects, or show what one can do: events, session facts, and how each is known.

    With a name, the first table says what each event is on each version; what follows is for one version.

    \b
      xtrig dialects
      xtrig dialects polardb
      xtrig dialects postgresql --target-version 16
    """
    from xtrig.cli.dialects_text import as_data, as_text, brief
    from xtrig.registry import get_dialect

    if name is None:
        if target_version is not None:
            raise click.UsageError("--target-version goes with the name of a dialect", click.get_current_context())
        dialects = loadable_dialects()
        click.echo(json.dumps([brief(each) for each in dialects], indent=2) if form == "json" else _list(dialects))
    else:
        dialect = get_dialect(name)
        version = dialect.parse_version(target_version)
        data = as_data(dialect, version)
        click.echo(json.dumps(data, indent=2) if form == "json" else as_text(dialect, version))


def _list(dialects: list[Dialect]) -> str:
    width = max((len(dialect.name) for dialect in dialects), default=0)
    return "\n".join(
        f"{dialect.name:<{width}}  {dialect.title}; versions {', '.join(dialect.versions)}, "
        f"default {dialect.default_version}"
        for dialect in dialects
    )
