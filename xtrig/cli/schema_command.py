"""``xtrig schema``."""

from __future__ import annotations

import click

from xtrig.cli import print_json
from xtrig.outputs import OUTPUTS


@click.command("schema")
@click.argument("output", type=click.Choice(list(OUTPUTS)), required=False)
def command(output: str | None) -> None:
    """Print the JSON Schema of definition files, or of what a command prints with --format json.

    That of definitions, named in the first line of one, makes editors complete and check it:

    \b
      xtrig schema > xtrig.schema.json
      # yaml-language-server: $schema=xtrig.schema.json
      xtrig schema plan
    """
    from xtrig.model.triggers import json_schema
    from xtrig.outputs import schema

    print_json(json_schema() if output is None else schema(output))
