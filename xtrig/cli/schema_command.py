"""``xtrig schema``."""

from __future__ import annotations

import click

from xtrig.cli import print_json


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of definition files.

    Save it, and name it in the first line of a definition, so that editors complete and check it:

    \b
      xtrig schema > xtrig.schema.json
      # yaml-language-server: $schema=xtrig.schema.json
    """
    from xtrig.model.triggers import json_schema

    print_json(json_schema())
