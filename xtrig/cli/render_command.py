"""``xtrig render``."""

from __future__ import annotations

import click

from xtrig.cli import print_json
from xtrig.cli.exits import print_findings
from xtrig.cli.parameters import dialect_option, files_argument, form_option, load_definition, version_option


@click.command("render")
@files_argument
@dialect_option("See: xtrig dialects.", default="postgresql", show_default=True)
@version_option
@click.option("--drop", is_flag=True, help="Print the script that removes what render creates. It keeps the tables.")
@click.option("--with-data", is_flag=True, help="With --drop: drop the tables and what they recorded, too.")
@form_option("sql", "json", help_text="sql (the default) or json.")
def command(
    files: tuple[str, ...], dialect: str, target_version: str | None, drop: bool, with_data: bool, form: str
) -> None:
    """Print the SQL of a definition for one dialect.

    FILE is a YAML or JSON definition; several make one set, '-' is stdin. Without one, xtrig.yaml in this
    folder or the nearest one above it is used.

    \b
      xtrig render --dialect polardb
      xtrig render audit.yaml --target-version 17 | psql -v ON_ERROR_STOP=1 mydb
      xtrig render audit.yaml --drop
    """
    from xtrig.render import render

    if with_data and not drop:
        raise click.UsageError("--with-data goes with --drop", click.get_current_context())
    script = render(load_definition(files), dialect, target_version=target_version, drop=drop, with_data=with_data)
    print_findings(script.warnings)
    if form == "json":
        print_json(script.to_dict())
    else:
        click.echo(str(script), nl=False)
